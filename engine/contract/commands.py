"""What the worker can be told and asked, in the imperative."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.conformal import LEVEL, METHOD, SetMethod
from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import PREVALENCE, REFERRAL, THRESHOLD
from engine.contract.engine_events import PROTOCOL
from engine.contract.events import JudgedPart
from engine.contract.groups import GroupsBy
from engine.contract.loss_lab import LossQuestion
from engine.contract.monitoring import MonitorQuestion
from engine.contract.quantities import Count
from engine.contract.sweeps import SweepConfig
from engine.contract.vocabulary import VocabularyPlan

SortKey = Literal["loss", "confidence", "margin", "index"]


def _tag(name: str) -> str:
    """The `type` of a command on the wire: start_training for StartTraining."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class _Numbered(Struct, frozen=True, kw_only=True, tag=_tag, tag_field="type"):
    """A command carries the number that its answer will name."""

    request: int = 0


class _ToJob(_Numbered, frozen=True, kw_only=True):
    """`of` names the run or the sweep that a command was given for, of runs side by side the first.

    A command that arrives after its end does nothing. "" is whatever is going on.
    """

    of: str = ""


class Hello(_Numbered, frozen=True):
    """Opens the conversation. A worker that speaks another protocol says so and leaves.

    `viewer` is how the other viewers of a detached worker are told of this one. With `control` it controls the worker
    from now on, where nobody else does. With `receipts` it says by `Received` what has arrived.
    """

    protocol: int = PROTOCOL
    viewer: str = ""
    control: bool = False
    receipts: bool = False


class StartTraining(_Numbered, frozen=True, kw_only=True):
    """Starts a run, paused or at a pace (minibatches a second, 0 for full speed). Ends the one before, if any."""

    config: TrainConfig
    paused: bool = False
    minibatches_per_second: float = 0.0


class ResumeRun(_Numbered, frozen=True, kw_only=True):
    """Goes on with a stored run from its last checkpoint; with more epochs or other `changes`, as a new run."""

    run_id: str
    epochs: int | None = None
    changes: dict[str, str | int | float | bool] = {}
    paused: bool = False
    minibatches_per_second: float = 0.0


class Pause(_ToJob, frozen=True):
    """Holds the run where it is."""


class Continue(_ToJob, frozen=True):
    """Lets a held run go on."""


class StepMinibatch(_ToJob, frozen=True):
    """One minibatch, then holds."""


class StepEpoch(_ToJob, frozen=True):
    """To the end of the epoch, at the pace set, then holds."""


class SetPace(_ToJob, frozen=True):
    """Minibatches a second, 0 for full speed."""

    minibatches_per_second: float


class Stop(_ToJob, frozen=True):
    """Ends the run with a checkpoint."""


class Reset(_Numbered, frozen=True):
    """Stops and forgets the run; what is stored stays stored."""


class TraceSoftmax(_Numbered, frozen=True, kw_only=True):
    """Every intermediate value of every softmax for these rows of logits, and the error at each offset."""

    rows: tuple[tuple[float, ...], ...]
    dtype: str = "float32"
    offsets: tuple[float, ...] = ()


class OfferYours(_Numbered, frozen=True):
    """The text of a user's Python file: `yours` in every trace, measurement and run from now on. Judged at once."""

    source: str


class ShowWeights(_Numbered, frozen=True):
    """The weights of the live run."""


class ShowMistakes(_Numbered, frozen=True, kw_only=True):
    """A page of misclassified images of the validation or the test part, of the live run or of a stored one.

    `run_id` may also be a predictions file's path. `true` and `predicted` narrow it to a row, a column or a cell of the
    confusion matrix; a cell on the diagonal shows what the model gets right. `suspected` leaves the mistakes
    whose label may be wrong. `fresh` false answers from the predictions of the last question, so that paging does not
    change under a live run.
    """

    run_id: str = ""
    sort: SortKey = "loss"
    descending: bool = True
    true: int | None = None
    predicted: int | None = None
    suspected: bool = False
    offset: int = 0
    limit: int = 24
    fresh: bool = True
    part: JudgedPart = "validation"


class ShowExample(_Numbered, frozen=True, kw_only=True):
    """One example of the last page's model, whole."""

    index: int


class ListRuns(_Numbered, frozen=True):
    """The stored runs."""


class ReplayRun(_Numbered, frozen=True):
    """A stored run as events."""

    run_id: str


