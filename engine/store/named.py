"""Which stored run a person means, or which predictions file; where none is named, which one is taken for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.contract.answers import DamagedListed, RunSummary
from engine.contract.errors import InputError
from engine.contract.events import Status
from engine.contract.stored_runs import last_finished, last_resumable
from engine.store.files import shown
from engine.verdicts.one_line import one_line

if TYPE_CHECKING:
    from engine.store.runs import RunStore


_PREDICTIONS = (".npz", ".npy", ".csv", ".tsv", ".csv.gz", ".txt")


def is_predictions_file(source: str) -> bool:
    """Whether a file is meant, by its ending, or by what lies there, for the runs of a sweep have a slash too."""
    return source.lower().endswith(_PREDICTIONS) or (os.sep in source and Path(source).exists())


def run_named(store: RunStore, name: str) -> str:
    """The id of the run with that id or that name.

    Raises:
        InputError: there is no such run, or several have that name. A damaged run is known by its id alone.
    """
    if not name:
        raise InputError("run: found an empty name, expected the id or name of a run")
    runs = store.listed()
    if any(run.run_id == name for run in runs):
        return name
    called = [run.run_id for run in runs if isinstance(run, RunSummary) and run.name == name]
    if len(called) > 1:
        raise InputError(
            f"run: found {len(called)} runs called {name!r}, expected one run: give the id, {' or '.join(called)}"
        )
    if not called:
        known = ", ".join(run.run_id for run in runs[:3]) + (", …" if len(runs) > 3 else "")
        raise InputError(
            f"run: found {name!r}, expected one of `softmax-tui runs list`: {known or 'no run is stored yet'}"
        )
    return called[0]


class Taken(NamedTuple):
    """A run, and where nobody has named it the sentences that say which one was taken; else ""."""

    run_id: str
    said: str


def finished_one(store: RunStore, or_newest: bool = False) -> Taken:
    """The last run that finished; with `or_newest` the newest of all where none has.

    Raises:
        InputError: there is none.
    """
    runs = store.listed()
    run = last_finished([run for run in runs if isinstance(run, RunSummary)])
    if run is None:
        if not (or_newest and runs):
            raise _none_of(store, "finished", runs)
        return Taken(runs[0].run_id, f"No run has finished. The newest run, {runs[0].run_id}, {_ended(runs[0])}.")
    newest = runs[0]
    later = "" if newest.run_id == run.run_id else f" The newest run, {newest.run_id}, {_ended(newest)}."
    called = f" ({one_line(run.name)})" if run.name else ""
    return Taken(run.run_id, f"{run.run_id}{called} is the last run that finished.{later}")


def resumable_one(store: RunStore, epochs: int = 0) -> Taken:
    """The last run that can go on, to so many epochs where that is not 0.

    Raises:
        InputError: no run can.
    """
    runs = store.listed()
    run = last_resumable([run for run in runs if isinstance(run, RunSummary)], epochs)
    if run is None:
        raise _none_of(store, "can continue", runs)
    return Taken(run.run_id, f"{run.run_id} is the last run that can continue.")


_ENDS: dict[Status, str] = {
    "running": "is still running",
    "stopped": "was stopped",
    "interrupted": "was interrupted",
    "diverged": "diverged",
    "failed": "failed",
    "finished": "finished",
}


def _ended(run: RunSummary | DamagedListed) -> str:
    return _ENDS[run.status] if isinstance(run, RunSummary) else "is damaged"


def _none_of(store: RunStore, which: str, runs: Sequence[RunSummary | DamagedListed]) -> InputError:
    if not runs:
        return InputError(f"found no runs in {shown(store.folder)}, expected at least one run")
    some = ", ".join(f"{run.run_id} {_ended(run)}" for run in runs[:3]) + (", …" if len(runs) > 3 else "")
    return InputError(f"run: found no run that {which}, expected such a run or the id of a run: {some}")
