"""The words of the status line."""

from __future__ import annotations

from pathlib import PurePath

from engine.contract.engine_events import Heartbeat, Ready
from engine.contract.progress import Progress
from engine.contract.run_state import RunState
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.drawing.plain import plain
from tui.drawing.progress import progress_words
from tui.pane.commands import EVERYWHERE, key_of

READY = "engine ready"
_HUNG_SECONDS = 10.0
MEMORY_STEP = 10_000_000  # bytes


def engine_words(ready: Ready | None, gone: EngineGone | None, warming: str, event: Event | None) -> str:
    """What the engine does, as short as it can be said."""
    if gone is not None:
        return f"{gone}; {key_of(EVERYWHERE, 'restart_engine')} restarts"
    if ready is None:
        return f"engine: {plain(warming) or 'starting'}…"
    if isinstance(event, Progress):
        return progress_words(event)
    if isinstance(event, Heartbeat) and event.busy_with and event.idle_seconds > _HUNG_SECONDS:
        return f"engine busy with {plain(event.busy_with)} for {event.idle_seconds:.0f} s"
    return READY


def dataset_words(name: str) -> str:
    """A dataset's name; of a path its last part."""
    return plain(PurePath(name).name or name)


def device_words(device: str, memory_bytes: int) -> str:
    """ "cpu, 510 MB": what the engine holds of the device's memory; nothing of it where that is not known."""
    megabytes = round(memory_bytes / MEMORY_STEP) * MEMORY_STEP / 1e6
    return plain(device) + (f", {megabytes:,.0f} MB" if megabytes else "")


def run_words(run: RunState, held: bool, silence: str) -> str:
    """ "run r0001 running"; `held` by a pause, or after a step. In a silence nobody knows whether it still is."""
    if run.status is None:
        return ""
    if silence and run.status == "running":
        return f"run {plain(run.run_id)} not heard"
    return f"run {plain(run.run_id)} {'paused' if held and run.status == 'running' else run.status}"
