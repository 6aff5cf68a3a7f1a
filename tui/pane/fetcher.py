"""The one way in which a pane asks the engine for what it shows: one question at a time, made at the last moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.contract.commands import Command
from engine.contract.errors import InputError
from engine.contract.wire import Reply
from engine.processes.client import Engine, EngineGone


class Query(Protocol):
    """What is looked at, and what has to be asked for it.

    Each command is made for the `question` of its moment, so that holding a key down skips what nobody waits for any
    more, and the engine is never flooded.
    """

    @property
    def question(self) -> Any:
        """What is looked at now."""

    def next_command(self) -> Command | None:
        """None where all that is looked at is there, or was refused."""

    def answered(self, question: Any, command: Any, reply: Reply) -> None:
        """Takes in the reply to a command that was made for `question`, which may be out of date by now."""

    def refused(self, question: Any, error: InputError | EngineGone) -> None:
        """There is no answer to a command that was made for `question`."""


class Fetcher:
    """Asks for whatever the query lacks until it lacks nothing. Never two questions at a time."""

    def __init__(self, engine: Engine, query: Query) -> None:
        self._engine, self._query = engine, query
        self.under_way = False

    async def go_on(self, wanted: Callable[[], bool], changed: Callable[[], object]) -> None:
        """While it is `wanted`; calls `changed` after each answer or refusal."""
        if self.under_way:
            return
        self.under_way = True
        query, gone = self._query, False
        try:
            while not gone and wanted() and (command := query.next_command()) is not None:
                question = query.question
                try:
                    query.answered(question, command, await self._engine.ask(command))
                except (InputError, EngineGone) as error:
                    query.refused(question, error)
                    gone = isinstance(error, EngineGone)
                changed()
        finally:
            self.under_way = False
