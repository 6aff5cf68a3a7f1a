"""Which stored run a person means, or which predictions file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from engine.contract.answers import RunSummary
from engine.contract.errors import InputError

if TYPE_CHECKING:
    from engine.store.runs import RunStore


def is_predictions_file(source: str) -> bool:
    """Whether a file is meant: an `.npz`, or what lies there under a path, for the runs of a sweep have a slash too."""
    return source.endswith(".npz") or (os.sep in source and Path(source).exists())


def run_named(store: RunStore, name: str) -> str:
    """The id of the run with that id or that name, of the latest one without a name.

    Raises:
        InputError: there is no such run, or several have that name. A damaged run is known by its id alone.
    """
    if not name:
        return store.latest()
    runs = store.listed()
    if any(run.run_id == name for run in runs):
        return name
    called = [run.run_id for run in runs if isinstance(run, RunSummary) and run.name == name]
    if len(called) > 1:
        raise InputError(f"run: found {len(called)} called {name!r}, expected one: give its id, {' or '.join(called)}")
    if not called:
        known = ", ".join(run.run_id for run in runs[:3]) + (", …" if len(runs) > 3 else "")
        raise InputError(
            f"run: found {name!r}, expected one of `softmax-tui runs list`: {known or 'there is none yet'}"
        )
    return called[0]
