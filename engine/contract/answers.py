"""What the worker answers to questions."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.conformal import SetsView
from engine.contract.decisions import Abstention, Decision, ThresholdView
from engine.contract.events import DatasetInfo, JudgedPart, RunEvent, Started, Status
from engine.contract.groups import GroupsView
from engine.contract.monitoring import MonitorView
from engine.contract.pairs import ENGINES_SOFTMAXES
from engine.contract.quantities import Count, OneOrMore, Seconds, Side, Text, Texts, expect
from engine.contract.sweeps import SweepConfig, SweepEvent, SweepStarted, check_runs
from engine.contract.trace import SoftmaxTrace
from engine.contract.yours import YoursJudged

LARGEST_BYTE = 127


class SoftmaxTraced(Struct, frozen=True, kw_only=True, tag="softmax_traced", tag_field="type"):
    """The answer to `TraceSoftmax`. `errors` has, for each implementation, one value per offset."""

    request: Count
    trace: SoftmaxTrace
    offsets: tuple[float, ...]
    errors: dict[Text, list[float]]

    def __post_init__(self) -> None:
        expect(set(ENGINES_SOFTMAXES) <= set(self.trace.implementations), "each of the engine's implementations")
        for errors in self.errors.values():
            expect(len(errors) == len(self.offsets), "an error for each offset")
        expect(not self.offsets or set(self.errors) == set(self.trace.implementations), "errors of each implementation")


class WeightsShown(Struct, frozen=True, kw_only=True, tag="weights_shown", tag_field="type"):
    """The answer to `ShowWeights`: a signed byte for each of (classes, features), row by row.

    127 stands for `largest`, and −128 for what is nan.

    Of many classes or large pictures each picture is sent smaller, as means of its pixels, with the height and width
    of what is sent. Weights of inputs that are no pictures are not sent, as nothing shows them.
    """

    request: Count
    epoch: Count
    minibatch: Count
    num_classes: Count
    image_height: Side
    image_width: Side
    largest: float
    values: bytes

    def __post_init__(self) -> None:
        classes, pixels = self.num_classes, self.image_height * self.image_width
        expect(classes > 0 and len(self.values) % classes == 0, "as many weights for each class")
        expect((self.image_height == 0) == (self.image_width == 0), "pictures with a height and a width")
        expect(pixels in (0, len(self.values) // classes), "a weight for each pixel")

    @property
    def pictures(self) -> list[list[float]]:
        """(classes, height · width), empty where the inputs are no pictures."""
        size, step = self.image_height * self.image_width, self.largest / LARGEST_BYTE
        values = [step * byte if byte >= -LARGEST_BYTE else math.nan for byte in array("b", self.values)]
        return [values[start : start + size] for start in range(0, len(values), size)] if size else []


class Mistake(Struct, frozen=True, kw_only=True):
    """One example of the judged part that the model gets wrong (or right, where the question asks for all).

    `suggested` is the class that the image may truly be of where its label is suspected, else None. `pixels` are greys
    0…255, or the 3 or 4 channels of each pixel, row by row; empty where the inputs are no pictures.
    """

    index: Count
    true: Count
    predicted: Count
    probability: float
    loss: float
    probabilities: tuple[float, ...]
    suggested: Count | None = None
    pixels: bytes = b""

    def __post_init__(self) -> None:
        largest = max(self.true, self.predicted, self.suggested or 0)
        expect(largest < len(self.probabilities), "a probability for each class")
        expect(self.suggested != self.true, "another class than the label")

    @property
    def is_scored(self) -> bool:
        """Whether probabilities are known; of a file that holds labels only they are nan, and so is the loss."""
        return any(probability == probability for probability in self.probabilities)


def check_images(dataset: DatasetInfo, images: Sequence[Mistake], part: JudgedPart) -> None:
    """Raises ValueError where one is not of that part of the dataset."""
    pixels = dataset.image_values
    for image in images:
        expect(image.index < dataset.size_of(part), f"images of the {part} set")
        expect(len(image.probabilities) == dataset.num_classes, "a probability for each class of the dataset")
        expect(len(image.pixels) in (0, pixels), "a pixel for each of the dataset's pictures")


class MistakesShown(Struct, frozen=True, kw_only=True, tag="mistakes_shown", tag_field="type"):
    """The answer to `ShowMistakes`: a page of the examples asked for, and the whole confusion matrix beside it.

    `confusion` counts rows by true class, columns by prediction. `matching` is how many the filter leaves in all.
    """

    request: Count
    run_id: Text
    epoch: Count
    minibatch: Count
    dataset: DatasetInfo
    matching: Count
    offset: Count
    mistakes: tuple[Mistake, ...]
    confusion: tuple[tuple[Count, ...], ...]
    part: JudgedPart = "validation"

    def __post_init__(self) -> None:
        classes = self.dataset.num_classes
        expect([len(row) for row in self.confusion] == [classes] * classes, "counts of each class by each prediction")
        expect(self.offset + len(self.mistakes) <= max(self.matching, self.offset), "no more mistakes than there are")
        check_images(self.dataset, self.mistakes, self.part)


class SmallestChange(Struct, frozen=True, kw_only=True):
    """The smallest change of an image that makes the model call it `predicted`.

    `norm` is its L2 norm in inputs, `share` the same over the norm of the image. `levels` has the change of each pixel
    in grey levels, signed, float32 (features,): 255 are the whole range of a pixel. `pixels` is the changed image.
    """

    predicted: Count
    norm: float
    share: float
    levels: bytes
    pixels: bytes

    def __post_init__(self) -> None:
        expect(len(self.levels) == 4 * len(self.pixels), "a change of each pixel")

    def by_pixel(self) -> list[float]:
        """The change of each pixel in grey levels, (features,)."""
        values = array("f")
        values.frombytes(self.levels)
        return values.tolist()

    @property
    def most_levels(self) -> float:
        """The largest change of a pixel, in grey levels."""
        return max(map(abs, self.by_pixel()), default=0.0)


class ExampleShown(Struct, frozen=True, kw_only=True, tag="example_shown", tag_field="type"):
    """The answer to `ShowExample`: one example with everything the model says about it.

    `gradient` is `p − y` over the classes. `evidence` is weight times input, float32 (2, features): for the predicted
    class, then for the true one. `change` is None where the inputs are no pictures, no weights are known, or no change
    makes the model call the image otherwise.
    """

    request: Count
    example: Mistake
    logits: tuple[float, ...]
    gradient: tuple[float, ...]
    bias: tuple[float, ...]
    evidence: bytes
    change: SmallestChange | None = None

    def __post_init__(self) -> None:
        classes = len(self.example.probabilities)
        expect(len(self.logits) == len(self.gradient) == classes, "logit and gradient of each class")
        expect(len(self.bias) in (0, classes), "a bias for each class")
        expect(len(self.evidence) % 8 == 0 and bool(self.bias) >= bool(self.evidence), "evidence for two classes")
        # Inputs that are no pictures have no pixels to show, and yet evidence.
        features = len(self.example.pixels)
        expect(not features or len(self.evidence) in (0, 8 * features), "evidence for each pixel")
        if self.change is not None:
            expect(self.change.predicted < classes, "a class of the dataset")
            expect(self.change.predicted != self.example.predicted, "another class than the predicted one")
            expect(len(self.change.pixels) == features > 0, "a change of each pixel")


class RunSummary(Struct, frozen=True, kw_only=True, tag="run", tag_field="type"):
    """A stored run in a line. The losses are those of its last epoch, nan before the first has ended.

    `host` and `pid` are of the process that trains a running run. A `detached` one goes on without a terminal, and can
    be watched and controlled.
    """

    run_id: Text
    name: Text
    status: Status
    created: Text
    config: TrainConfig
    device: Text
    dataset: DatasetInfo
    epochs_done: Count
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    seconds: Seconds
    forked_from: Text = ""
    note: Text = ""
    host: Text = ""
    pid: Count = 0
    detached: bool = False

    @property
    def where(self) -> str:
        """ "in the background on gpu-box, pid 123" of a running run; "" of others."""
        if self.status != "running":
            return ""
        return f"{'in the background on' if self.detached else 'on'} {self.host}, pid {self.pid}"


class DamagedListed(Struct, frozen=True, kw_only=True):
    """A stored run that cannot be read: `reason` is one line that names the column of the store."""

    run_id: str
    reason: str


class RunsListed(Struct, frozen=True, tag="runs_listed", tag_field="type"):
    """The answer to `ListRuns`, newest first."""

    request: Count
    runs: tuple[RunSummary, ...]


class RunReplayed(Struct, frozen=True, tag="run_replayed", tag_field="type"):
    """The answer to `ReplayRun`: a stored run as the events that told it."""

    request: Count
    events: tuple[RunEvent, ...]

    def __post_init__(self) -> None:
        expect(isinstance(next(iter(self.events), None), Started), "a run's start first")


class DecisionShown(Struct, frozen=True, kw_only=True, tag="decision_shown", tag_field="type"):
    """The answer to `ShowDecision`. `sources` are the runs' ids or the files' paths, `epoch` is the first one's."""

    request: Count
    sources: Texts
    dataset: DatasetInfo
    epoch: Count
    decision: Decision

    def __post_init__(self) -> None:
        expect(self.sources != (), "a source")
        expect(self.decision.label_names == self.dataset.label_names, "the labels of the dataset")


