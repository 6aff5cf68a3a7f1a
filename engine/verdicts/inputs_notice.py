"""What is said of a dataset's inputs, before a run and by a check of the dataset alike."""

from __future__ import annotations

from engine.contract.events import DatasetInfo
from engine.verdicts.cause_words import inputs_noun
from engine.verdicts.inputs import notice_of


def inputs_notice(info: DatasetInfo) -> str:
    """That pixels, or inputs that are no pictures, have an unusual range; "" where they have the usual one."""
    return notice_of(inputs_noun(info), info.train_inputs, info.validation_inputs)
