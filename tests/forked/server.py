"""`python -m tests.forked.server SOCKET`: forks programs of this project, until its stdin ends.

Importing torch takes seconds, and nearly every program needs it: here it is imported once. Whoever connects sends the
three standard streams of a program and what it is (`tests.forked.stand_in`, `tests.forked.ask`), and receives its pid
and how it ended; where the connection is closed before, the program is killed. Nothing is computed with torch before a
fork, and it has one thread: a fork keeps no other.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

from tests.drawn_once import draw_each_block_once, draw_the_first_ones
from tests.forked.ask import stand_in_everywhere
from tests.forked.program import become

_RUNS_WHEN_IMPORTED = "__main__"


def main(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        # Bound under another name and renamed: whoever finds the socket finds somebody who listens.
        listener.bind(f"{path}.new")
        listener.listen(64)
        _preload()
        Path(f"{path}.new").rename(path)
        stand_in_everywhere()
        _Server(listener).serve()


def _preload() -> None:
    import torch
    import torchvision  # noqa: F401 - the doctor tries it

    torch.set_num_threads(1)
    for package in ("engine", "tui"):
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if not found.name.endswith(_RUNS_WHEN_IMPORTED):
                importlib.import_module(found.name)
    _be_brief()
    draw_each_block_once()
    draw_the_first_ones()
    gc.collect()
    gc.freeze()  # so that a fork does not copy what it only counts


def _be_brief() -> None:
    """What is tested is how figures are written, not how good they are, nor of how many images."""
    from engine.data.load import DatasetRequest
    from tests.brief import BRIEF

    for module, name, value in BRIEF:
        setattr(module, name, value)
    name, _, _, *knobs = DatasetRequest.__init__.__defaults__ or ()
    DatasetRequest.__init__.__defaults__ = (name, 6000, 1000, *knobs)


class _Server:
    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._alive: dict[int, socket.socket] = {}  # by pid

    def serve(self) -> NoReturn:
        self._selector.register(0, selectors.EVENT_READ)
        self._selector.register(self._listener, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fd == 0:
                    self._leave()
                if key.fileobj is self._listener:
                    self._fork()
                elif isinstance(key.fileobj, socket.socket):
                    self._kill(key.data, key.fileobj)
                else:
                    self._bury(key.fd, key.data)

    def _fork(self) -> None:
        connection, _ = self._listener.accept()
        try:
            length, streams, _, _ = socket.recv_fds(connection, 4, 3)
            line = b""
            while len(line) < int.from_bytes(length, "big"):
                line += connection.recv(2**20)
        except ConnectionResetError:
            length = b""
        if not length:  # killed before it had asked
            connection.close()
            return
        pid = os.fork()
        if pid == 0:
            become(streams, **json.loads(line))
        for stream in streams:
            os.close(stream)
        self._alive[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ, pid)
        self._selector.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
        self._tell(connection, pid)

    def _tell(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its end is seen in the next turn
            connection.sendall(number.to_bytes(4, "big", signed=True))

    def _kill(self, pid: int, connection: socket.socket) -> None:
        """Whoever asked has been killed."""
        if connection.fileno() < 0:  # its fork has ended in the same moment, and is buried
            return
        self._selector.unregister(connection)
        connection.close()
        if pid in self._alive:
            os.kill(pid, signal.SIGKILL)

    def _bury(self, descriptor: int, pid: int) -> None:
        self._selector.unregister(descriptor)
        os.close(descriptor)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        connection = self._alive.pop(pid)
        if connection.fileno() >= 0:
            self._tell(connection, code)
            self._selector.unregister(connection)
            connection.close()

    def _leave(self) -> NoReturn:
        for pid in self._alive:
            os.kill(pid, signal.SIGKILL)
        os._exit(0)  # what torch's libraries have to say at their end is nothing to a test


if __name__ == "__main__":
    main(sys.argv[1])
