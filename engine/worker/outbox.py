"""The worker's way out: one thread writes what the reader takes, and minibatch events that wait are merged."""

from __future__ import annotations

import threading
import time
from collections import deque

from engine.contract.codec import encode_event
from engine.contract.engine_events import Heartbeat, Ready
from engine.contract.events import MinibatchesDone, merge
from engine.contract.wire import Event
from engine.processes.descriptors import write_all
from engine.processes.line_rate import LineRate
from engine.processes.parts import LEAST_PARTED, parts_of

_SECONDS = 1 / 30  # between two stretches of minibatches
_SHARE = 4  # they take a quarter of a line that is slow


class Outbox:
    """A queue of events and the thread that writes them to a descriptor.

    Stretches of minibatches go out 30 times a second at most, and when the reader is slow they merge into one; so do
    heartbeats. A reader for whom more than `most` events wait is given up; 0 is no bound, for a reader that ends the
    worker with itself.

    To a reader who says what has arrived only as much is written as its line takes. What waits, waits here, and long
    events go in parts, behind every short one: so a pause is never behind pictures.
    """

    def __init__(self, descriptor: int, most: int = 0) -> None:
        self.descriptor, self._most = descriptor, most
        self._waiting: deque[Event] = deque()
        self._parts: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._rate = LineRate()
        self._receipts = self._receipts_wanted = False
        self._closing = False
        self._due = 0.0
        self.broken = False  # nobody reads any more
        self._thread = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Queues an event, from any thread; a stretch of minibatches joins one that waits at the end."""
        with self._changed:
            last = self._waiting[-1] if self._waiting else None
            if isinstance(event, MinibatchesDone) and isinstance(last, MinibatchesDone) and _follows(last, event):
                self._waiting[-1] = merge(last, event)
            elif isinstance(event, Heartbeat) and isinstance(last, Heartbeat):
                self._waiting[-1] = event
            elif self.broken or (self._most and len(self._waiting) >= self._most):
                self.broken = True  # what waits is of no use to a reader that misses a part
                self._waiting.clear()
            else:
                self._waiting.append(event)
            self._changed.notify()

    def expect_receipts(self) -> None:
        """The reader says what has arrived, from Ready on."""
        with self._changed:
            self._receipts_wanted = True

    def receive(self, lines: int) -> None:
        """So many more lines have arrived."""
        with self._changed:
            for _ in range(min(lines, self._rate.expected)):
                self._rate.receive()
            self._changed.notify()

    def close(self, seconds: float = 2.0) -> bool:
        """Writes what waits, for as long as somebody reads it; whether the writing has ended."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _write_all(self) -> None:
        while (line := self._next_line()) is not None:
            try:
                write_all(self.descriptor, line)
            except OSError:  # the reader is gone, or has taken nothing for a while
                self.broken = True
                return

    def _next_line(self) -> bytes | None:
        """Waits until there is something to write and room for it; None at the end."""
        with self._changed:
            while self._wait():
                if not self._growing_seconds() and self._waiting:
                    line = self._short_line(self._waiting.popleft())
                else:
                    line = self._parts.popleft()
                if line:
                    if self._receipts:
                        self._rate.send(len(line))
                        self._rate.mark()
                    return line
            return None

    def _wait(self) -> bool:
        """Until there is something to write and room for it; False at the end."""
        while not self.broken:
            room, growing = self._rate.wait(), self._growing_seconds()
            if self._closing and (self._waiting or self._parts):
                return True
            if self._closing:
                return False
            if not self._waiting and not self._parts:
                self._changed.wait()
            elif left := max(room, 0.0 if self._parts else growing):
                self._changed.wait(left)
            else:
                return True
        return False

    def _growing_seconds(self) -> float:
        """A stretch at the end of the queue may still grow; whatever stands behind one must not wait for it."""
        if self._closing or len(self._waiting) != 1 or not isinstance(self._waiting[0], MinibatchesDone):
            return 0.0
        return max(0.0, self._due - time.monotonic())

    def _short_line(self, event: Event) -> bytes:
        """Of an event; b"" where it is long, and goes in parts."""
        line = encode_event(event)
        if isinstance(event, Ready):
            self._receipts = self._receipts_wanted
        if self._rate.thin and len(line) >= LEAST_PARTED:
            self._parts.extend(parts_of(line))
            return b""
        if isinstance(event, MinibatchesDone):
            self._due = time.monotonic() + max(_SECONDS, _SHARE * len(line) / self._rate.bytes_per_second)
        return line


def _follows(first: MinibatchesDone, second: MinibatchesDone) -> bool:
    return first.position + first.count == second.position
