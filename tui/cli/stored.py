"""Which stored run a person means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.store.named import run_named

__all__ = ["replayed", "run_in", "run_named"]

if TYPE_CHECKING:
    from engine.contract.run_state import RunState
    from engine.store.runs import RunStore


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
