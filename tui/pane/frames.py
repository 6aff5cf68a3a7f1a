"""When to draw: seldom enough that keys are quick and a slow line keeps up, and never where nobody looks."""

from __future__ import annotations

import asyncio
import time
from asyncio import TimerHandle
from collections import deque
from collections.abc import Callable, Sequence

from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

from tui.pane.terminal_line import TerminalLine


def later(owner: MessagePump, seconds: float, call: Callable[[], object]) -> asyncio.TimerHandle:
    """Has `owner` call it after that time, 0 for as soon as what already waits is done; the handle can be cancelled.

    As `set_timer`, which skips a tick that is late: where the process is held up as it starts a short one, its only
    tick never comes.
    """
    return asyncio.get_running_loop().call_later(max(0.0, seconds), owner.call_next, call)


_SHARE_OF_TIME = 3  # drawing takes at most a quarter of the time, so that a key never waits long
_COVERED_SECONDS = 2.0
_MOST_PAUSE = 0.05  # seconds between two parts of a frame, also where frames are seldom

Draw = Callable[[], None]


class Drawn(Message):
    """A frame is on the screen, whole."""


class Frames:
    """Draws a widget at most so often a second, and not at all while it or what holds it is hidden.

    `parts` says what there is to draw, which is something. The first is drawn at once, the others spread over the
    frame's time: a key that comes in between waits for one of them at most, never for all. On a `line` that is slow
    each waits until there is room for it.
    """

    def __init__(
        self, owner: Widget, per_second: float, parts: Callable[[], Sequence[Draw]], line: TerminalLine
    ) -> None:
        self._owner, self._seconds, self._parts, self._line = owner, 1 / per_second, parts, line
        self._timer: TimerHandle | None = None
        self._waiting: deque[Draw] = deque()  # the parts of this frame that are still to be drawn
        self._began_at = self._cost = self._pause = 0.0
        self._again = False  # whether something has changed since this frame began

    def soon(self) -> None:
        """Something has changed. Nothing is scheduled where nothing is said."""
        if self._waiting:
            self._again = True
        elif self._timer is None and self._seen:
            # Under another screen every frame costs the whole of what lies over it.
            seconds = self._seconds if self._owner.screen.is_current else _COVERED_SECONDS
            pause = max(seconds, (1 + _SHARE_OF_TIME) * self._cost)
            self._wake(self._began_at + pause - time.monotonic(), self._unasked)

    def now(self) -> None:
        """Somebody has asked for it."""
        self._stop()
        self._waiting.clear()
        if self._seen and not self._put_off(self._line.wait(), self.now):
            self._began_at, self._cost, self._again = time.monotonic(), 0.0, False
            self._waiting.extend(self._parts())
            self._pause = min(_MOST_PAUSE, self._seconds / len(self._waiting))
            self._draw_next()

    def _unasked(self) -> None:
        """Nobody waits for it: the line stays free for what somebody does wait for."""
        self._stop()
        if not self._put_off(self._line.rest(), self._unasked):
            self.now()

    def _put_off(self, seconds: float, call: Callable[[], None]) -> bool:
        if seconds:
            self._wake(seconds, call)
        return seconds > 0

    def _draw_next(self) -> None:
        self._stop()
        # A timer that was stopped may have its call on the way already.
        if not self._waiting or not self._seen:
            self._waiting.clear()
            return
        if self._put_off(self._line.wait(), self._draw_next):
            return
        began = time.monotonic()
        self._waiting.popleft()()
        self._cost += time.monotonic() - began
        if self._waiting:
            self._wake(self._pause, self._draw_next)
            return
        self._owner.post_message(Drawn())
        if self._again:
            self.soon()

    def _wake(self, seconds: float, call: Draw) -> None:
        self._timer = later(self._owner, seconds, call)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _seen(self) -> bool:
        nodes = self._owner.ancestors_with_self
        # An app that leaves takes the widgets within the owner away first.
        running = self._owner.is_mounted and self._owner.app.is_running
        return running and all(node.display for node in nodes if isinstance(node, Widget))
