"""What the worker can be told and asked, in the imperative. Every one carries the number its answer will name.

`of` names the run or the sweep that a command was given for, of runs side by side the first: a command that arrives
after its end does nothing. "" is whatever is going on.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import PREVALENCE, REFERRAL, THRESHOLD
from engine.contract.engine_events import PROTOCOL
from engine.contract.loss_lab import LossQuestion
from engine.contract.sweeps import SweepConfig
from engine.contract.vocabulary import VocabularyPlan

SortKey = Literal["loss", "confidence", "margin", "index"]


class Hello(Struct, frozen=True, tag="hello", tag_field="type"):
    """Opens the conversation. A worker that speaks another protocol says so and leaves."""

    protocol: int = PROTOCOL
    request: int = 0


class StartTraining(Struct, frozen=True, kw_only=True, tag="start_training", tag_field="type"):
    """Starts a run, paused or at a pace (minibatches a second, 0 for full speed). Ends the one before, if any."""

    config: TrainConfig
    paused: bool = False
    minibatches_per_second: float = 0.0
    request: int = 0


class ResumeRun(Struct, frozen=True, kw_only=True, tag="resume_run", tag_field="type"):
    """Goes on with a stored run from its last checkpoint; with more epochs than it had, as a new run."""

    run_id: str
    epochs: int | None = None
    paused: bool = False
    minibatches_per_second: float = 0.0
    request: int = 0


class Pause(Struct, frozen=True, tag="pause", tag_field="type"):
    """Holds the run where it is."""

    request: int = 0
    of: str = ""


class Continue(Struct, frozen=True, tag="continue", tag_field="type"):
    """Lets a held run go on."""

    request: int = 0
    of: str = ""


class StepMinibatch(Struct, frozen=True, tag="step_minibatch", tag_field="type"):
    """One minibatch, then holds."""

    request: int = 0
    of: str = ""


class StepEpoch(Struct, frozen=True, tag="step_epoch", tag_field="type"):
    """To the end of the epoch, at the pace set, then holds."""

    request: int = 0
    of: str = ""


class SetPace(Struct, frozen=True, tag="set_pace", tag_field="type"):
    """Minibatches a second, 0 for full speed."""

    minibatches_per_second: float
    request: int = 0
    of: str = ""


class Stop(Struct, frozen=True, tag="stop", tag_field="type"):
    """Ends the run with a checkpoint."""

    request: int = 0
    of: str = ""


class Reset(Struct, frozen=True, tag="reset", tag_field="type"):
    """Stops and forgets the run; what is stored stays stored."""

    request: int = 0


class TraceSoftmax(Struct, frozen=True, kw_only=True, tag="trace_softmax", tag_field="type"):
    """Every intermediate value of every softmax for these rows of logits, and the error at each offset."""

    rows: tuple[tuple[float, ...], ...]
    dtype: str = "float32"
    offsets: tuple[float, ...] = ()
    request: int = 0


class OfferYours(Struct, frozen=True, tag="offer_yours", tag_field="type"):
    """The text of a user's Python file: `yours` in every trace, measurement and run from now on. Judged at once."""

    source: str
    request: int = 0


class ShowWeights(Struct, frozen=True, tag="show_weights", tag_field="type"):
    """The weights of the live run."""

    request: int = 0


class ShowMistakes(Struct, frozen=True, kw_only=True, tag="show_mistakes", tag_field="type"):
    """A page of misclassified validation images, of the live run or of a stored one.

    `run_id` may also be a predictions file's path. `true` and `predicted` narrow it to a row, a column or a cell of the
    confusion matrix; a cell on the diagonal shows what the model gets right. `fresh` false answers from the predictions
    of the last question, so that paging does not change under a live run.
    """

    run_id: str = ""
    sort: SortKey = "loss"
    descending: bool = True
    true: int | None = None
    predicted: int | None = None
    offset: int = 0
    limit: int = 24
    fresh: bool = True
    request: int = 0


class ShowExample(Struct, frozen=True, kw_only=True, tag="show_example", tag_field="type"):
    """One example of the last page's model, whole."""

    index: int
    request: int = 0


class ListRuns(Struct, frozen=True, tag="list_runs", tag_field="type"):
    """The stored runs."""

    request: int = 0


