"""What a job says, in the past tense. A run is told completely by its events."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.history import LossCell, joined
from engine.contract.inputs import InputRange

Status = Literal["running", "finished", "stopped", "interrupted", "diverged", "failed"]


class DatasetInfo(Struct, frozen=True, kw_only=True):
    """What a viewer has to know of the data. The image sizes are 0 where the inputs are no pictures.

    The ranges are of the inputs as they are trained on; None of runs that were stored before there were any.
    """

    name: str
    train_size: int
    validation_size: int
    num_features: int
    num_classes: int
    image_height: int
    image_width: int
    label_names: tuple[str, ...]
    checksum: str
    train_inputs: InputRange | None = None
    validation_inputs: InputRange | None = None


class Started(Struct, frozen=True, kw_only=True, tag="started", tag_field="type"):
    """A run begins, or goes on at `minibatch` of the epoch after `epochs_done`. `config` is resolved."""

    run_id: str = ""
    config: TrainConfig
    device: str
    dataset: DatasetInfo
    minibatches_per_epoch: int
    cell_width: int
    epochs_done: int = 0
    minibatch: int = 0


class MinibatchesDone(Struct, frozen=True, kw_only=True, tag="minibatches", tag_field="type"):
    """A stretch of consecutive minibatches: the first is number `position` of the run, counted from 0."""

    position: int
    count: int
    images: int
    cells: tuple[LossCell, ...]


class EpochDone(Struct, frozen=True, kw_only=True, tag="epoch", tag_field="type"):
    """An epoch, counted from 1, and what the validation set says after it.

    `train_loss` is the mean over the epoch's images of the loss at the time each was seen. `seconds` is the time that
    its training and evaluation took.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    learning_rate: float


class Remedy(Struct, frozen=True, kw_only=True):
    """What another pair of softmax and loss gives for the example that broke."""

    softmax: str
    loss: str
    value: float


class Autopsy(Struct, frozen=True, kw_only=True):
    """The first example whose loss is not finite, with every number on the way to it.

    `image_index` counts in the training set. `trace` has one row, the example's; `cause` is one sentence.
    """

    image_index: int
    label: int
    label_name: str
    logits: tuple[float, ...]
    exponentials: tuple[float, ...]
    partition: float
    probabilities: tuple[float, ...]
    loss: float
    cause: str
    remedies: tuple[Remedy, ...]


class Diverged(Struct, frozen=True, kw_only=True, tag="diverged", tag_field="type"):
    """The loss of a minibatch (both counted from 1) was not finite."""

    epoch: int
    minibatch: int
    autopsy: Autopsy


class LabelsExamined(Struct, frozen=True, kw_only=True, tag="labels_examined", tag_field="type"):
    """Whether training images and labels go together, told before the end of a run that learned next to nothing.

    A linear model fitted on each half of `images` training images is right on the share `accuracy` of the other half,
    in a binomial interval of 99 % from `low` to `high`. Labels that are independent of the images give `chance`.
    `guessing_loss` is the loss of answering with the shares of the classes, in nats. "unclear": too few images to tell.
    """

    images: int
    accuracy: float
    low: float
    high: float
    chance: float
    guessing_loss: float
    verdict: Literal["related", "unrelated", "unclear"]


class Finished(Struct, frozen=True, kw_only=True, tag="finished", tag_field="type"):
    """The last event of every run. `seconds` counts training and evaluation, not loading, pauses or pace."""

    run_id: str = ""
    status: Status
    seconds: float
    images_per_second: float
    reason: str = ""


RunEvent = Started | MinibatchesDone | EpochDone | Diverged | LabelsExamined | Finished


def merge(first: MinibatchesDone, second: MinibatchesDone) -> MinibatchesDone:
    """Two stretches, the second following the first, as one that says the same."""
    return MinibatchesDone(
        position=first.position,
        count=first.count + second.count,
        images=first.images + second.images,
        cells=joined(first.cells, second.cells),
    )
