"""Waiting for a screen on which nothing more will change by itself."""

from __future__ import annotations

import time

from textual.pilot import Pilot
from textual.widget import Widget

from tui.pane.frames import Frames

_LOOKS = 3  # at so many in a row nothing is on its way: what a callback asks for comes between two of them


async def at_rest(pilot: Pilot[None]) -> None:
    """Until no answer is waited for and no part of a frame is still to be drawn; a minute at the most."""
    looks, end = 0, time.monotonic() + 60
    while time.monotonic() < end:
        await pilot.pause(0.02)
        looks = 0 if _something_is_on_its_way(pilot) else looks + 1
        if looks == _LOOKS:
            return
    raise AssertionError("something is still drawn, or asked for, after a minute")


def _something_is_on_its_way(pilot: Pilot[None]) -> bool:
    # What the app itself runs is the engine, for as long as it lives.
    if any(worker.node is not pilot.app and not worker.is_finished for worker in pilot.app.workers):
        return True
    return any(map(_draws, pilot.app.screen.query(Widget)))


def _draws(widget: Widget) -> bool:
    frames = getattr(widget, "frames", None)
    if isinstance(frames, Frames):
        return frames._timer is not None or bool(frames._waiting)
    return getattr(widget, "_chart_due", False) is True
