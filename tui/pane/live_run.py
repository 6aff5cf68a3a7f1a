"""What the engine is at: the app has it take every event, and the panes look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.contract.engine_events import PaceChanged, WarmingUp
from engine.contract.events import Diverged, EpochDone, Finished, LabelsExamined, MinibatchesDone, Started
from engine.contract.loss_training import LossTrainingDone, LossTrainingStarted
from engine.contract.run_state import RunState, apply
from engine.contract.sweeps import SweepFinished, SweepStarted
from engine.contract.wire import Event
from tui.drawing.plain import plain

_RUN_EVENTS = (Started, MinibatchesDone, EpochDone, Diverged, LabelsExamined, Finished)


@dataclass(frozen=True)
class CurrentJob:
    """What the engine is at. `kept` is a sentence on what becomes of it where it is ended."""

    name: str
    kept: str = "The run is saved and can be resumed."
    held: bool = False

    @property
    def said(self) -> str:
        """The first words of a question."""
        return f"{self.name} is paused, not ended" if self.held else f"{self.name} is still training"


class LiveRun:
    """The run that the engine is at, or was at last. `held` is whether it waits for a key: paused, or after a step.

    The engine may be at another job, a sweep or a comparison of losses: `job` is whichever it is.
    """

    def __init__(self, state: RunState | None = None) -> None:
        self.state = state or RunState()
        self.held = False
        self.warming = ""  # what an engine does that is not ready yet
        self._job: CurrentJob | None = None
        self._forgotten = False

    @property
    def job(self) -> CurrentJob | None:
        """None where the engine trains nothing. Its pace is told before a run has a name."""
        return self._job and replace(self._job, held=self.held)

    def take(self, event: Event) -> None:
        """What the engine said. Of a run that was forgotten nothing is taken in any more."""
        self._job = _job_after(self._job, event)
        if isinstance(event, PaceChanged):
            self.held = event.paused
        elif isinstance(event, WarmingUp):
            self.warming = event.doing
        elif isinstance(event, _RUN_EVENTS):
            self._forgotten = self._forgotten and not isinstance(event, Started)
            if not self._forgotten:
                self.state = apply(self.state, event)

    def forget(self) -> None:
        """There is no run in front until another starts; what is stored stays."""
        self.state, self._forgotten = RunState(), True

    def interrupt(self, reason: str) -> str:
        """The engine is gone. Returns the id of the run that was going on and can be resumed, "" where none was."""
        run_id = self.state.run_id if self.state.status == "running" else ""
        if run_id:
            self.take(Finished(run_id=run_id, status="interrupted", seconds=0, images_per_second=0, reason=reason))
        self._job = None
        return run_id


def _job_after(job: CurrentJob | None, event: Event) -> CurrentJob | None:
    if isinstance(event, Started):
        return CurrentJob(plain(event.run_id))
    if isinstance(event, SweepStarted):
        return CurrentJob(f"Sweep {plain(event.sweep_id)}", "The sweep is saved and can be resumed.")
    if isinstance(event, LossTrainingStarted):
        return CurrentJob("The comparison of the losses", "Its runs are saved, but the comparison cannot be resumed.")
    ended = isinstance(event, Finished | SweepFinished | LossTrainingDone | WarmingUp)  # a new engine does nothing yet
    return None if ended else job
