"""How many bytes a second a line takes, and when it has room for more, from when its far end says what has arrived.

The system tells nothing of it: a line over ssh takes megabytes at once, which arrive a minute later.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

LEAST_MEASURED = 256  # bytes: fewer tell nothing of the rate
LOOK_SECONDS = 0.02  # where only the far end can tell
_SHARE = 3.0  # what nobody waits for takes a third of the line
_BACKLOG_SECONDS = 0.15  # that may wait in the line before more is sent
_NOISE_SECONDS = 0.03  # that a receipt may be late by without a reason in the line
_GIVEN_UP_SECONDS = 10.0  # a receipt that is later than that got lost
_THIN = 100_000.0  # bytes a second
_NEW = 0.4  # the weight of a new measurement


class _Sent(NamedTuple):
    """Bytes that a receipt is expected for; the first of them were sent at `begun_at`."""

    at: float
    size: int
    begun_at: float
    due_at: float


class LineRate:
    """Free as long as nothing is known, as where the far end never tells. Not safe for use by several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: deque[_Sent] = deque()
        self._size, self._begun_at = 0, 0.0  # of what was sent and has no receipt to come yet
        self._least_seconds = math.inf  # of a receipt: the way there and back
        self._received_at = self._drained_at = self._rested_at = -math.inf
        self._measured = False
        self.bytes_per_second = math.inf  # that the line takes, as far as is known

    @property
    def thin(self) -> bool:
        """Whether a large picture would keep the line busy for long."""
        return self.bytes_per_second < _THIN

    @property
    def known(self) -> bool:
        """Whether the far end has ever told what it received."""
        return self._least_seconds < math.inf

    @property
    def expected(self) -> int:
        """How many receipts are to come."""
        return len(self._sent)

    @property
    def unmarked(self) -> int:
        """Bytes that were sent behind the last `mark`."""
        return self._size

    def send(self, size: int) -> None:
        """So many bytes are on their way."""
        now = self._clock()
        if not self._size:
            self._begun_at = now
        self._size += size
        self._drained_at = max(self._drained_at, now) + size / self.bytes_per_second
        self._rested_at = max(self._rested_at, now) + _SHARE * size / self.bytes_per_second

    def mark(self) -> None:
        """A receipt will come for all that was sent by now."""
        now = self._clock()
        due_at = max(self._drained_at, now) + (self._least_seconds if self.known else 0.0)
        self._sent.append(_Sent(now, self._size, self._begun_at, due_at))
        self._size = 0

    def receive(self) -> None:
        """The receipt for the first of the marks; nothing where none is expected."""
        if not self._sent:
            return
        now, sent = self._clock(), self._sent.popleft()
        self._least_seconds = min(self._least_seconds, now - sent.at)
        # The line was at these bytes from when they came to be first in it.
        self._learn(sent.size, now - max(self._received_at, sent.begun_at + self._least_seconds))
        self._received_at = now
        left = sum(one.size for one in self._sent) + self._size
        self._drained_at = min(self._drained_at, now + left / self.bytes_per_second)

    def wait(self) -> float:
        """Seconds until what somebody waits for has a place in the line, 0 for now."""
        return self._seconds_until(self._drained_at - _BACKLOG_SECONDS)

    def rest(self) -> float:
        """Seconds until the line has a place for what nobody waits for, 0 for now."""
        return self._seconds_until(self._rested_at - _BACKLOG_SECONDS)

    def _seconds_until(self, free_at: float) -> float:
        now = self._clock()
        if self._sent and self.known:
            first = self._sent[0]
            if now - first.at > _GIVEN_UP_SECONDS:
                self._sent.clear()
            elif not self._measured or now - first.due_at > _BACKLOG_SECONDS:
                return LOOK_SECONDS
        return max(0.0, free_at - now)

    def _learn(self, size: int, seconds: float) -> None:
        """So many bytes took so long, beyond the way there and back."""
        if size < LEAST_MEASURED:
            return
        self._measured = True
        if seconds <= _NOISE_SECONDS:
            self.bytes_per_second = max(self.bytes_per_second, size / _NOISE_SECONDS)
            return
        rate, known = size / seconds, self.bytes_per_second
        self.bytes_per_second = rate if known == math.inf else (1 - _NEW) * known + _NEW * rate
