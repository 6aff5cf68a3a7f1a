"""A pane's one conversation with the engine about what it looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.contract.answers import RunsListed
from engine.contract.commands import Command, ListRuns
from engine.contract.errors import InputError
from engine.contract.wire import Reply
from engine.processes.client import EngineGone
from tui.pane.engine_link import EngineLink, how_to_restart
from tui.pane.run_choice import RunChoice


class Inquiring(Protocol):
    """What a pane looks at, and what has to be asked for it; each command is made for the `question` of its moment."""

    @property
    def question(self) -> Any: ...

    def next_command(self) -> Command | None: ...

    def answered(self, question: Any, command: Any, reply: Reply) -> None: ...

    def refused(self, question: Any, line: str) -> None: ...


class Conversation:
    """Asks for whatever the inquiry lacks until it lacks nothing. Never two questions at a time."""

    def __init__(self, engine: EngineLink, inquiry: Inquiring) -> None:
        self._engine = engine
        self._inquiry = inquiry
        self.under_way = False

    async def go_on(self, wanted: Callable[[], bool], changed: Callable[[], None]) -> None:
        """While it is `wanted`; calls `changed` after each answer or refusal."""
        if self.under_way:
            return
        self.under_way = True
        inquiry = self._inquiry
        try:
            while wanted() and (command := inquiry.next_command()) is not None:
                question = inquiry.question
                try:
                    inquiry.answered(question, command, await self._engine.ask(command))
                except InputError as refusal:
                    inquiry.refused(question, str(refusal))
                except EngineGone as gone:
                    inquiry.refused(question, how_to_restart(gone))
                changed()
        finally:
            self.under_way = False

    async def learn_runs(self, choice: RunChoice) -> str:
        """Which runs are stored; returns why that could not be learnt, else ""."""
        try:
            reply = await self._engine.ask(ListRuns())
        except (InputError, EngineGone) as refusal:
            return str(refusal)
        if isinstance(reply, RunsListed):
            choice.stored = reply.runs
        return ""