class ThresholdMoved(Struct, frozen=True, kw_only=True, tag="threshold_moved", tag_field="type"):
    """The answer to `MoveThreshold`: what of a `Decision` depends on its numbers."""

    request: Count
    threshold: ThresholdView
    groups: GroupsView
    abstention: Abstention


class ImagesShown(Struct, frozen=True, kw_only=True, tag="images_shown", tag_field="type"):
    """The answer to `ShowImages`, in the order asked for."""

    request: Count
    dataset: DatasetInfo
    images: tuple[Mistake, ...]
    part: JudgedPart = "validation"

    def __post_init__(self) -> None:
        check_images(self.dataset, self.images, self.part)


class MonitorShown(Struct, frozen=True, kw_only=True, tag="monitor_shown", tag_field="type"):
    """The answer to `ShowMonitor`."""

    request: Count
    view: MonitorView


class SetsShown(Struct, frozen=True, kw_only=True, tag="sets_shown", tag_field="type"):
    """The answer to `ShowSets`."""

    request: Count
    sets: SetsView


class MemoryShown(Struct, frozen=True, tag="memory_shown", tag_field="type"):
    """The answer to `ShowMemory`. `device` is the one that was meant, such as cuda:0 for auto."""

    request: Count
    device: Text
    available_bytes: Count


