"""How far a terminal at the far end of a line is behind, and when the line has room for another frame.

The system tells nothing of it: a line over ssh takes megabytes at once, which are shown a minute later. So stretches of
output end with a question that every terminal answers (DSR 6, ECMA-48), and the time of the answer tells the rate.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tui.drawing.terminal_copy import TerminalCopy
from tui.drawing.terminfo import fills_what_it_erases

QUESTION = "\x1b[6n"  # where is the cursor?
_STRETCH = 256  # bytes without a question that are nothing to speak of
_SHARE = 3.0  # frames that nobody has asked for take a third of the line
_BACKLOG_SECONDS = 0.15  # that may wait in the line before another frame is drawn
_NOISE_SECONDS = 0.03  # that an answer may be late by without a reason in the line
_GIVEN_UP_SECONDS = 10.0  # an answer that is later than that got lost
_LOOK_SECONDS = 0.02
_MOST_QUESTIONS = 50  # on their way at once
_THIN = 100_000.0  # bytes a second
_NEW = 0.4  # the weight of a new measurement of the rate


class _Asked(NamedTuple):
    """A question, `size` bytes behind the one before; the first of them were written at `begun_at`."""

    at: float
    size: int
    begun_at: float
    due_at: float


class TerminalLine:
    """Counts what is written and asks; free as long as nothing is known, as where a terminal does not answer."""

    def __init__(self, squeezes: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        """`squeezes` is whether only changes are written from the start, before anything is known of the line."""
        self._squeezes, self._squeezing = squeezes, False
        self._copy = TerminalCopy(0, 0)
        self._clock = clock
        self._lock = threading.Lock()  # one thread writes, another one reads the answers
        self._asked: deque[_Asked] = deque()
        self._size, self._begun_at = 0, 0.0  # of what was written behind the last question
        self._least_seconds = math.inf  # of an answer: the way there and back
        self._answered_at = self._drained_at = self._rested_at = -math.inf
        self._measured = False
        self.bytes_per_second = math.inf  # that the line takes, as far as is known
        self.answered = threading.Event()
        self.answered.set()

    @property
    def thin(self) -> bool:
        """Whether a large picture would keep the line busy for long."""
        return self.bytes_per_second < _THIN

    def resized(self, width: int, height: int) -> None:
        """The terminal has another size, and may have moved what it shows."""
        self._copy.resize(width, height)

    def forget(self) -> None:
        """Nothing is known of what the terminal shows."""
        self._copy.forget()

    def squeezed(self, data: str) -> str:
        """What is to be written in place of `data`: on a line that is thin, only what changes the picture."""
        if not self._squeezing:
            if not (self._squeezes or self.thin):
                return data
            self._squeezing, self._copy.erases = True, fills_what_it_erases()
            self._copy.forget()
        return self._copy.changes(data)

    def wrote(self, size: int, ask: bool = False) -> str:
        """What is to be written behind `size` bytes: the question, or nothing."""
        with self._lock:
            now = self._clock()
            if not self._size:
                self._begun_at = now
            self._size += size
            self._drained_at = max(self._drained_at, now) + size / self.bytes_per_second
            self._rested_at = max(self._rested_at, now) + _SHARE * size / self.bytes_per_second
            answers = self._least_seconds < math.inf
            if not ask and not (answers and self._size >= _STRETCH and len(self._asked) < _MOST_QUESTIONS):
                return ""
            due_at = max(self._drained_at, now) + (self._least_seconds if answers else 0.0)
            self._asked.append(_Asked(now, self._size, self._begun_at, due_at))
            self._size = 0
            self.answered.clear()
            return QUESTION

    def hear(self) -> None:
        """The terminal has answered the first of the questions."""
        with self._lock:
            if not self._asked:
                return
            now, asked = self._clock(), self._asked.popleft()
            self._least_seconds = min(self._least_seconds, now - asked.at)
            # The line was at these bytes from when they came to be first in it.
            self._learn(asked.size, now - max(self._answered_at, asked.begun_at + self._least_seconds))
            self._answered_at = now
            left = sum(one.size for one in self._asked) + self._size
            self._drained_at = min(self._drained_at, now + left / self.bytes_per_second)
            if not self._asked:
                self.answered.set()

    def wait(self) -> float:
        """Seconds until a frame that somebody waits for has a place in the line, 0 for now."""
        with self._lock:
            return self._seconds_until(self._drained_at - _BACKLOG_SECONDS)

    def rest(self) -> float:
        """Seconds until the line has a place for a frame that nobody waits for, 0 for now."""
        with self._lock:
            return self._seconds_until(self._rested_at - _BACKLOG_SECONDS)

    def _seconds_until(self, free_at: float) -> float:
        now = self._clock()
        if self._asked and self._least_seconds < math.inf:
            first = self._asked[0]
            if now - first.at > _GIVEN_UP_SECONDS:
                self._asked.clear()
                self.answered.set()
            elif not self._measured or now - first.due_at > _BACKLOG_SECONDS:
                return _LOOK_SECONDS  # only the answer tells
        return max(0.0, free_at - now)

    def _learn(self, size: int, seconds: float) -> None:
        """So many bytes took so long, beyond the way there and back."""
        if size < _STRETCH:
            return
        self._measured = True
        if seconds <= _NOISE_SECONDS:
            self.bytes_per_second = max(self.bytes_per_second, size / _NOISE_SECONDS)
            return
        rate, known = size / seconds, self.bytes_per_second
        self.bytes_per_second = rate if known == math.inf else (1 - _NEW) * known + _NEW * rate
