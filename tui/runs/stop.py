"""Ending a run with a checkpoint, whichever process of this machine trains it."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

from engine.contract.commands import Stop, TakeControl
from engine.contract.errors import InputError
from engine.contract.events import Finished
from engine.contract.sweeps import SweepFinished
from engine.processes.conversation import Hung
from engine.store.attaching import Visit, visiting
from engine.store.named import run_named
from engine.store.owner import Owner, is_here, is_there
from engine.store.runs import RunStore

_PATIENCE_SECONDS = 30.0  # an epoch's end on a busy machine is waited for
_LOOK_SECONDS = 0.1
_SWEEP = re.compile(r"s\d{4,17}")


def stopped(folder: Path, store: RunStore, name: str) -> str:
    """Stops the run or the sweep, and says what became of it.

    Raises:
        InputError: it is not running, runs on another machine, or does not end in time.
    """
    if _SWEEP.fullmatch(name):
        with visiting(folder, name) as visit:
            if visit is None:
                raise InputError(f"runs stop: found no sweep {name} in the background of this machine, expected one")
            return _ended_at_worker(visit)
    run_id = run_named(store, name)
    summary, owner = store.summary(run_id), store.owner(run_id)
    if summary.status != "running":
        raise InputError(f"runs stop: found {run_id} {summary.status}, expected a run that is running")
    if not is_here(owner):
        raise InputError(f"runs stop: found {run_id} on {owner}, expected a run of this machine: stop the run there")
    with visiting(folder, owner=owner) as visit:
        if visit is not None and visit.job:
            return _ended_at_worker(visit)
    return _ended_by_signal(store, run_id, owner)


def _ended_at_worker(visit: Visit) -> str:
    """Takes control for it: whoever had it is told."""
    worker, deadline = visit.worker, time.monotonic() + _PATIENCE_SECONDS
    worker.send(TakeControl(request=1))
    worker.send(Stop(of=visit.job, request=2))
    try:
        while time.monotonic() < deadline:
            event = worker.receive(_LOOK_SECONDS)
            if isinstance(event, Finished | SweepFinished):
                again = f"train --resume {visit.job}" if isinstance(event, Finished) else f"sweep --resume {visit.job}"
                what = "stopped with a checkpoint" if event.status == "stopped" else event.status
                then = f": softmax-tui {again} continues" if event.status == "stopped" else ""
                return f"{visit.job} {what}{then}"
    except Hung:
        raise InputError(f"{visit.job}: found its engine gone, expected an answer: runs list says more") from None
    raise InputError(
        f"{visit.job}: found no end within {_PATIENCE_SECONDS:g} s, expected one; pid {visit.engine.owner.pid}"
    )


def _ended_by_signal(store: RunStore, run_id: str, owner: Owner) -> str:
    """A command or an app that was not detached saves a checkpoint when it is told to end."""
    if is_there(owner):
        try:
            os.kill(owner.pid, signal.SIGTERM)
        except PermissionError as error:
            raise InputError(
                f"runs stop: found {run_id} of another user (pid {owner.pid}), expected one's own"
            ) from error
        except ProcessLookupError:
            pass  # it has ended just now
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (status := store.summary(run_id).status) == "running":
        if time.monotonic() > deadline:
            raise _no_end(run_id, owner)
        time.sleep(_LOOK_SECONDS)
    what = "stopped with a checkpoint" if status == "stopped" else status
    return f"{run_id} {what}: softmax-tui train --resume {run_id} continues"


def _no_end(name: str, owner: Owner) -> InputError:
    return InputError(f"{name}: found no end within {_PATIENCE_SECONDS:g} s, expected an end ({owner})")
