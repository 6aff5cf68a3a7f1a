"""Whole training runs with one loss each, side by side: an epoch of one, then an epoch of the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from engine.contract.config import LossName, TrainConfig
from engine.contract.events import EpochDone, RunEvent
from engine.contract.loss_lab import LossQuestion
from engine.contract.pairs import NUMBERED_LABEL_LOSSES, YOURS

_TRAINED: tuple[LossName, ...] = ("indexing", "definition", "clipped", "integer-labels", "from-logits")


def configs(question: LossQuestion, dataset: str, epochs: int, source: str = "") -> Mapping[str, TrainConfig]:
    """For each loss that the question's labels allow, a run with everything else the same.

    All take their gradient by autograd: by the closed form no loss would be differentiated, and there would be nothing
    to compare. With the text `source` of a user's file its cross-entropy is one of them.
    """
    trained: tuple[LossName, ...] = (*_TRAINED, "yours") if source else _TRAINED
    names = [name for name in trained if not (question.smoothing and name in NUMBERED_LABEL_LOSSES)]
    return {
        name: TrainConfig(
            dataset=dataset,
            epochs=epochs,
            batch_size=question.batch_size,
            seed=question.seed,
            loss=name,
            gradient="autograd",
            device="cpu",
            dtype=cast("str", question.dtype),  # type: ignore[arg-type]  # InputError is raised by whoever starts it
            clip_epsilon=question.epsilon,
            label_smoothing=question.smoothing,
            threads=question.threads,
            mine=source if name == YOURS else "",
        )
        for name in names
    }


def side_by_side(runs: Mapping[str, Iterator[RunEvent]]) -> Iterator[tuple[str, RunEvent]]:
    """The events of all runs with their names. A run goes on to the end of its epoch, then it is the next one's turn.

    So what slows the machine down for a while hits all of them alike.
    """
    left = dict(runs)
    while left:
        for name, events in list(left.items()):
            for event in events:
                yield name, event
                if isinstance(event, EpochDone):
                    break
            else:
                del left[name]
