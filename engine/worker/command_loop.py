"""The worker's one computing thread: pulls the job's next event, and answers what came in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from queue import Empty, SimpleQueue

from engine.contract.commands import (
    Command,
    CompareLosses,
    Continue,
    Detach,
    Hello,
    MeasureLosses,
    MeasureVocabulary,
    Pause,
    Question,
    Reset,
    ResumeRun,
    ResumeSweep,
    SetPace,
    Shutdown,
    StartSweep,
    StartTraining,
    StepEpoch,
    StepMinibatch,
    Stop,
    StopMeasuring,
)
from engine.contract.engine_events import PROTOCOL, Done, Failed, PaceChanged
from engine.contract.errors import InputError, line_of
from engine.contract.events import EpochDone, Finished, MinibatchesDone
from engine.contract.loss_lab import checked
from engine.contract.progress import Notice, Progress
from engine.contract.vocabulary import checked as checked_plan
from engine.contract.wire import Event
from engine.jobs.comparison import LossComparison, compare
from engine.jobs.recorded_run import Places, Session, Training
from engine.jobs.sweep import opening
from engine.jobs.sweep.job import Sweep, throttled
from engine.labs.vocabulary.job import VocabularyJob
from engine.processes.faults import explain
from engine.ranks.rank_group import RankGroup
from engine.worker.answers import AnswersOfViewers
from engine.worker.detachment import Detachment, detach, why_leave
from engine.worker.handshake import ready
from engine.worker.hub import Hub
from engine.worker.pace import Pace

Beginning = StartTraining | ResumeRun | StartSweep | ResumeSweep | CompareLosses
Job = Training | Sweep | LossComparison
OfOneJob = Pause | Continue | StepMinibatch | StepEpoch | SetPace | Stop

_SLICE_SECONDS = 0.25  # of a wait without end


class CommandLoop:
    """Holds at most one job: a run, a sweep, a comparison of losses. Beside it a measurement may be taken, and the job
    is held meanwhile. Commands are obeyed between two events, so nothing is locked.
    """

    def __init__(
        self, places: Places, inbox: SimpleQueue[Command], outbox: Hub, rank_group: RankGroup | None = None
    ) -> None:
        self._rank_group = rank_group
        self._inbox = inbox
        self._outbox = outbox
        self._session = Session(places)
        self._answers = AnswersOfViewers(self._session)
        self._detachment: Detachment | None = None
        self._pace = Pace()
        self._job: Job | None = None
        self._events: Iterator[Event] | None = None
        self._measurement: Generator[Event] | None = None
        self._vocabulary: VocabularyJob | None = None  # whose events the measurement is, where it is one
        self._leaving = False
        self._why_leaving = "the engine was told to leave"
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
            elif self._measurement is not None:
                if not self._guarded(0, "measuring", self._measure):
                    self._measurement = self._vocabulary = None
            elif self._events is not None and not self._guarded(0, "training", self._advance):
                self._events = None
        self._end_measurement(self._why_leaving)
        self._end_job(self._why_leaving)
        if self._detachment is not None:
            self._detachment.end()

    @property
    def _training(self) -> Training | None:
        return self._job if isinstance(self._job, Training) else None

    def _next_command(self) -> Command | None:
        """The next command, waiting for one only while there is nothing else to do."""
        try:
            if self._measurement is None:
                if self._events is None or (self._pace.held and self._training is not None):
                    return self._waited_for()
                if (wait := self._pace.seconds_until_due()) and self._training is not None:
                    return self._inbox.get(timeout=wait)
            return self._inbox.get_nowait()
        except Empty:
            return None

    def _waited_for(self) -> Command:
        """The next command; in a detached worker that nobody needs any more it is the end.

        In slices: a signal that comes right before a wait begins runs its handler only after the wait.
        """
        while True:
            try:
                return self._inbox.get(timeout=_SLICE_SECONDS)
            except Empty:
                if self._detachment is None:
                    continue
                going_on, free = self._events is not None, self._outbox.uncontrolled_seconds()
                if why := why_leave(self._job is not None, going_on, free):
                    self._why_leaving = why
                    return Shutdown()

    def _guarded(self, request: int, doing: str, act: Callable[[], None]) -> bool:
        """Whether it went well. Every failure is a typed reply; only a fault leaves a traceback on stderr."""
        self.busy_with, self._moved = doing, time.monotonic()
        try:
            act()
            return True
        except Exception as error:  # noqa: BLE001 - out of memory, a driver's error: the worker outlives it and says so
            explain(error)
            self._outbox.put(Failed(request, line_of(error)))
        finally:
            self.busy_with = ""
        return False

    def _measure(self) -> None:
        assert self._measurement is not None
        event = next(self._measurement, None)
        if event is not None:
            self._outbox.put(event)
            return
        self._measurement = self._vocabulary = None
        self._pace.set(self._pace.minibatches_per_second)  # what was held has nothing to catch up

    def _advance(self) -> None:
        """Pulls one event: of the preparation, then of the job."""
        assert self._events is not None
        if self._training is not None:
            self._training.state.longest_run = self._pace.longest_run()
        try:
            event = next(self._events, None)
        except Exception as error:
            if self._job is None:  # nobody was told that it begins
                raise
            explain(error)
            self._outbox.put(self._job.failed(line_of(error)))
            event = None
        if event is None:
            self._events = None
            return
        self._outbox.put(event)
        minibatches = event.count if isinstance(event, MinibatchesDone) else 0
        if self._pace.went(minibatches, isinstance(event, EpochDone)):
            self._tell_pace()
        if isinstance(event, Finished):
            self._events = None

    def _obey(self, command: Command) -> None:
        if isinstance(command, Question):
            for event in self._answers.of(self._outbox.asker(command.request)).to(command, self._training):
                self._outbox.put(event, command.request)
            return
        if self._too_late(command):
            pass
        elif isinstance(command, Hello):
            self._greet(command)
        elif isinstance(command, Shutdown):
            self._leaving = True
        elif isinstance(command, Beginning):
            self._begin(command)
        elif isinstance(command, Detach):
            self._detach()
        elif isinstance(command, MeasureLosses):
            question = checked(command.question)
            self._end_measurement("another measurement was begun")
            self._measurement = self._session.measure(question)
        elif isinstance(command, MeasureVocabulary):
            job = VocabularyJob(checked_plan(command.plan), self._rank_group)
            self._end_measurement("another measurement was begun")
            self._vocabulary, self._measurement = job, job.events
        elif isinstance(command, StopMeasuring):
            self._end_measurement("stopped by hand")
        elif isinstance(command, Stop | Reset):
            self._end_job("stopped by hand")
            if isinstance(command, Reset):
                self._job = None
        else:
            self._set_pace(command)
        if command.request:
            self._outbox.put(Done(command.request))

    def _too_late(self, command: Command) -> bool:
        """Whether it was given for a job that is no longer going on. Whoever waits for its answer is told.

        Raises:
            InputError: somebody waits for the answer.
        """
        meant = command.of if isinstance(command, OfOneJob) else ""
        if not meant or (self._events is not None and self._job is not None and meant == self._job.name):
            return False
        if command.request:
            raise InputError(f"{type(command).__name__}: {meant} is no longer going on")
        return True

    def _greet(self, command: Hello) -> None:
        if command.protocol == PROTOCOL:
            self._outbox.greet(ready(self._session.places))
        else:
            self._leaving = True
            raise InputError(f"protocol: found {command.protocol}, expected {PROTOCOL}: the two ends differ in version")

    def _detach(self) -> None:
        if self._rank_group is not None:
            raise InputError("Detach: found an engine that torchrun has started, expected one that stands alone")
        if self._detachment is None:
            self._detachment = detach(self._outbox, self._session.places)

    def _begin(self, command: Beginning) -> None:
        """Checks at once what can be checked, then leaves loading and computing to the job."""
        preparation = self._preparation(command)
        self._end_job("another job was started")
        self._end_measurement("another job was started")
        self._job = None
        self._pace.go()
        if isinstance(command, StartTraining | ResumeRun):
            self._pace.minibatches_per_second = command.minibatches_per_second
            if command.paused:
                self._pace.hold()
        self._events = self._prepared(preparation)
        self._tell_pace()

    def _preparation(self, command: Beginning) -> Iterator[Progress | Notice | Job]:
        if isinstance(command, StartTraining):
            return self._session.start(command.config)
        if isinstance(command, ResumeRun):
            epochs = {"epochs": command.epochs} if command.epochs else {}
            return self._session.resume(command.run_id, {**command.changes, **epochs})
        if isinstance(command, StartSweep):
            return opening.start(self._session.places, command.config, self._rank_group)
        if isinstance(command, ResumeSweep):
            return opening.resume(self._session.places, command.sweep_id, self._rank_group)
        return compare(self._session, checked(command.question), command.dataset, command.epochs)

    def _prepared(self, preparation: Iterator[Progress | Notice | Job]) -> Iterator[Event]:
        for step in preparation:
            if isinstance(step, Progress | Notice):
                yield step
                continue
            self._job = step
            if isinstance(step, Training):
                for event in step.history:  # at once: the pace is for what comes
                    self._outbox.put(event)
                self._pace.set(self._pace.minibatches_per_second)  # loading does not count
                yield from step.events
            elif isinstance(step, Sweep):
                yield from throttled(step.events)
            else:
                yield from step.events

    def _end_measurement(self, reason: str) -> None:
        """Leaves it at once; a process that computes for it is killed."""
        measurement, job = self._measurement, self._vocabulary
        self._measurement = self._vocabulary = None
        if measurement is not None:
            measurement.close()
        if job is not None:
            self._outbox.put(job.stop(reason))

    def _end_job(self, reason: str) -> None:
        if self._job is not None and self._events is not None:
            self._outbox.put(self._job.stop(reason))
        self._events = None

    def _set_pace(self, command: Command) -> None:
        if isinstance(command, SetPace):
            self._pace.set(command.minibatches_per_second)
        elif self._events is None:
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
