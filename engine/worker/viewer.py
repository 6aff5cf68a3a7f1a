"""One who watches a worker: the process that started it, on a pipe, or one that came to its socket."""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import suppress

from engine.contract.engine_events import Failed
from engine.contract.wire import Event
from engine.worker.outbox import Outbox

PARENT = 0
_MOST_WAITING = 5000  # events: a quarter of an hour of a run that ends ten epochs a second
_WRITE_SECONDS = 15  # in which a viewer takes nothing at all, until it is given up


class Viewer:
    """`greeted` once it has said Hello, which is when it begins to be told what goes on."""

    def __init__(self, number: int, outbox: Outbox, connection: socket.socket | None = None) -> None:
        self.number, self.outbox = number, outbox
        self._connection = connection
        self.name = ""
        self.greeted = connection is None
        self.unanswered = 0  # commands
        self.heard_at = time.monotonic()

    @classmethod
    def at(cls, number: int, connection: socket.socket) -> Viewer:
        """The one at the other end of a connection. A write that it does not take in time fails."""
        seconds = struct.pack("ll", _WRITE_SECONDS, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)
        return cls(number, Outbox(connection.fileno(), _MOST_WAITING), connection)

    @property
    def is_parent(self) -> bool:
        """Whether it started this worker, and is heard on stdin."""
        return self.number == PARENT

    def tell(self, event: Event) -> None:
        """Never waits."""
        self.outbox.put(event)

    def refuse(self, request: int, why: str) -> None:
        """The answer to a command that is not obeyed."""
        self.tell(Failed(request, why))

    def hang_up(self) -> None:
        """Ends the connection, so that whoever reads from it or writes to it notices."""
        if self._connection is not None:
            with suppress(OSError):  # it has ended already
                self._connection.shutdown(socket.SHUT_RDWR)

    def close(self, seconds: float = 1.0) -> None:
        """Writes what waits, for as long as it is read, and ends the connection."""
        self.outbox.close(seconds)
        self.hang_up()
        if self._connection is not None:
            self.outbox.close(seconds)  # a write that was under way has failed by now
            self._connection.close()

    def close_pipe(self, seconds: float = 1.0) -> None:
        """The same for the pipe of the process that started this worker: ssh waits for its end.

        Where a write still waits for a reader that never comes, it stays open.
        """
        if self.outbox.close(seconds):
            os.close(self.outbox.descriptor)

    def silence_seconds(self) -> float:
        """Since its last word."""
        return time.monotonic() - self.heard_at
