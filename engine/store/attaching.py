"""Coming to a detached worker of a store: which one is at a job, and what that job has told so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from engine.contract.engine_events import ControlChanged, Failed
from engine.contract.errors import InputError
from engine.contract.events import Finished, Started
from engine.contract.loss_training import LossTrainingDone, LossTrainingStarted
from engine.contract.sweeps import SweepFinished, SweepStarted
from engine.contract.wire import Event
from engine.processes.conversation import Attached, Hung
from engine.store.engines import DetachedEngine, EngineFiles
from engine.store.owner import Owner, is_here

_WELCOME_SECONDS = 5.0


class Visit:
    """A viewer at a worker: `so_far` is what its job told before, `job` the name of the run or sweep, "" for none."""

    def __init__(self, engine: DetachedEngine, worker: Attached) -> None:
        """Raises Hung where the worker says nothing, InputError where it refuses."""
        self.engine, self.worker = engine, worker
        self.so_far: list[Event] = []
        self.job = ""
        until = time.monotonic() + _WELCOME_SECONDS
        while not (self.so_far and isinstance(self.so_far[-1], ControlChanged)):
            event = worker.receive(max(0.0, until - time.monotonic()))
            if event is None:
                raise Hung
            if isinstance(event, Failed) and not event.request:
                raise InputError(event.message)
            self.so_far.append(event)
            self.job = _job_after(self.job, event)

    @property
    def is_sweep(self) -> bool:
        """Whether it is at a sweep, whose runs end together."""
        return any(isinstance(event, SweepStarted) for event in self.so_far)


@contextmanager
def visiting(store: Path, job: str = "", owner: Owner | None = None) -> Iterator[Visit | None]:
    """The worker that is at that job, or that is that process; None where no worker of this host listens for it."""
    with ExitStack() as stack:
        yield _found(stack, store, job, owner)


def _found(stack: ExitStack, store: Path, job: str, owner: Owner | None) -> Visit | None:
    for engine in EngineFiles(store).there():
        if not is_here(engine.owner) or (owner is not None and engine.owner != owner):
            continue
        with suppress(Hung, ConnectionError, FileNotFoundError, BlockingIOError), ExitStack() as leaving:
            visit = Visit(engine, leaving.enter_context(Attached(Path(engine.socket))))
            if job in ("", visit.job):
                stack.push(leaving.pop_all())
                return visit
    return None


def _job_after(job: str, event: Event) -> str:
    if isinstance(event, Started):
        return event.run_id
    if isinstance(event, SweepStarted):
        return event.sweep_id
    if isinstance(event, LossTrainingStarted):
        return event.run_ids[0] if event.run_ids else ""
    return "" if isinstance(event, Finished | SweepFinished | LossTrainingDone) else job
