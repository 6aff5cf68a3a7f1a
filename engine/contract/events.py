"""What a job says, in the past tense. A run is told completely by its events."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.history import LossCell, joined
from engine.contract.quantities import (
    Channels,
    Count,
    Epoch,
    OneOrMore,
    Rate,
    Seconds,
    Share,
    Side,
    Text,
    Texts,
    expect,
)

Status = Literal["running", "finished", "stopped", "interrupted", "diverged", "failed"]


# What a model is judged on; the test part is kept for the end.
JudgedPart = Literal["validation", "test"]


class InputRange(Struct, frozen=True, kw_only=True):
    """Least and greatest input of a part as it is trained on, and the root mean square of (a sample of) them all."""

    low: float
    high: float
    typical: float

    @property
    def largest(self) -> float:
        """The largest magnitude of an input."""
        return max(abs(self.low), abs(self.high))

    @property
    def words(self) -> str:
        """The range, for people."""
        return f"from {self.low:z.3g} to {self.high:z.3g}".replace("-", "−")


class DatasetInfo(Struct, frozen=True, kw_only=True):
    """What a viewer has to know of the data. The image sizes are 0 where the inputs are no pictures.

    A pixel has `image_channels` inputs: 1 of a grey picture, 3 or 4 of a colour picture. `test_size` images are kept
    for the final judgement. The ranges are of the inputs as they are trained on; None of runs that were
    stored before there were any.
    """

    name: Text
    train_size: Count
    validation_size: Count
    num_features: Count
    num_classes: Count
    image_height: Side
    image_width: Side
    label_names: Texts
    checksum: Text
    train_inputs: InputRange | None = None
    validation_inputs: InputRange | None = None
    image_channels: Channels = 1
    test_size: Count = 0

    def __post_init__(self) -> None:
        expect(len(self.label_names) == self.num_classes, "a label name for each class")
        expect(self.image_values in (0, self.num_features), "a pixel for each feature of a picture")
        expect((self.image_height == 0) == (self.image_width == 0), "pictures with a height and a width")

    def size_of(self, part: JudgedPart) -> int:
        """Images of a part that models are judged on."""
        return self.test_size if part == "test" else self.validation_size

    @property
    def image_values(self) -> int:
        """Numbers of a picture, 0 where the inputs are no pictures."""
        return self.image_height * self.image_width * self.image_channels


class Started(Struct, frozen=True, kw_only=True, tag="started", tag_field="type"):
    """A run begins, or goes on at `minibatch` of the epoch after `epochs_done`. `config` is resolved."""

    run_id: Text = ""
    config: TrainConfig
    device: Text
    dataset: DatasetInfo
    minibatches_per_epoch: OneOrMore
    cell_width: OneOrMore
    epochs_done: Count = 0
    minibatch: Count = 0

    def __post_init__(self) -> None:
        expect(self.epochs_done <= self.config.epochs, "no more epochs done than there are")
        expect(self.minibatch <= self.minibatches_per_epoch, "a minibatch of the epoch")


class MinibatchesDone(Struct, frozen=True, kw_only=True, tag="minibatches", tag_field="type"):
    """A stretch of consecutive minibatches: the first is number `position` of the run, counted from 0."""

    position: Count
    count: Count
    images: Count
    cells: tuple[LossCell, ...]

    def __post_init__(self) -> None:
        expect(all(left.index < right.index for left, right in pairwise(self.cells)), "cells in their order")


class EpochDone(Struct, frozen=True, kw_only=True, tag="epoch", tag_field="type"):
    """An epoch, counted from 1, and what the validation set says after it.

    `train_loss` is the mean over the epoch's images of the loss at the time each was seen. `seconds` is the time that
    its training and evaluation took.
    """

    epoch: Epoch
    train_loss: float
    train_accuracy: Share
    validation_loss: float
    validation_accuracy: Share
    seconds: Seconds
    learning_rate: float


class Remedy(Struct, frozen=True, kw_only=True):
    """What another pair of softmax and loss gives for the example that broke."""

    softmax: Text
    loss: Text
    value: float


class Autopsy(Struct, frozen=True, kw_only=True):
    """The first example whose loss is not finite, with every number on the way to it.

    `image_index` counts in the training set. `trace` has one row, the example's; `cause` is one sentence.
    """

    image_index: Count
    label: Count
    label_name: Text
    logits: tuple[float, ...]
    exponentials: tuple[float, ...]
    partition: float
    probabilities: tuple[float, ...]
    loss: float
    cause: Text
    remedies: tuple[Remedy, ...]

    def __post_init__(self) -> None:
        # A softmax of the user's own has no exponentials to show.
        classes = {len(self.logits), len(self.exponentials) or len(self.logits), len(self.probabilities)}
        expect(len(classes) == 1, "logit, exponential and probability of each class")
        expect(self.label < len(self.logits), "the label of a class")


class Diverged(Struct, frozen=True, kw_only=True, tag="diverged", tag_field="type"):
    """The loss of a minibatch (both counted from 1) was not finite."""

    epoch: Count
    minibatch: Count
    autopsy: Autopsy


class LabelsExamined(Struct, frozen=True, kw_only=True, tag="labels_examined", tag_field="type"):
    """Whether training images and labels go together, told before the end of a run that learned next to nothing.

    A linear model fitted on each half of `images` training images is right on the share `accuracy` of the other half,
    in a binomial interval of 99 % from `low` to `high`. Labels that are independent of the images give `chance`.
    `guessing_loss` is the loss of answering with the shares of the classes, in nats. "unclear": too few images to tell.
    """

    images: Count
    accuracy: Share
    low: Share
    high: Share
    chance: Share
    guessing_loss: float
    verdict: Literal["related", "unrelated", "unclear"]


class Finished(Struct, frozen=True, kw_only=True, tag="finished", tag_field="type"):
    """The last event of every run. `seconds` counts training and evaluation, not loading, pauses or pace."""

    run_id: Text = ""
    status: Status
    seconds: Seconds
    images_per_second: Rate
    reason: Text = ""


RunEvent = Started | MinibatchesDone | EpochDone | Diverged | LabelsExamined | Finished


def merge(first: MinibatchesDone, second: MinibatchesDone) -> MinibatchesDone:
    """Two stretches, the second following the first, as one that says the same."""
    return MinibatchesDone(
        position=first.position,
        count=first.count + second.count,
        images=first.images + second.images,
        cells=joined(first.cells, second.cells),
    )
