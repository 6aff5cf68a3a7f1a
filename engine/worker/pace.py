"""When the next minibatches are due, at so many a second."""

from __future__ import annotations

import time

_STRETCHES_A_SECOND = 30
_LATEST = 0.25  # seconds that are caught up; what is missed beyond them is forgotten


class Pace:
    """Held, at full speed, or at a number of minibatches a second; and how far to go before holding again."""

    def __init__(self) -> None:
        self.held = True
        self.minibatches_per_second = 0.0
        self.until_epoch_end = False
        self._single = False
        self._began = 0.0
        self._done = 0

    def go(self) -> None:
        """Until it is held."""
        self.held, self.until_epoch_end, self._single = False, False, False
        self._restart()

    def hold(self) -> None:
        """Until told to go on."""
        self.held, self.until_epoch_end, self._single = True, False, False

    def one_minibatch(self) -> None:
        """Goes on for one minibatch, then holds."""
        self.held, self._single = False, True

    def one_epoch(self) -> None:
        """Goes on to the end of the epoch, then holds."""
        self.go()
        self.until_epoch_end = True

    def set(self, minibatches_per_second: float) -> None:
        """0 is full speed. What was missed before is not caught up."""
        self.minibatches_per_second = minibatches_per_second
        self._restart()

    def seconds_until_due(self) -> float:
        """How long to wait before the next stretch."""
        if self._single or not self.minibatches_per_second:
            return 0.0
        return max(0.0, self._due() - time.monotonic())

    def longest_run(self) -> int | None:
        """How many minibatches the next stretch may have, None for as many as fit."""
        if self._single:
            return 1
        if not self.minibatches_per_second:
            return None
        # Something else took the time, or the engine is slower than the pace: no burst afterwards.
        self._began += max(0.0, time.monotonic() - self._due() - _LATEST)
        due = (time.monotonic() - self._began) * self.minibatches_per_second - self._done
        return max(1, int(due))

    def went(self, minibatches: int, epoch_ended: bool) -> bool:
        """Counts what was done; whether the run is to hold now."""
        self._done += minibatches
        if (self._single and minibatches) or (self.until_epoch_end and epoch_ended):
            self.hold()
            return True
        return False

    def _due(self) -> float:
        """When the next stretch is: of several minibatches, where the pace is faster than the eye."""
        wanted = self._done + max(1.0, self.minibatches_per_second / _STRETCHES_A_SECOND)
        return self._began + wanted / self.minibatches_per_second

    def _restart(self) -> None:
        self._began, self._done = time.monotonic(), 0
