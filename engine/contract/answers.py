"""What the worker answers to questions."""

from __future__ import annotations

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.decisions import Decision
from engine.contract.events import DatasetInfo, RunEvent, Status
from engine.contract.sweeps import SweepConfig, SweepEvent
from engine.contract.trace import SoftmaxTrace


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


class DamagedListed(Struct, frozen=True, kw_only=True):
    """A stored run that cannot be read: `reason` is one line that names the column of the store."""

    run_id: str
    reason: str


class RunsListed(Struct, frozen=True, tag="runs_listed", tag_field="type"):
    """The answer to `ListRuns`, newest first."""

    request: int
    runs: tuple[RunSummary, ...]


class RunReplayed(Struct, frozen=True, tag="run_replayed", tag_field="type"):
    """The answer to `ReplayRun`: a stored run as the events that told it."""

    request: int
    events: tuple[RunEvent, ...]


class DecisionShown(Struct, frozen=True, kw_only=True, tag="decision_shown", tag_field="type"):
    """The answer to `ShowDecision`. `sources` are the runs' ids or the files' paths, `epoch` is the first one's."""

    request: int
    sources: tuple[str, ...]
    dataset: DatasetInfo
    epoch: int
    decision: Decision


class ImagesShown(Struct, frozen=True, kw_only=True, tag="images_shown", tag_field="type"):
    """The answer to `ShowImages`, in the order asked for."""

    request: int
    dataset: DatasetInfo
    images: tuple[Mistake, ...]


class MemoryShown(Struct, frozen=True, tag="memory_shown", tag_field="type"):
    """The answer to `ShowMemory`. `device` is the one that was meant, such as cuda:0 for auto."""

    request: int
    device: str
    available_bytes: int


class SweepSummary(Struct, frozen=True, kw_only=True):
    """A stored sweep in a line: how many of its runs have come to an end, and when it was begun."""

    sweep_id: str
    config: SweepConfig
    created: str
    runs: int
    ended: int


class SweepsListed(Struct, frozen=True, tag="sweeps_listed", tag_field="type"):
    """The answer to `ListSweeps`, newest first."""

    request: int
    sweeps: tuple[SweepSummary, ...]


class SweepReplayed(Struct, frozen=True, tag="sweep_replayed", tag_field="type"):
    """The answer to `ReplaySweep`: `SweepStarted`, the runs' epochs and results, `SweepFinished` where it has ended."""

    request: int
    events: tuple[SweepEvent, ...]
