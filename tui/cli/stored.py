"""Which stored run a person means, and which one is taken where none is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.store.named import Taken, finished_one, resumable_one, run_named

__all__ = ["Taken", "finished_one", "opened", "replayed", "resumable_one", "run_named", "taken"]

if TYPE_CHECKING:
    from engine.contract.run_state import RunState
    from engine.store.runs import RunStore


@contextmanager
def opened(folder: Path) -> Iterator[RunStore]:
    """The store of a folder, which is not made where there is none."""
    from engine.store.runs import RunStore

    store = RunStore.open(folder, create=False)
    try:
        yield store
    finally:
        store.close()


def taken(store: RunStore, name: str) -> Taken:
    """The run of that id or name; without one the last that finished, or where none has the newest."""
    return Taken(run_named(store, name), "") if name else finished_one(store, or_newest=True)


def replayed(store: RunStore, run_id: str) -> RunState:
    """A stored run as its events tell it."""
    from engine.contract.run_state import RunState, apply

    run = RunState()
    for event in store.events(run_id):
        run = apply(run, event)
    return run
