"""What the Train pane tells the engine, and what is known of how it obeys."""

from __future__ import annotations

import time
from typing import Literal

from msgspec.structs import replace

from engine.contract.answers import RunsListed
from engine.contract.commands import (
    Continue,
    ListRuns,
    Pause,
    Reset,
    ResumeRun,
    SetPace,
    StartTraining,
    StepEpoch,
    StepMinibatch,
)
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed, PaceChanged
from engine.contract.errors import InputError
from engine.contract.events import Finished, MinibatchesDone, Started
from engine.contract.progress import Progress
from engine.contract.run_state import RunState
from engine.contract.stored_runs import last_resumable
from engine.contract.wire import Event
from engine.processes.client import Engine
from tui.pane.lab import JobControl
from tui.pane.live_run import LiveRun
from tui.train.form import texts_of
from tui.train.pace import PaceSetting, Speed, guessed_minibatches

Phase = Literal["idle", "queued", "loading", "running", "paused"]


class RunControl(JobControl):
    """Starts, holds and ends runs, and knows how fast they go."""

    def __init__(self, engine: Engine, live: LiveRun) -> None:
        super().__init__(engine)
        self._live = live
        self.pace = PaceSetting()
        self.speed = Speed()
        self._own = ""  # the run in front, where it was begun here; a run that goes on elsewhere keeps its pace
        self._wished: PaceSetting | None = None  # for runs that are begun here, while another's pace is shown
        self.typed: TrainConfig | None = None  # of the run in front, as it was asked for, with every `auto`
        self.started_with: dict[str, str] = {}  # the same as texts of the form; empty where there is no run
        self._asked: TrainConfig | None = None  # of a run that has not started yet

    @property
    def run(self) -> RunState:
        """The run in front."""
        return self._live.state

    @property
    def warming(self) -> str:
        """What keeps the engine from being ready."""
        return self._live.warming

    @property
    def phase(self) -> Phase:
        """How far the run in front is."""
        if self.waiting is not None:
            return "queued"
        if self._loading:
            return "loading"
        if self.run.status != "running":
            return "idle"
        return "paused" if self._live.held else "running"

    @property
    def _in_front(self) -> str:
        """The run that a command is for; one that is being loaded has no name yet."""
        return "" if self._loading else self.run.run_id

    def told(self, event: Event) -> None:
        """What the engine said, after the run has taken it."""
        run = self.run
        if isinstance(event, MinibatchesDone):
            self.speed.saw(time.monotonic(), run.images, run.position)
        elif isinstance(event, Started):
            begun_here = self._loading
            if begun_here or event.run_id != self._own:
                self._own = event.run_id if begun_here else ""
            self._prepared()
            self.speed.forget()
            self.typed, self._asked = self._asked, None
            self.started_with = texts_of(self.typed or run.config, resolved=self.typed is None)
            if begun_here:  # only now is it known how long the run is
                self._engine.send(SetPace(self.pace.minibatches_per_second(run.minibatches), of=run.run_id))
        elif isinstance(event, PaceChanged):
            self.speed.forget()
            if self.run.status == "running" and not self._own and not self._loading:
                self._wished = self._wished or self.pace
                self.pace = self.pace.as_told(event.minibatches_per_second)
        elif isinstance(event, Progress) and self._loading:
            self.progress = event
        elif isinstance(event, Finished) or (isinstance(event, Failed) and event.request == 0):
            self._prepared()

    async def start(self, config: TrainConfig, then: StepMinibatch | StepEpoch | None = None) -> None:
        """Begins a run, in place of the one that is going on. With `then` it starts held and takes that one step."""
        self.pace, self._wished = self._wished or self.pace, None
        pace = self.pace.minibatches_per_second(guessed_minibatches(config.batch_size, config.epochs))
        self._asked, self._live.held = config, then is not None
        await self._begin(StartTraining(config=config, paused=then is not None, minibatches_per_second=pace))
        if then is not None:
            await self._engine.ask(then)

    async def resume(self, epochs: int) -> None:
        """Goes on with the run in front if it was stopped, else with the last stored one that was.

        A finished run goes on where `epochs` are more than it had.
        """
        run_id, more = await self._resumable(epochs)
        pace = self.pace.minibatches_per_second(self.run.minibatches)
        self._asked, self._live.held = None, False
        await self._begin(ResumeRun(run_id=run_id, epochs=more, minibatches_per_second=pace))

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
        if (run := last_resumable(listed.runs)) is not None:
            return run.run_id, None
        raise InputError("found no stopped or interrupted run, expected a run that can continue")

    async def toggle(self) -> None:
        """Holds a run that moves, lets a held one go on."""
        held = self._live.held
        self._live.held = not held
        await self._engine.ask(Continue(of=self._in_front) if held else Pause(of=self._in_front))

    async def step(self, step: StepMinibatch | StepEpoch) -> None:
        """Lets a held run take a minibatch, or go to the end of its epoch."""
        self._live.held = False
        await self._engine.ask(replace(step, of=self._in_front))

    async def stop(self) -> None:
        """Forgets a start that waits; ends a run with a checkpoint."""
        if self.take_waiting() is None and self.phase != "idle":
            await self._stop(self.run.run_id)

    async def reset(self) -> None:
        """Forgets the run in front; what is stored stays."""
        self.waiting, self.typed, self.started_with = None, None, {}
        self._live.forget()
        self.speed.forget()
        await self._engine.ask(Reset())
        self._loading = False

    async def set_pace(self, pace: PaceSetting) -> None:
        """For this run, and for those that follow."""
        self.pace, self._wished = pace, None
        self.speed.forget()
        if self.phase in ("running", "paused", "loading"):
            rate = pace.minibatches_per_second(self.run.minibatches)
            await self._engine.ask(SetPace(rate, of=self._in_front))
