"""The worker's way out: one thread writes, and minibatch events that wait are merged."""

from __future__ import annotations

import os
import threading
import time
from collections import deque

from engine.contract.codec import encode_event
from engine.contract.events import MinibatchesDone, merge
from engine.contract.wire import Event

_MINIBATCH_EVENTS_A_SECOND = 30


class Outbox:
    """A queue of events and the thread that writes them to a descriptor.

    Stretches of minibatches go out 30 times a second at most, and when the reader is slow they merge into one; every
    other event is written as it is, in order. A reader for whom more than `most` events wait is given up; 0 is no
    bound, for a reader that ends the worker with itself.
    """

    def __init__(self, descriptor: int, most: int = 0) -> None:
        self.descriptor, self._most = descriptor, most
        self._waiting: deque[Event] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self.broken = False  # nobody reads any more
        self._thread = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Queues an event, from any thread; a stretch of minibatches joins one that waits at the end."""
        with self._changed:
            last = self._waiting[-1] if self._waiting else None
            if isinstance(event, MinibatchesDone) and isinstance(last, MinibatchesDone) and _follows(last, event):
                self._waiting[-1] = merge(last, event)
            elif self.broken or (self._most and len(self._waiting) >= self._most):
                self.broken = True  # what waits is of no use to a reader that misses a part
                self._waiting.clear()
            else:
                self._waiting.append(event)
            self._changed.notify()

    def close(self, seconds: float = 2.0) -> bool:
        """Writes what waits, for as long as somebody reads it; whether the writing has ended."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _write_all(self) -> None:
        due = 0.0
        while True:
            with self._changed:
                while not self._waiting and not self._closing and not self.broken:
                    self._changed.wait()
                if not self._waiting:
                    return
                # A stretch at the end of the queue may still grow; whatever stands behind one must not wait for it.
                while (
                    len(self._waiting) == 1
                    and isinstance(self._waiting[0], MinibatchesDone)
                    and not self._closing
                    and (left := due - time.monotonic()) > 0
                ):
                    self._changed.wait(left)
                if not self._waiting:
                    return
                event = self._waiting.popleft()
            if isinstance(event, MinibatchesDone):
                due = time.monotonic() + 1 / _MINIBATCH_EVENTS_A_SECOND
            try:
                _write(self.descriptor, encode_event(event))
            except OSError:  # the reader is gone, or has taken nothing for a while
                self.broken = True
                return


def _follows(first: MinibatchesDone, second: MinibatchesDone) -> bool:
    return first.position + first.count == second.position


def _write(descriptor: int, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(descriptor, view) :]
