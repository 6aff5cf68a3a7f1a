"""Stores a run while its events go by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec.structs import replace

from engine.contract.errors import line_of
from engine.contract.events import (
    Diverged,
    EpochDone,
    Finished,
    LabelsExamined,
    MinibatchesDone,
    RunEvent,
    Started,
    Status,
)
from engine.contract.history import joined
from engine.store.runs import RunStore
from engine.store.safetensors_file import Checkpoint


class State(Protocol):
    """What is trained: complete whenever an event has been yielded."""

    def checkpoint(self) -> Checkpoint:
        """All that a run needs to go on from here to the bit."""


class Recorder:
    """Stores one run. `record` is a consumer that passes the events on; whoever stops pulling calls `stop`.

    Progress is saved at the start, at every epoch's end and at the end of the run, before the event is handed on: what
    anybody has seen of an epoch is on the disk.
    """

    def __init__(self, store: RunStore, run_id: str, state: State) -> None:
        self._store = store
        self._run_id = run_id
        self._state = state
        self._cells = store.losses(run_id)[-1:]  # those to save; the last saved one may still grow
        self._epochs: list[EpochDone] = []
        self._diverged: Diverged | None = None
        self._examined: LabelsExamined | None = None
        self._finished: Finished | None = None
        self._saved = False

    def record(self, events: Iterable[RunEvent]) -> Iterator[RunEvent]:
        """The events, with the run's name in the first and the last.

        An exception of the source marks the run failed and goes on to the caller.

        Raises:
            InputError: the store fails.
        """
        source = iter(events)
        while True:
            try:
                event = next(source, None)
            except Exception as error:
                self._fail(error)
                raise
            if event is None:
                return
            yield self._kept(event)

    def stop(self, status: Status, seconds: float, images_per_second: float, reason: str) -> Finished:
        """Saves the state and ends the run. What has ended already stays as it is.

        Returns:
            The run's last event, for whoever listens.

        Raises:
            InputError: the store fails.
        """
        if self._finished is not None:
            return self._finished
        return self._end(Finished(status=status, seconds=seconds, images_per_second=images_per_second, reason=reason))

    def _kept(self, event: RunEvent) -> RunEvent:
        if isinstance(event, Started):
            self._save()
            return replace(event, run_id=self._run_id)
        if isinstance(event, Finished):
            return self._end(event)
        if isinstance(event, MinibatchesDone):
            self._cells = joined(self._cells, event.cells)
            self._saved = False
        elif isinstance(event, EpochDone):
            self._epochs.append(event)
            self._save()
        elif isinstance(event, LabelsExamined):
            self._examined = event
        else:
            self._diverged = event
        return event

    def _end(self, finished: Finished) -> Finished:
        if not self._saved:
            self._save()
        finished = replace(finished, run_id=self._run_id)
        self._store.finish(self._run_id, finished, self._diverged, self._examined)
        self._finished = finished
        return finished

    def _save(self) -> None:
        self._store.save_progress(self._run_id, self._state.checkpoint(), self._cells, self._epochs)
        self._cells = self._cells[-1:]
        self._epochs = []
        self._saved = True

    def _fail(self, error: Exception) -> None:
        """The state may be half changed, so the last checkpoint stays the run's."""
        failed = Finished(
            run_id=self._run_id,
            status="failed",
            seconds=self._store.summary(self._run_id).seconds,
            images_per_second=0.0,
            reason=line_of(error),
        )
        self._store.finish(self._run_id, failed, self._diverged)
        self._finished = failed
