"""The worker's one computing thread: pulls the job's next event, and answers what came in between."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from queue import Empty, SimpleQueue

from engine.answers import Answers
from engine.contract.commands import (
    PROTOCOL,
    Command,
    Continue,
    Hello,
    ListRuns,
    Pause,
    ReplayRun,
    Reset,
    ResumeRun,
    SetPace,
    ShowExample,
    ShowMistakes,
    ShowWeights,
    Shutdown,
    StartTraining,
    StepEpoch,
    StepMinibatch,
    Stop,
    TraceSoftmax,
)
from engine.contract.engine_events import Done, Failed, PaceChanged
from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone
from engine.contract.wire import Event
from engine.handshake import ready
from engine.outbox import Outbox
from engine.pace import Pace
from engine.session import Places, Session, Training

_QUESTIONS = (TraceSoftmax, ShowWeights, ShowMistakes, ShowExample, ListRuns, ReplayRun)


class Desk:
    """Holds at most one run. Commands are obeyed between two of its events, so nothing is locked."""

    def __init__(self, places: Places, inbox: SimpleQueue[Command], outbox: Outbox) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._session = Session(places)
        self._answers = Answers(self._session)
        self._pace = Pace()
        self._training: Training | None = None
        self._job: Iterator[Event] | None = None
        self._leaving = False
        self._moved = time.monotonic()
        self.busy_with = ""

    def idle_seconds(self) -> float:
        """Since this thread last moved on; a thread that waits for commands is not stuck."""
        return time.monotonic() - self._moved if self.busy_with else 0.0

    def run(self) -> None:
        """Until `Shutdown`."""
        while not self._leaving:
            command = self._next_command()
            if command is not None:
                self._guarded(command.request, type(command).__name__, partial(self._obey, command))
            elif self._job is not None and not self._guarded(0, "training", self._advance):
                self._job = None
        self._end_run("the engine was told to leave")

    def _next_command(self) -> Command | None:
        """The next command, waiting for one only while the job has nothing to do."""
        try:
            if self._job is None or (self._pace.held and self._training is not None):
                return self._inbox.get()
            if (wait := self._pace.seconds_until_due()) and self._training is not None:
                return self._inbox.get(timeout=wait)
            return self._inbox.get_nowait()
        except Empty:
            return None

    def _guarded(self, request: int, doing: str, act: Callable[[], None]) -> bool:
        """Whether it went well. Every failure is a typed reply; only a fault leaves a traceback on stderr."""
        self.busy_with, self._moved = doing, time.monotonic()
        try:
            act()
            return True
        except InputError as error:
            self._outbox.put(Failed(request, str(error)))
        except Exception as error:  # noqa: BLE001 - out of memory, a driver's error: the worker outlives it and says so
            traceback.print_exc(file=sys.stderr)
            first_line = next(iter(str(error).splitlines()), "")
            self._outbox.put(Failed(request, f"{type(error).__name__}: {first_line}"))
        finally:
            self.busy_with = ""
        return False

    def _advance(self) -> None:
        """Pulls one event: of the preparation, then of the run."""
        assert self._job is not None
        if self._training is not None:
            self._training.state.longest_run = self._pace.longest_run()
        event = next(self._job, None)
        if event is None:
            self._job = None
            return
        self._outbox.put(event)
        minibatches = event.count if isinstance(event, MinibatchesDone) else 0
        if self._pace.went(minibatches, isinstance(event, EpochDone)):
            self._tell_pace()
        if isinstance(event, Finished):
            self._job = None

    def _obey(self, command: Command) -> None:
        if isinstance(command, _QUESTIONS):
            for event in self._answers.to(command, self._training):
                self._outbox.put(event)
            return
        if isinstance(command, Hello):
            self._greet(command)
        elif isinstance(command, Shutdown):
            self._leaving = True
        elif isinstance(command, StartTraining | ResumeRun):
            self._begin(command)
        elif isinstance(command, Stop | Reset):
            self._end_run("stopped by hand")
            if isinstance(command, Reset):
                self._training = None
        else:
            self._set_pace(command)
        if command.request:
            self._outbox.put(Done(command.request))

    def _greet(self, command: Hello) -> None:
        if command.protocol == PROTOCOL:
            self._outbox.put(ready(self._session.places))
        else:
            self._leaving = True
            raise InputError(f"protocol: found {command.protocol}, expected {PROTOCOL}: the two ends differ in version")

    def _begin(self, command: StartTraining | ResumeRun) -> None:
        """Checks at once what can be checked, then leaves loading and training to the job."""
        if isinstance(command, StartTraining):
            preparation = self._session.start(command.config)
        else:
            preparation = self._session.resume(command.run_id, {"epochs": command.epochs} if command.epochs else {})
        self._end_run("another run was started")
        self._training = None
        self._pace.minibatches_per_second = command.minibatches_per_second
        self._pace.go()
        if command.paused:
            self._pace.hold()
        self._job = self._prepared(preparation)
        self._tell_pace()

    def _prepared(self, preparation: Iterator[Event | Training]) -> Iterator[Event]:
        for step in preparation:
            if isinstance(step, Training):
                self._training = step
                self._pace.set(self._pace.minibatches_per_second)  # loading does not count
                yield from step.history
                yield from step.events
            else:
                yield step

    def _end_run(self, reason: str) -> None:
        if self._training is not None and self._job is not None:
            self._outbox.put(self._training.stop(reason))
        self._job = None

    def _set_pace(self, command: Command) -> None:
        if isinstance(command, SetPace):
            self._pace.set(command.minibatches_per_second)
        elif self._job is None:
            raise InputError(f"{type(command).__name__}: no run is going on, expected one to be started first")
        elif isinstance(command, Pause):
            self._pace.hold()
        elif isinstance(command, Continue):
            self._pace.go()
        elif isinstance(command, StepMinibatch):
            self._pace.one_minibatch()
        elif isinstance(command, StepEpoch):
            self._pace.one_epoch()
        self._tell_pace()

    def _tell_pace(self) -> None:
        self._outbox.put(PaceChanged(self._pace.held, self._pace.minibatches_per_second))
