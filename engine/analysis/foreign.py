"""What another program predicted, as Decide computes from it."""

from __future__ import annotations

from engine.analysis.evidence import Evidence
from engine.contract.errors import InputError
from engine.data.brought.predictions import Predicted
from engine.verdicts.one_line import one_line


def evidence_of(predicted: Predicted) -> Evidence:
    """The scores as they are.

    Raises:
        InputError: they are too large to compute with, or there are only labels.
    """
    if predicted.scores is None:
        raise InputError(
            f"{one_line(predicted.path)}: holds predicted labels only. Decide needs a probability or a logit for each "
            "class; Mistakes and the confusion matrix take this file"
        )
    of = Evidence.of_logits if predicted.kind == "logits" else Evidence.of_probabilities
    return of(predicted.scores, predicted.labels, predicted.label_names, one_line(predicted.path))
