"""When to draw: seldom enough that keys are quick and a slow line keeps up, and never where nobody looks."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

_SHARE_OF_TIME = 3  # drawing takes at most a quarter of the time, so that a key never waits long
_COVERED_SECONDS = 2.0


class Frames:
    """Calls `draw` for a widget, at most so often a second, and not at all while it or what holds it is hidden."""

    def __init__(self, owner: Widget, per_second: float, draw: Callable[[], None]) -> None:
        self._owner, self._seconds, self._draw = owner, 1 / per_second, draw
        self._timer: Timer | None = None
        self._drawn_at = self._cost = 0.0

    def soon(self) -> None:
        """Something has changed. Nothing is scheduled where nothing is said."""
        if self._timer is None and self._seen:
            # Under another screen every frame costs the whole of what lies over it.
            seconds = self._seconds if self._owner.screen.is_current else _COVERED_SECONDS
            pause = max(seconds, _SHARE_OF_TIME * self._cost)
            wait = max(0.001, self._drawn_at + pause - time.monotonic())
            self._timer = self._owner.set_timer(wait, self.now)

    def now(self) -> None:
        """Somebody has asked for it."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._seen:
            began = time.monotonic()
            self._draw()
            self._drawn_at = time.monotonic()
            self._cost = self._drawn_at - began

    @property
    def _seen(self) -> bool:
        nodes = self._owner.ancestors_with_self
        return self._owner.is_mounted and all(node.display for node in nodes if isinstance(node, Widget))
