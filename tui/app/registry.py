"""Making panes. Each is imported when it is first looked at."""

from __future__ import annotations

from importlib import import_module

from tui.pane.base import DisplayOptions, Pane
from tui.pane.engine_link import EngineLink
from tui.pane.live_run import LiveRun


def make_pane(pane_id: str, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> Pane:
    """A new pane, by the id it has in `tui.pane.commands.PANES`: `TrainPane` of `tui.train.pane` for `train`."""
    made: Pane = getattr(import_module(f"tui.{pane_id}.pane"), f"{pane_id.capitalize()}Pane")(engine, options, live)
    return made
