"""The life of the worker as the app sees it: started, ready, gone, started again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from engine.contract.commands import Command, OfferYours, Question
from engine.contract.engine_events import Heartbeat, Ready, WarmingUp
from engine.contract.errors import InputError
from engine.contract.wire import Event, Reply
from engine.contract.yours import YoursJudged
from engine.processes.client import EngineClient, EngineGone
from tui.pane.commands import EVERYWHERE, key_of
from tui.pane.hearing import Hearing
from tui.pane.line import Line

_MOST_WAITING = 50  # events
_A_MOMENT = 0.01  # seconds
_SILENT_LINE_SECONDS = 8  # after which a line to a detached engine is tried anew
_LOOK_SECONDS = 0.5


def how_to_restart(gone: EngineGone) -> str:
    """What has happened to the engine, and the key that mends it."""
    return f"{gone}; {key_of(EVERYWHERE, 'restart_engine')} restarts it"


def refusal_of(error: InputError | EngineGone) -> str:
    """What a pane says of a question that was not answered."""
    return how_to_restart(error) if isinstance(error, EngineGone) else str(error)


class EngineGivenUp(EngineGone):
    """It did not answer, and was ended for that."""

    def __init__(self, why: str) -> None:
        super().__init__(None, ())
        self.args = (f"the engine was stopped by {key_of(EVERYWHERE, 'restart_engine')}: {why}",)


class EngineLink:
    """Sends to whichever worker lives now. Panes hold this, not a client, so that a restart is nothing to them."""

    def __init__(self, command: Sequence[str], hearing: Hearing, waiting: Callable[[], int] = lambda: 0) -> None:
        """`waiting` is how many events have been handed on and not been looked at yet."""
        self._command = command
        self._hearing, self._waiting = hearing, waiting
        self._client: EngineClient | None = None
        self._begun = asyncio.Event()  # there is a worker to ask, or it is known why there is none
        self.ready: Ready | None = None
        self.gone: EngineGone | None = None
        self._given_up = ""  # why it was ended by hand
        self.line = Line()  # to a detached engine
        self.line_changed: Callable[[], object] = lambda: None  # called when there is something new to say of it
        self.watch_command: Callable[[str], Sequence[str]] | None = None  # how a run of this machine is watched
        self.watched = ""  # the run that is looked at in an engine of its own
        self.not_watched = ""  # why a run is not that was to be
        self._next_watched = ""
        self._closing = False
        self._yours = ""
        self.yours_name = ""  # of the user's file, as it was named
        self.judged: YoursJudged | None = None  # what is said of it; a pane may be made later than that is told

    def offer(self, source: str, name: str) -> None:
        """The text of a user's Python file, for every worker that comes to be ready; `name` is the file's."""
        self._yours, self.yours_name = source, name

    @property
    def pid(self) -> int | None:
        """The worker's process, None while there is none."""
        return self._client.pid if self._client else None

    def send(self, command: Command) -> None:
        """Tells the worker; to one that is still warming up it is queued."""
        if self._client is not None:
            self._client.send(command)

    async def ask(self, command: Command) -> Reply:
        """Waits for a worker that has not been started yet.

        Raises InputError for what the worker refuses or may not be sent now, EngineGone when there is none any more.
        """
        if self.line.words and not isinstance(command, Question):
            raise InputError(f"{self.line.words}; nothing is sent until then")
        if self._hearing.refusal and not isinstance(command, Question):
            raise InputError(self._hearing.refusal)
        await self._begun.wait()
        assert self._client is not None
        return await self._client.ask(command)

    @property
    def detached(self) -> bool:
        """Whether the engine outlives this app."""
        return self._client is not None and self._client.detached

    async def live(self, told: Callable[[Event], object]) -> EngineGone:
        """Starts a worker and hands on its events until it ends; returns how it ended.

        The end of a line to a detached worker is not the worker's: it is tried again and again.
        """
        gone = await self._one_life(told)
        while not self._closing and not self._given_up and not gone.fault and self._goes_on:
            if self._next_watched or self.watched:  # to the run, or from a run that has ended to one's own engine
                if self.watched and self.ready is None:
                    self.not_watched = gone.stderr[-1] if gone.stderr else str(gone)
                    self.line_changed()
                self.watched, self._next_watched = self._next_watched, ""
            else:
                pause = self.line.drop(gone.stderr[-1] if gone.stderr else "")
                self.line_changed()
                await self.line.wait(pause)
            gone = await self._one_life(told)
        self.gone = EngineGivenUp(self._given_up) if self._given_up else gone
        self._begun.set()
        return self.gone

    @property
    def _goes_on(self) -> bool:
        """Whether what has ended was a line, a try to have it again, or an engine beside one's own."""
        was_line = bool(self.line.words) or (self._client is not None and self._client.through_line)
        return was_line or bool(self._next_watched or self.watched)

    async def _one_life(self, told: Callable[[Event], object]) -> EngineGone:
        self.ready, self.gone, self._given_up = None, None, ""
        self._begun.clear()
        self._hearing.end()
        watching = self.watch_command(self.watched) if self.watched and self.watch_command is not None else None
        client = self._client = EngineClient(watching or self._command, control=watching is None)
        cutting = asyncio.create_task(self._cut_silent_line(client))
        try:
            await client.start()
            if not self.line.words:  # while the line is down, questions wait until the worker is heard
                self._begun.set()
            async for event in client.events():
                if isinstance(event, WarmingUp | Heartbeat) and self.ready is None and not self._hearing.begun:
                    self._hearing.begin()
                if isinstance(event, Ready):
                    self.ready = event
                    self._begun.set()
                    if self._yours and not self.watched:  # before anybody else asks: the first trace has it already
                        client.send(OfferYours(self._yours))
                    if self.line.hold():
                        self.line_changed()
                elif isinstance(event, YoursJudged):
                    self.judged = event
                told(event)
                while self._waiting() > _MOST_WAITING:  # an engine that talks without end waits, and the keys do not
                    await asyncio.sleep(_A_MOMENT)
        except EngineGone as gone:
            return gone
        finally:
            cutting.cancel()
            self._hearing.end()
        raise AssertionError("events end with EngineGone")

    async def _cut_silent_line(self, client: EngineClient) -> None:
        """A line that carries nothing any more ends when somebody ends it; a worker that says nothing may come back."""
        while not (client.through_line and self._hearing.seconds >= _SILENT_LINE_SECONDS):
            await asyncio.sleep(_LOOK_SECONDS)
        await client.close(0.0)

    async def watch(self, run_id: str) -> None:
        """Leaves the engine for the one in the background that trains the run, until that has ended."""
        self._next_watched = run_id
        if self._client is not None:
            await self._client.close(0.5)

    async def give_up(self, why: str) -> None:
        """Ends a worker that does not answer; what it has saved can be gone on with."""
        self._given_up = why
        if self._client is not None:
            await self._client.close(0.0)

    async def close(self) -> None:
        """Lets the worker checkpoint and leave; a detached one goes on."""
        self._closing = True
        self.line.try_now()
        if self._client is not None and self.gone is None:
            await self._client.close()
