"""The way to a terminal at the far end of a line: what has to be sent, and when there is room for another frame.

Stretches of output end with a question that every terminal answers (DSR 6, ECMA-48): the answer is the receipt.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from engine.processes.line_rate import LEAST_MEASURED, LineRate
from tui.drawing.terminal_copy import TerminalCopy
from tui.drawing.terminfo import fills_what_it_erases

QUESTION = "\x1b[6n"  # where is the cursor?
_MOST_QUESTIONS = 50  # on their way at once


class TerminalLine:
    """Free as long as nothing is known, as where a terminal does not answer."""

    def __init__(self, squeezes: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        """`squeezes` is whether only changes are written from the start, before anything is known of the line."""
        self._squeezes, self._squeezing = squeezes, False
        self._copy = TerminalCopy(0, 0)
        self._lock = threading.Lock()  # one thread writes, another one reads the answers
        self._rate = LineRate(clock)
        self._answered = threading.Event()
        self._answered.set()

    @property
    def bytes_per_second(self) -> float:
        """What the line takes, as far as is known."""
        return self._rate.bytes_per_second

    @property
    def thin(self) -> bool:
        """Whether a large picture would keep the line busy for long."""
        return self._rate.thin

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
            self._rate.send(size)
            enough = self._rate.unmarked >= LEAST_MEASURED and self._rate.expected < _MOST_QUESTIONS
            if not ask and not (self._rate.known and enough):
                return ""
            self._rate.mark()
            self._answered.clear()
            return QUESTION

    def hear(self) -> None:
        """The terminal has answered the first of the questions."""
        with self._lock:
            self._rate.receive()
            if not self._rate.expected:
                self._answered.set()

    def settle(self, seconds: float) -> bool:
        """Waits for the answers that are on their way, of a terminal that answers at all; whether they have come."""
        return not self._rate.known or self._answered.wait(seconds)

    def wait(self) -> float:
        """Seconds until a frame that somebody waits for has a place in the line, 0 for now."""
        with self._lock:
            return self._rate.wait()

    def rest(self) -> float:
        """Seconds until the line has a place for a frame that nobody waits for, 0 for now."""
        with self._lock:
            return self._rate.rest()
