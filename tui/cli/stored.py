"""Which stored run a person means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.contract.errors import InputError

if TYPE_CHECKING:
    from engine.contract.run_state import RunState
    from engine.store.runs import RunStore


def run_named(store: RunStore, name: str) -> str:
    """The id of the run with that id or that name, of the latest one without a name.

    Raises:
        InputError: there is no such run, or several have that name.
    """
    if not name:
        return store.latest()
    runs = store.summaries()
    if any(run.run_id == name for run in runs):
        return name
    called = [run.run_id for run in runs if run.name == name]
    if len(called) > 1:
        raise InputError(f"run: found {len(called)} called {name!r}, expected one: give its id, {' or '.join(called)}")
    if not called:
        known = ", ".join(run.run_id for run in runs[:3]) + (", …" if len(runs) > 3 else "")
        raise InputError(
            f"run: found {name!r}, expected one of `softmax-tui runs list`: {known or 'there is none yet'}"
        )
    return called[0]


def run_in(folder: Path, name: str) -> str:
    """The same in the store of a folder, which is not made where there is none."""
    from engine.store.runs import RunStore

    store = RunStore.open(folder, create=False)
    try:
        return run_named(store, name)
    finally:
        store.close()


def replayed(store: RunStore, run_id: str) -> RunState:
    """A stored run as its events tell it."""
    from engine.contract.run_state import RunState, apply

    run = RunState()
    for event in store.events(run_id):
        run = apply(run, event)
    return run
