"""What has to be asked for the logits of the Softmax pane, which change faster than the engine answers."""

from __future__ import annotations

from collections.abc import Callable

from engine.contract.answers import SoftmaxTraced
from engine.contract.commands import TraceSoftmax
from engine.contract.errors import InputError
from engine.contract.wire import Reply
from engine.processes.client import EngineGone
from tui.softmax.charts import OFFSETS
from tui.softmax.sheet import Sheet


class TraceQuery:
    """The trace of the logits as they are when it is asked for; `wanted` gives them."""

    def __init__(self, wanted: Callable[[], Sheet]) -> None:
        self._wanted = wanted
        self._settled: Sheet | None = None  # the logits that `reply` or `refusal` is about
        self.reply: SoftmaxTraced | None = None
        self.refusal = ""  # the engine's line, where it refused the last question

    @property
    def question(self) -> Sheet:
        """The logits as they are now, and their dtype."""
        return self._wanted()

    @property
    def settled(self) -> bool:
        """Whether the logits as they are have their answer."""
        return self._settled is not None and _same(self._settled, self.question)

    def next_command(self) -> TraceSoftmax | None:
        """None once the logits have their answer, which may be a refusal."""
        sheet = self.question
        return None if self.settled else TraceSoftmax(rows=sheet.rows, dtype=sheet.dtype, offsets=OFFSETS)

    def answered(self, question: Sheet, command: TraceSoftmax, reply: Reply) -> None:
        """An outdated answer is not kept: it does not speak of the logits that stand above it."""
        if isinstance(reply, SoftmaxTraced) and _same(question, self.question):
            self._settled, self.reply, self.refusal = question, reply, ""

    def refused(self, question: Sheet, error: InputError | EngineGone) -> None:
        """A new engine is asked again."""
        if isinstance(error, InputError):
            self._settled, self.refusal = question, str(error)


def _same(one: Sheet, other: Sheet) -> bool:
    """By identity: rows with a nan in them are not equal to themselves."""
    return one.rows is other.rows and one.dtype == other.dtype
