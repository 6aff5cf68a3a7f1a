"""What a job says, in the past tense. A run is told completely by its events."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.history import LossCell, joined
from engine.contract.progress import Notice, Progress
from engine.contract.trace import SoftmaxTrace

Status = Literal["running", "finished", "stopped", "interrupted", "diverged", "failed"]


class DatasetInfo(Struct, frozen=True, kw_only=True):
    """What a viewer has to know of the data. The image sizes are 0 where the inputs are no pictures."""

    name: str
    train_size: int
    validation_size: int
    num_features: int
    num_classes: int
    image_height: int
    image_width: int
    label_names: tuple[str, ...]
    checksum: str


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


class Finished(Struct, frozen=True, kw_only=True, tag="finished", tag_field="type"):
    """The last event of every run. `seconds` counts training and evaluation, not loading, pauses or pace."""

    run_id: str = ""
    status: Status
    seconds: float
    images_per_second: float
    reason: str = ""


RunEvent = Started | MinibatchesDone | EpochDone | Diverged | Finished


def merge(first: MinibatchesDone, second: MinibatchesDone) -> MinibatchesDone:
    """Two stretches, the second following the first, as one that says the same."""
    return MinibatchesDone(
        position=first.position,
        count=first.count + second.count,
        images=first.images + second.images,
        cells=joined(first.cells, second.cells),
    )


class WarmingUp(Struct, frozen=True, tag="warming_up", tag_field="type"):
    """The worker is not ready yet; `doing` says what takes the time."""

    doing: str


class Ready(Struct, frozen=True, kw_only=True, tag="ready", tag_field="type"):
    """The worker's side of the handshake, sent once it can compute."""

    protocol: int
    version: str
    python: str
    torch: str
    devices: tuple[str, ...]
    host: str
    pid: int
    store: str
    data_dir: str


class Heartbeat(Struct, frozen=True, tag="heartbeat", tag_field="type"):
    """Sent once a second by a thread that does not compute. `idle_seconds` since the computing one last moved on."""

    idle_seconds: float
    busy_with: str


class Failed(Struct, frozen=True, tag="failed", tag_field="type"):
    """A command or question that could not be obeyed; `request` is its number, 0 for the job itself."""

    request: int
    message: str


class Done(Struct, frozen=True, tag="done", tag_field="type"):
    """A command was obeyed."""

    request: int


class PaceChanged(Struct, frozen=True, tag="pace", tag_field="type"):
    """How the job moves now. `minibatches_per_second` is 0 at full speed."""

    paused: bool
    minibatches_per_second: float


class SoftmaxTraced(Struct, frozen=True, kw_only=True, tag="softmax_traced", tag_field="type"):
    """The answer to `TraceSoftmax`. `errors` has, for each implementation, one value per offset."""

    request: int
    trace: SoftmaxTrace
    offsets: tuple[float, ...]
    errors: dict[str, list[float]]


class WeightsShown(Struct, frozen=True, kw_only=True, tag="weights_shown", tag_field="type"):
    """The answer to `ShowWeights`: float32 in the machine's order, (classes, features), row by row."""

    request: int
    epoch: int
    minibatch: int
    num_classes: int
    image_height: int
    image_width: int
    values: bytes


class Mistake(Struct, frozen=True, kw_only=True):
    """One example of the validation set that the model gets wrong (or right, where the question asks for all).

    `pixels` are greys 0…255, row by row, empty where the inputs are no pictures.
    """

    index: int
    true: int
    predicted: int
    probability: float
    loss: float
    probabilities: tuple[float, ...]
    pixels: bytes = b""


class MistakesShown(Struct, frozen=True, kw_only=True, tag="mistakes_shown", tag_field="type"):
    """The answer to `ShowMistakes`: a page of the examples asked for, and the whole confusion matrix beside it.

    `confusion` counts rows by true class, columns by prediction. `matching` is how many the filter leaves in all.
    """

    request: int
    run_id: str
    epoch: int
    minibatch: int
    dataset: DatasetInfo
    matching: int
    offset: int
    mistakes: tuple[Mistake, ...]
    confusion: tuple[tuple[int, ...], ...]


class ExampleShown(Struct, frozen=True, kw_only=True, tag="example_shown", tag_field="type"):
    """The answer to `ShowExample`: one example with everything the model says about it.

    `gradient` is `p − y` over the classes. `evidence` is weight times input, float32 (classes, features).
    """

    request: int
    example: Mistake
    logits: tuple[float, ...]
    gradient: tuple[float, ...]
    bias: tuple[float, ...]
    evidence: bytes


class RunSummary(Struct, frozen=True, kw_only=True, tag="run", tag_field="type"):
    """A stored run in a line. The losses are those of its last epoch, nan before the first has ended."""

    run_id: str
    name: str
    status: Status
    created: str
    config: TrainConfig
    device: str
    dataset: DatasetInfo
    epochs_done: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    forked_from: str = ""
    note: str = ""


class RunsListed(Struct, frozen=True, tag="runs_listed", tag_field="type"):
    """The answer to `ListRuns`, newest first."""

    request: int
    runs: tuple[RunSummary, ...]


class RunReplayed(Struct, frozen=True, tag="run_replayed", tag_field="type"):
    """The answer to `ReplayRun`: a stored run as the events that told it."""

    request: int
    events: tuple[RunEvent, ...]


Reply = Done | Failed | SoftmaxTraced | WeightsShown | MistakesShown | ExampleShown | RunsListed | RunReplayed
Event = RunEvent | Progress | Notice | WarmingUp | Ready | Heartbeat | PaceChanged | Reply
