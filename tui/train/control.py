"""What the Train pane tells the engine, and what is known of how it obeys."""

from __future__ import annotations

import time
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from engine.contract.answers import RunsListed
from engine.contract.commands import (
    Command,
    Continue,
    ListRuns,
    Pause,
    Reset,
    ResumeRun,
    SetPace,
    StartTraining,
    StepEpoch,
    StepMinibatch,
    Stop,
)
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed, PaceChanged, WarmingUp
from engine.contract.errors import InputError
from engine.contract.events import Finished, MinibatchesDone, Started
from engine.contract.progress import Progress
from engine.contract.run_state import RunState
from engine.contract.wire import Event
from engine.processes.client import Engine
from tui.train.pace_setting import PaceSetting, guessed_minibatches
from tui.train.speed import Speed

Phase = Literal["idle", "queued", "loading", "running", "paused"]


class Wanted(Struct, frozen=True):
    """A start that waits for the engine. With `then` it starts held and takes that one step."""

    config: TrainConfig
    then: StepMinibatch | StepEpoch | None = None


class RunControl:
    """Every method that asks raises InputError for a refusal, and EngineGone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.pace = PaceSetting()
        self.wanted: Wanted | None = None
        self.progress: Progress | None = None
        self.run = RunState()
        self.speed = Speed()
        self.warming = ""  # what keeps the engine from being ready
        self.typed: TrainConfig | None = None  # of the run in front, as it was asked for, with every `auto`
        self._loading = False
        self._held = False
        self._cleared = False

    @property
    def phase(self) -> Phase:
        if self.wanted is not None:
            return "queued"
        if self._loading:
            return "loading"
        if self.run.status != "running":
            return "idle"
        return "paused" if self._held else "running"

    @property
    def _in_front(self) -> str:
        """The run that a command is for; one that is being loaded has no name yet."""
        return "" if self._loading else self.run.run_id

    def told(self, event: Event, run: RunState) -> None:
        """After a reset the old run is not looked at again until another starts."""
        self._cleared = self._cleared and not isinstance(event, Started)
        self.run = RunState() if self._cleared else run
        if isinstance(event, MinibatchesDone):
            self.speed.saw(time.monotonic(), self.run.images, self.run.position)
        elif isinstance(event, Started):
            self._loading, self.progress = False, None
            self.speed.forget()
            # Only now is it known how long the run is.
            self._engine.send(SetPace(self.pace.minibatches_per_second(run.minibatches), of=run.run_id))
        elif isinstance(event, PaceChanged):
            self._held = event.paused
            self.speed.forget()
        elif isinstance(event, Progress) and self._loading:
            self.progress = event
        elif isinstance(event, WarmingUp):
            self.warming = event.doing
        elif isinstance(event, Finished) or (isinstance(event, Failed) and event.request == 0):
            self._loading, self.progress = False, None

    async def start(self, wanted: Wanted) -> None:
        """Begins a run, in place of the one that is going on."""
        config = wanted.config
        pace = self.pace.minibatches_per_second(guessed_minibatches(config.batch_size, config.epochs))
        self.wanted, self.typed, self.progress = None, config, None
        self._loading, self._held = True, wanted.then is not None
        try:
            await self._engine.ask(
                StartTraining(config=config, paused=wanted.then is not None, minibatches_per_second=pace)
            )
        except BaseException:
            self._loading = False
            raise
        if wanted.then is not None:
            await self._engine.ask(wanted.then)

    async def resume(self, epochs: int) -> None:
        """Goes on with the run in front if it was stopped, else with the last stored one that was.

        A finished run goes on where `epochs` are more than it had.
        """
        run_id, more = await self._resumable(epochs)
        pace = self.pace.minibatches_per_second(self.run.minibatches)
        self.typed, self._loading, self._held, self.progress = None, True, False, None
        try:
            await self._engine.ask(ResumeRun(run_id=run_id, epochs=more, minibatches_per_second=pace))
        except BaseException:
            self._loading = False
            raise

    async def _resumable(self, epochs: int) -> tuple[str, int | None]:
        if self.run.status in ("stopped", "interrupted"):
            return self.run.run_id, None
        if self.run.status == "finished":
            if epochs > self.run.config.epochs:
                return self.run.run_id, epochs
            raise InputError(
                f"epochs: found {epochs} and a run that has done {len(self.run.epochs)}, expected more to go on with it"
            )
        listed = await self._engine.ask(ListRuns())
        assert isinstance(listed, RunsListed)
        for summary in listed.runs:
            if summary.status in ("stopped", "interrupted") and summary.epochs_done < summary.config.epochs:
                return summary.run_id, None
        raise InputError("found no stopped or interrupted run to go on with, expected one")

    async def toggle(self) -> None:
        """Holds a run that moves, lets a held one go on."""
        held, self._held = self._held, not self._held
        await self._engine.ask(Continue(of=self._in_front) if held else Pause(of=self._in_front))

    async def step(self, step: StepMinibatch | StepEpoch) -> None:
        self._held = False
        await self._engine.ask(replace(step, of=self._in_front))

    async def stop(self) -> None:
        self.wanted = None
        await self._tell_if_going(Stop(of=self._in_front))

    async def reset(self) -> None:
        """Forgets the run in front; what is stored stays."""
        self.wanted, self.typed, self._cleared, self.run = None, None, True, RunState()
        self.speed.forget()
        await self._engine.ask(Reset())
        self._loading = False

    async def set_pace(self, pace: PaceSetting) -> None:
        self.pace = pace
        self.speed.forget()
        if self.phase in ("running", "paused", "loading"):
            rate = pace.minibatches_per_second(self.run.minibatches)
            await self._engine.ask(SetPace(rate, of=self._in_front))

    async def _tell_if_going(self, command: Command) -> None:
        if self.phase != "idle":
            await self._engine.ask(command)
            self._loading = False
