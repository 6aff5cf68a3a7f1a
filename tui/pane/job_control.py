"""What the controls of the labs share: a job that is prepared, runs and is stopped, and a start that waits."""

from __future__ import annotations

from collections.abc import Callable

from engine.contract.commands import Command, Stop
from engine.contract.progress import Progress
from engine.processes.client import Engine


class JobControl:
    """What a pane tells the engine, and what is known of how it obeys.

    Every method that asks raises InputError for a refusal, and EngineGone. `waiting` is a start that waits for the
    engine to be ready, `progress` how far the preparation of a job has come.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.waiting: Callable[[], None] | None = None
        self.progress: Progress | None = None
        self._loading = False

    def take_waiting(self) -> Callable[[], None] | None:
        """The start that waits, which does so no longer."""
        waiting, self.waiting = self.waiting, None
        return waiting

    async def _begin(self, command: Command) -> None:
        """Has a job prepared; where that is refused, none is."""
        self._loading, self.progress = True, None
        try:
            await self._engine.ask(command)
        except BaseException:
            self._loading = False
            raise

    async def _stop(self, name: str) -> None:
        """Ends the job of that name; one that is being prepared has none yet."""
        await self._engine.ask(Stop(of="" if self._loading else name))
        self._loading = False

    def _prepared(self) -> None:
        """The job has begun, or has ended before that."""
        self._loading, self.progress = False, None