class ReplayRun(Struct, frozen=True, tag="replay_run", tag_field="type"):
    """A stored run as events."""

    run_id: str
    request: int = 0


class ShowDecision(Struct, frozen=True, kw_only=True, tag="show_decision", tag_field="type"):
    """Is the most likely label the answer? Of the live run ("", or the latest), a stored one, or a predictions file.

    With `members`, more runs or files, it is about the mean of all their probabilities. `positive` None is the last
    class, `costs` None those of a miss and a false alarm in the scenario. `fresh` as in `ShowMistakes`.
    """

    source: str = ""
    members: tuple[str, ...] = ()
    positive: int | None = None
    threshold: float = THRESHOLD
    prevalence: float = PREVALENCE
    costs: CostMatrix | None = None
    referral: float = REFERRAL
    fresh: bool = True
    request: int = 0


class MoveThreshold(Struct, frozen=True, kw_only=True, tag="move_threshold", tag_field="type"):
    """The last decision with other numbers, of which neither its costs nor its calibration depend on any."""

    threshold: float
    prevalence: float
    referral: float
    request: int = 0


class ShowImages(Struct, frozen=True, kw_only=True, tag="show_images", tag_field="type"):
    """These images of the validation set of the last decision's model, as mistakes are shown."""

    indices: tuple[int, ...]
    request: int = 0


class MeasureLosses(Struct, frozen=True, kw_only=True, tag="measure_losses", tag_field="type"):
    """One batch through each cross-entropy. A run that is going on is held meanwhile, so that neither disturbs."""

    question: LossQuestion
    request: int = 0


class MeasureVocabulary(Struct, frozen=True, kw_only=True, tag="measure_vocabulary", tag_field="type"):
    """The plan's output layers, measured or trained or both. A run that is going on is held meanwhile."""

    plan: VocabularyPlan
    request: int = 0


class ShowMemory(Struct, frozen=True, kw_only=True, tag="show_memory", tag_field="type"):
    """How many bytes may still be taken on a device, `most` at most where that is not 0."""

    device: str = "cpu"
    most: int = 0
    request: int = 0


class StopMeasuring(Struct, frozen=True, tag="stop_measuring", tag_field="type"):
    """Leaves the measurement, of losses or of the vocabulary; the run that was held goes on."""

    request: int = 0


class CompareLosses(Struct, frozen=True, kw_only=True, tag="compare_losses", tag_field="type"):
    """Trains with each loss, an epoch of one, then of the next. Ends the run before, if any."""

    question: LossQuestion
    dataset: str = "auto"
    epochs: int = 10
    request: int = 0


class StartSweep(Struct, frozen=True, kw_only=True, tag="start_sweep", tag_field="type"):
    """Starts a sweep. Ends the run before, if any."""

    config: SweepConfig
    request: int = 0


class ResumeSweep(Struct, frozen=True, kw_only=True, tag="resume_sweep", tag_field="type"):
    """Goes on with a stored sweep, the latest without a name; what was told before is told again."""

    sweep_id: str = ""
    request: int = 0


class ListSweeps(Struct, frozen=True, tag="list_sweeps", tag_field="type"):
    """The stored sweeps."""

    request: int = 0


class ReplaySweep(Struct, frozen=True, tag="replay_sweep", tag_field="type"):
    """A stored sweep as events, as far as it has come."""

    sweep_id: str
    request: int = 0


class Shutdown(Struct, frozen=True, tag="shutdown", tag_field="type"):
    """Checkpoints and leaves."""

    request: int = 0


Command = (
    Hello
    | StartTraining
    | ResumeRun
    | Pause
    | Continue
    | StepMinibatch
    | StepEpoch
    | SetPace
    | Stop
    | Reset
    | TraceSoftmax
    | OfferYours
    | ShowWeights
    | ShowMistakes
    | ShowExample
    | ListRuns
    | ReplayRun
    | ShowDecision
    | MoveThreshold
    | ShowImages
    | MeasureLosses
    | MeasureVocabulary
    | ShowMemory
    | StopMeasuring
    | CompareLosses
    | StartSweep
    | ResumeSweep
    | ListSweeps
    | ReplaySweep
    | Shutdown
)

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
    | ListSweeps
    | ReplaySweep
    | ShowMemory
)