class SweepSummary(Struct, frozen=True, kw_only=True):
    """A stored sweep in a line: how many of its runs have come to an end, and when it was begun."""

    sweep_id: Text
    config: SweepConfig
    created: Text
    runs: OneOrMore
    ended: Count

    def __post_init__(self) -> None:
        check_runs(self.config, self.runs)


class SweepsListed(Struct, frozen=True, tag="sweeps_listed", tag_field="type"):
    """The answer to `ListSweeps`, newest first."""

    request: Count
    sweeps: tuple[SweepSummary, ...]


class SweepReplayed(Struct, frozen=True, tag="sweep_replayed", tag_field="type"):
    """The answer to `ReplaySweep`: `SweepStarted`, the runs' epochs and results, `SweepFinished` where it has ended."""

    request: Count
    events: tuple[SweepEvent, ...]

    def __post_init__(self) -> None:
        expect(isinstance(next(iter(self.events), None), SweepStarted), "a sweep's start first")


Answer = (
    SoftmaxTraced
    | WeightsShown
    | MistakesShown
    | ExampleShown
    | RunsListed
    | RunReplayed
    | DecisionShown
    | ThresholdMoved
    | ImagesShown
    | MonitorShown
    | SetsShown
    | MemoryShown
    | SweepsListed
    | SweepReplayed
    | YoursJudged
)
