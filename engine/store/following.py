"""A run that another process writes, followed from the store alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine.contract.events import MinibatchesDone, RunEvent
from engine.store.queries import StoredRun, beginning, images_until
from engine.store.runs import RunStore

LOOK_SECONDS = 0.2  # at whether anything has been written
_OWNER_SECONDS = 1.0  # at whether the process that writes is still there


def follow(store: RunStore, run_id: str) -> Iterator[RunEvent | None]:
    """What the run has told and tells, to its end; None after every look.

    A run whose process is gone ends with a `Finished` that says so. A cell is told when it is whole: what a run tells
    between two epochs is not in the store.

    Raises:
        InputError: there is no such run, or it is deleted meanwhile.
    """
    told: StoredRun | None = None
    version, looked_at = -1, 0.0
    while True:
        now = store.version()
        if now != version or time.monotonic() - looked_at >= _OWNER_SECONDS:
            version, looked_at = now, time.monotonic()
            run = store.stored(run_id)
            if told is None or not _goes_on(told, run):
                told = None
                yield beginning(run)
            yield from _news(told, run)
            if run.finished is not None:
                yield run.finished
                return
            told = run
        yield None
        time.sleep(LOOK_SECONDS)


def _goes_on(told: StoredRun, run: StoredRun) -> bool:
    """False for a run that went back to a checkpoint, as one that is resumed after its process was killed."""
    return run.position >= told.position and run.epochs[: len(told.epochs)] == told.epochs


def _news(told: StoredRun | None, run: StoredRun) -> Iterator[RunEvent]:
    start = told.position if told is not None else 0
    first = start // run.cell_width  # the cell in which the last stretch ended, or which it has filled
    end = run.position
    ended = run.finished is not None
    cells = tuple(
        cell for cell in run.losses if cell.index >= first and (ended or (cell.index + 1) * run.cell_width <= end)
    )
    if end > start or cells:
        images = images_until(run, end) - images_until(run, start)
        yield MinibatchesDone(position=start, count=end - start, images=images, cells=cells)
    yield from run.epochs[len(told.epochs) if told is not None else 0 :]
    for before, now in ((told and told.diverged, run.diverged), (told and told.examined, run.examined)):
        if now is not None and before is None:
            yield now
