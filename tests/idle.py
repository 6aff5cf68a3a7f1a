"""When an app of a test has nothing left to do: tests wait for that, never for a time.

Textual asks instead, three times after each key, whether the process used little processor time for 20 ms. That took
most of the time of a test, and it is wrong on a machine that does much else.
"""

from __future__ import annotations

import asyncio
import time

import textual.app
import textual.pilot
from textual._context import active_app

from tui.pane.frames import Frames

_LOOKS = 3  # at so many in a row nothing is to be done: what a callback asks for comes between two of them
_GLANCE = 0.001  # seconds, where something waits for a timer


def look_for_it_everywhere() -> None:
    """From here on `pilot.press` and `pilot.pause` wait like this."""
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = wait_for_idle  # type: ignore[attr-defined]


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 120.0) -> None:
    """Until the loop runs nothing and the screen shows all there is. Raises AssertionError where that takes minutes.

    A frame that is due later is drawn at once. Tests of how seldom frames are drawn wait by the clock.
    """
    loop, app = asyncio.get_running_loop(), active_app.get()
    end, looks = time.monotonic() + max_sleep, 0
    while looks < _LOOKS and not app._exit and app._exception is None:
        if time.monotonic() > end:
            raise AssertionError(f"the app is not idle after {max_sleep:g} s: {_what_is_to_be_done(app)}")
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            looks = 0
        elif _waits_for_a_timer(app):
            looks = 0
            await asyncio.sleep(_GLANCE)
        else:
            looks = 0 if looks == _LOOKS - 1 and _draw_what_is_due_later(app) else looks + 1


def _waits_for_a_timer(app: textual.app.App[object]) -> bool:
    if app._resize_event is not None or app._resize_timer is not None:
        return True
    if not app._screen_stack:
        return False
    screen = app.screen
    if screen._layout_required or screen._repaint_required or screen._dirty_widgets:
        screen.call_next(screen._on_timer_update)  # as its timer does within 17 ms
        return True
    return bool(screen._callbacks)


def _what_is_to_be_done(app: textual.app.App[object]) -> str:
    if not app._screen_stack:
        return "it has no screen"
    screen, loop = app.screen, asyncio.get_running_loop()
    names = ("_layout_required", "_repaint_required", "_dirty_widgets", "_callbacks", "is_current")
    facts = {name: getattr(screen, name) for name in names}
    facts |= {name: getattr(app, name) for name in ("_resize_event", "_resize_timer", "_batch_count")}
    return f"{screen} {facts}, next in the loop: {list(loop._ready)[:3]}"  # type: ignore[attr-defined]


def _draw_what_is_due_later(app: textual.app.App[object]) -> bool:
    """Whether there was anything."""
    if not app._screen_stack:
        return False
    due = [frames for frames in map(_frames, app.screen.walk_children()) if frames and frames._timer]
    for frames in due:
        _call_now(frames)
    return bool(due)


def _call_now(frames: Frames) -> None:
    timer = frames._timer
    if timer is not None and not timer.cancelled():
        timer._run()  # type: ignore[attr-defined]
        timer.cancel()


def _frames(widget: object) -> Frames | None:
    frames = getattr(widget, "frames", None)
    return frames if isinstance(frames, Frames) else None


def draws(widget: object) -> bool:
    """Whether a part of its frame, or its chart, is still to be drawn."""
    frames = _frames(widget)
    return frames is not None and (frames._timer is not None or bool(frames._waiting))
