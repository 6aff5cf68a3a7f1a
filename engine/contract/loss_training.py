"""What is told of training with each loss side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, get_args

from msgspec import Meta, Struct

from engine.contract.config import LossName
from engine.contract.events import EpochDone, Status
from engine.contract.loss_lab import Spread
from engine.contract.quantities import Count, Seconds, Text, Texts, expect

TrainedLoss = Annotated[str, Meta(max_length=100, pattern=f"^({'|'.join(get_args(LossName))})$")]


class LossTrained(Struct, frozen=True, kw_only=True, tag="trained", tag_field="type"):
    """A whole run with one loss. `spread` is of the seconds of an epoch, its evaluation included.

    The losses and the accuracy are the last epoch's, nan where none ended.
    """

    loss: TrainedLoss
    run_id: Text
    status: Status
    epochs: Count
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    seconds: Seconds
    spread: Spread

    @classmethod
    def of(cls, loss: str, run_id: str, status: Status, epochs: Sequence[EpochDone], seconds: float) -> LossTrained:
        """What came of a run with that loss, or has come of it by now, of these epochs in so many seconds."""
        last = epochs[-1] if epochs else None
        return cls(
            loss=loss,
            run_id=run_id,
            status=status,
            epochs=len(epochs),
            train_loss=last.train_loss if last else math.nan,
            validation_loss=last.validation_loss if last else math.nan,
            validation_accuracy=last.validation_accuracy if last else math.nan,
            seconds=seconds,
            spread=Spread.of([epoch.seconds for epoch in epochs]),
        )


class LossTrainingStarted(Struct, frozen=True, kw_only=True, tag="loss_training_started", tag_field="type"):
    """Runs with each loss begin, by their names in the order in which they are told of."""

    losses: tuple[TrainedLoss, ...]
    run_ids: Texts
    epochs: Count

    def __post_init__(self) -> None:
        expect(len(self.run_ids) == len(self.losses), "a run for each loss")


class LossEpochDone(Struct, frozen=True, kw_only=True, tag="loss_epoch", tag_field="type"):
    """An epoch of the run with one loss."""

    loss: TrainedLoss
    epoch: EpochDone


class LossTrainingDone(Struct, frozen=True, kw_only=True, tag="loss_training_done", tag_field="type"):
    """The last event of the runs with each loss; `reason` says who ended them early."""

    status: Status
    trained: tuple[LossTrained, ...]
    reason: Text = ""


LossTrainingEvent = LossTrainingStarted | LossEpochDone | LossTrained | LossTrainingDone
