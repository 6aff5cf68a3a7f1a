"""Asking for the trace of logits that change faster than the engine answers."""

from __future__ import annotations

from collections.abc import Callable

from engine.contract.answers import SoftmaxTraced
from engine.contract.commands import TraceSoftmax
from engine.contract.errors import InputError
from engine.processes.client import Engine, EngineGone
from tui.softmax.charts import OFFSETS
from tui.softmax.sheet import Sheet


class LatestTrace:
    """One question at a time. What changes while it is open is asked when its answer is there; the last state wins."""

    def __init__(self, engine: Engine, wanted: Callable[[], Sheet]) -> None:
        self._engine = engine
        self._wanted = wanted
        self._asked: Sheet | None = None
        self.asking = False
        self.reply: SoftmaxTraced | None = None
        self.refusal = ""  # the engine's line, where it refused the last question

    async def catch_up(self) -> bool:
        """Asks until the answer is that to the logits as they are. False where the engine refused or went away."""
        self.asking = True
        sheet = self._wanted()
        try:
            while self._asked is None or not _same(self._asked, sheet):
                question = TraceSoftmax(rows=sheet.rows, dtype=sheet.dtype, offsets=OFFSETS)
                reply = await self._engine.ask(question)
                assert isinstance(reply, SoftmaxTraced)
                asked, sheet = sheet, self._wanted()
                # An outdated answer is not kept: it does not speak of the logits that stand above it.
                if _same(asked, sheet):
                    self._asked, self.reply, self.refusal = asked, reply, ""
        except InputError as refusal:
            self._asked, self.refusal = sheet, str(refusal)
            return False
        except EngineGone:
            return False
        finally:
            self.asking = False
        return True


def _same(one: Sheet, other: Sheet) -> bool:
    """By identity: rows with a nan in them are not equal to themselves."""
    return one.rows is other.rows and one.dtype == other.dtype
