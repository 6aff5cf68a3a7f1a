"""What the Sweep pane tells the engine, and what is known of how it obeys and of how long it takes."""

from __future__ import annotations

import time
from functools import reduce

from engine.contract.answers import SweepReplayed, SweepsListed
from engine.contract.commands import ListSweeps, ReplaySweep, ResumeSweep, StartSweep
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.contract.events import Started
from engine.contract.progress import Progress
from engine.contract.sweeps import (
    MemberSaid,
    SweepConfig,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
)
from engine.contract.wire import Event
from engine.processes.client import Engine, EngineGone
from tui.pane.lab import JobControl
from tui.sweep.estimate import Learned, Remaining, guessed_seconds, work_done
from tui.sweep.form import SweepFormText
from tui.sweep.state import SweepState, apply
from tui.sweep.words import Phase

_EVENTS = (SweepStarted, MemberSaid, SweepResult, SweepProgress, SweepFinished)


class SweepControl(JobControl):
    """Starts and ends sweeps, looks back at earlier ones, and foresees how long they take."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.live = SweepState()
        self.earlier: SweepState | None = None  # a stored one that is looked at instead
        self.typed: SweepConfig | None = None  # of the live one, as it was asked for, with every `auto`
        self._asked: SweepConfig | None = None  # of a sweep that has not started yet
        self.remaining = Remaining()
        self.share = 0.0
        self._learned = Learned()
        self._planned: tuple[object, int, float] = (None, 0, 0.0)

    @property
    def sweep(self) -> SweepState:
        """The one in front."""
        return self.earlier or self.live

    @property
    def asked_for(self) -> SweepConfig | None:
        """The one in front as it was asked for; None where nobody knows."""
        return self.typed if self.earlier is None else None

    @property
    def phase(self) -> Phase:
        """How far the live sweep is."""
        if self.waiting is not None:
            return "queued"
        if self._loading:
            return "loading"
        return "running" if self.live.status == "running" else "idle"

    @property
    def seconds_left(self) -> float:
        """Until the live sweep ends, about."""
        return self.remaining.seconds(self._learned)

    def planned(self, form: SweepFormText) -> tuple[int | None, float | None]:
        """How many runs a form stands for and how long they will take, about; None twice where it is not right."""
        try:
            config = form.config()
        except InputError:
            return None, None
        if (config, self._learned) != self._planned[0]:
            info = self.live.dataset
            known = info is not None and config.base.dataset in ("auto", info.name)
            size = info.train_size if known and info is not None else config.base.train_size
            seconds = guessed_seconds(config, size, self._learned)
            self._planned = ((config, self._learned), len(config.points) * config.seeds, seconds)
        return self._planned[1:]

    def told(self, event: Event) -> bool:
        """Whether it concerns a sweep."""
        if isinstance(event, _EVENTS):
            self.live = apply(self.live, event)
            self._moved(event)
            return True
        if isinstance(event, Started):  # a run, which takes the place of what was being prepared
            self._loading = False
            return True
        if isinstance(event, Progress):
            self.progress = event if self._loading else None
            return self._loading
        if isinstance(event, Failed) and event.request == 0 and self.phase in ("running", "loading"):
            self._ended("failed", event.message)
            return True
        return False

    def gone(self, gone: EngineGone) -> None:
        """The worker has died: what was seen stays, and can be gone on with."""
        if self.phase in ("running", "loading"):
            self._ended("interrupted", str(gone))

    async def start(self, config: SweepConfig) -> None:
        """Begins a sweep, in place of whatever is going on."""
        self._asked, self.earlier = config, None
        await self._begin(StartSweep(config=config))

    async def resume(self) -> None:
        """Goes on with the sweep in front if it has not come to its end, else with the last stored one that has not."""
        sweep_id = await self._resumable()
        self._asked = None
        await self._begin(ResumeSweep(sweep_id=sweep_id))
        self.earlier = None

    async def stop(self) -> None:
        """Forgets a start that waits; ends a sweep, of which what has ended stays."""
        if self.take_waiting() is None and self.phase != "idle":
            await self._stop(self.live.sweep_id)

    async def turn(self, step: int) -> bool:
        """Looks at the stored sweep so many on in their circle, newest first; False where there is no other."""
        listed = await self._engine.ask(ListSweeps())
        assert isinstance(listed, SweepsListed)
        ids = [one.sweep_id for one in listed.sweeps]
        here = self.sweep.sweep_id
        if not ids or ids == [here]:
            return False
        chosen = ids[(ids.index(here) + step) % len(ids)] if here in ids else ids[0 if step > 0 else -1]
        if chosen == self.live.sweep_id and self.live.status is not None:
            self.earlier = None
            return True
        replayed = await self._engine.ask(ReplaySweep(sweep_id=chosen))
        assert isinstance(replayed, SweepReplayed)
        self.earlier = reduce(apply, replayed.events, SweepState())
        self._learned = self._learned.after(self.earlier)
        return True

    async def _resumable(self) -> str:
        if self.sweep.status in ("stopped", "interrupted", "failed") and self.sweep.sweep_id:
            return self.sweep.sweep_id
        listed = await self._engine.ask(ListSweeps())
        assert isinstance(listed, SweepsListed)
        for one in listed.sweeps:
            if one.ended < one.runs:
                return one.sweep_id
        raise InputError("found no sweep that was stopped, expected one to go on with")

    def _moved(self, event: Event) -> None:
        if isinstance(event, SweepStarted):
            self._prepared()
            self.typed, self._asked = self._asked, None
            self.earlier = None
            self.remaining.begin()
        elif isinstance(event, SweepFinished):
            self._loading = False
        if isinstance(event, SweepProgress | SweepStarted | SweepResult):
            self._learned = self._learned.after(self.live)
            self.share = work_done(self.live, self._learned)
            self.remaining.saw(time.monotonic(), self.live)

    def _ended(self, status: str, reason: str) -> None:
        self._loading = False
        if self.live.status == "running":
            end = SweepFinished(
                sweep_id=self.live.sweep_id,
                status="failed" if status == "failed" else "interrupted",
                seconds=0.0,
                verdict=self.live.verdict,
                reason=reason,
            )
            self.live = apply(self.live, end)
