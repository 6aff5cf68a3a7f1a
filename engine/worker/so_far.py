"""What the job of a worker has told so far, for viewers that come later."""

from __future__ import annotations

from typing import get_args

from engine.contract.engine_events import PaceChanged
from engine.contract.events import MinibatchesDone, RunEvent, Started
from engine.contract.loss_training import LossTrainingEvent, LossTrainingStarted
from engine.contract.run_state import RunState, apply, told_again
from engine.contract.sweeps import MemberSaid, SweepEvent, SweepProgress, SweepStarted
from engine.contract.wire import Event

_OF_A_RUN = get_args(RunEvent)
_OF_OTHERS = (*get_args(SweepEvent), *get_args(LossTrainingEvent))


class SoFar:
    """Of a run its state, of a sweep or a comparison all events but the minibatches of their runs."""

    def __init__(self) -> None:
        self._run = RunState()
        self._others: list[Event] = []
        self._progress: SweepProgress | None = None
        self._pace: PaceChanged | None = None

    def take(self, event: Event) -> None:
        """What the worker tells now. Answers and what it says of itself are nothing to those who come later."""
        if isinstance(event, Started | SweepStarted | LossTrainingStarted):
            self._others, self._progress = [], None
        if isinstance(event, _OF_A_RUN):
            self._run = apply(self._run, event)
        elif isinstance(event, _OF_OTHERS):
            self._run = RunState()
            if not (isinstance(event, MemberSaid) and isinstance(event.event, MinibatchesDone)):
                self._others.append(event)
        elif isinstance(event, SweepProgress):
            self._progress = event
        elif isinstance(event, PaceChanged):
            self._pace = event

    def told_again(self) -> list[Event]:
        """Events that bring a viewer to where one stands who was there from the start."""
        latest = [event for event in (self._progress, self._pace) if event is not None]
        return [*told_again(self._run), *self._others, *latest]