class ShowDecision(_Numbered, frozen=True, kw_only=True):
    """Is the most likely label the answer? Of the live run, a stored one, or a predictions file.

    `source` "" is the live run, without one the last that finished.
    With `members`, more runs or files, it is about the mean of all their probabilities. `positive` None and
    `costs` None are those of the classes' story (`engine.contract.stories`). `groups` None are those of the file, else
    stand-ins made of the images. `fresh` as in `ShowMistakes`.
    """

    source: str = ""
    members: tuple[str, ...] = ()
    positive: int | None = None
    threshold: float = THRESHOLD
    prevalence: float = PREVALENCE
    costs: CostMatrix | None = None
    referral: float = REFERRAL
    groups: GroupsBy | None = None
    fresh: bool = True
    part: JudgedPart = "validation"


class MoveThreshold(_Numbered, frozen=True, kw_only=True):
    """The last decision with other numbers, on which neither its costs nor its calibration depend."""

    threshold: float
    prevalence: float
    referral: float


class ShowImages(_Numbered, frozen=True, kw_only=True):
    """These images of the part that the last decision was about, as mistakes are shown."""

    indices: tuple[int, ...]


class ShowMonitor(_Numbered, frozen=True, kw_only=True):
    """The images of the last decision as a stream that changes, and who notices."""

    question: MonitorQuestion


class ShowSets(_Numbered, frozen=True, kw_only=True):
    """Sets of labels for the images of the last decision, which hold the true class as often as `level` says."""

    level: float = LEVEL
    method: SetMethod = METHOD


class MeasureLosses(_Numbered, frozen=True, kw_only=True):
    """One batch through each cross-entropy. A run that is going on is held meanwhile, so that neither disturbs."""

    question: LossQuestion


class MeasureVocabulary(_Numbered, frozen=True, kw_only=True):
    """The plan's output layers, measured or trained or both. A run that is going on is held meanwhile."""

    plan: VocabularyPlan


class ShowMemory(_Numbered, frozen=True, kw_only=True):
    """How many bytes may still be taken on a device, `most` at most where that is not 0."""

    device: str = "cpu"
    most: int = 0


class StopMeasuring(_Numbered, frozen=True):
    """Leaves the measurement, of losses or of the vocabulary; the run that was held goes on."""


class CompareLosses(_Numbered, frozen=True, kw_only=True):
    """Trains with each loss, an epoch of one, then of the next. Ends the run before, if any."""

    question: LossQuestion
    dataset: str = "auto"
    epochs: int = 10


class StartSweep(_Numbered, frozen=True, kw_only=True):
    """Starts a sweep. Ends the run before, if any."""

    config: SweepConfig


class ResumeSweep(_Numbered, frozen=True, kw_only=True):
    """Goes on with a stored sweep, the latest without a name; what was told before is told again."""

    sweep_id: str = ""


class ListSweeps(_Numbered, frozen=True):
    """The stored sweeps."""


class ReplaySweep(_Numbered, frozen=True):
    """A stored sweep as events, as far as it has come."""

    sweep_id: str


class Detach(_Numbered, frozen=True):
    """Outlives whoever started the worker: it goes on until its job is done, and listens on a Unix socket."""


class TakeControl(_Numbered, frozen=True):
    """This viewer controls the detached worker from now on, whoever does so now."""


class StillHere(_Numbered, frozen=True):
    """The heartbeat of a viewer of a detached worker: keeps its connection, and the control where it has that."""


class Received(_Numbered, frozen=True, kw_only=True):
    """So many more lines have arrived: the worker writes no more than the line between takes."""

    lines: Count


class Shutdown(_Numbered, frozen=True):
    """Checkpoints and leaves. To a detached worker it says that this viewer leaves, and the work goes on."""


Question = (
    TraceSoftmax
    | OfferYours
    | ShowWeights
    | ShowMistakes
    | ShowExample
    | ListRuns
    | ReplayRun
    | ShowDecision
    | MoveThreshold
    | ShowImages
    | ShowMonitor
    | ShowSets
    | ListSweeps
    | ReplaySweep
    | ShowMemory
)
Command = (
    Question
    | Hello
    | StartTraining
    | ResumeRun
    | Pause
    | Continue
    | StepMinibatch
    | StepEpoch
    | SetPace
    | Stop
    | Reset
    | MeasureLosses
    | MeasureVocabulary
    | StopMeasuring
    | CompareLosses
    | StartSweep
    | ResumeSweep
    | Detach
    | TakeControl
    | StillHere
    | Received
    | Shutdown
)
