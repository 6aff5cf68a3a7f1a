"""What the process that runs a user's functions is asked, and what it answers, as msgpack (which has inf and nan)."""

from __future__ import annotations

from msgspec import Struct

from engine.contract.loss_lab import LossesMeasured, LossQuestion, LossRoundDone
from engine.contract.trace import Rows


class LoadFile(Struct, frozen=True, tag=True):
    """Runs the text of a file; `Loaded` is the answer."""

    source: str


class JudgeSoftmax(Struct, frozen=True, tag=True):
    """`Verdict` is the answer."""


class JudgeLoss(Struct, frozen=True, tag=True):
    """`Verdict` is the answer."""


class Compute(Struct, frozen=True, tag=True):
    """The probabilities of logits as rounded to the dtype, and the error at each offset to row 1: `Computed`."""

    rows: Rows
    dtype: str
    offsets: tuple[float, ...] = ()


class Measure(Struct, frozen=True, tag=True):
    """The losses on one batch, yours among them: `LossRoundDone` after every round, at last `LossesMeasured`."""

    source: str
    question: LossQuestion
    rounds: int | None = None


Request = LoadFile | JudgeSoftmax | JudgeLoss | Compute


class TorchReady(Struct, frozen=True, tag=True):
    """torch has been imported: from now on time is the user's."""


class Loaded(Struct, frozen=True, tag=True):
    """The functions that the file has."""

    softmax: bool
    cross_entropy: bool


class Verdict(Struct, frozen=True, tag=True):
    """What is said of one function; `works`, `right` and `taken` as in `YoursJudged`."""

    works: bool
    right: bool
    sentence: str
    taken: str = ""


class Computed(Struct, frozen=True, tag=True):
    """Probabilities as they were returned, in float64, and one error an offset (none for no offsets)."""

    rows: Rows
    errors: tuple[float, ...]


class Refused(Struct, frozen=True, tag=True):
    """The line of an InputError."""

    line: str


Answer = TorchReady | Loaded | Verdict | Computed | Refused | LossRoundDone | LossesMeasured
