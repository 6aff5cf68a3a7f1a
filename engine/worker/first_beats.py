"""The heartbeat of a worker that is still being imported."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from engine.contract.codec import encode_event
from engine.contract.engine_events import Heartbeat
from engine.processes.parent import die_with_parent


@contextmanager
def beating(descriptor: int, seconds: float, doing: str) -> Iterator[None]:
    """While it lasts, a process of its own writes a heartbeat to the descriptor, so often.

    A thread would not do: loading torch's libraries from a slow disk keeps all threads of a process waiting, for much
    longer than a silence may last. Begin before any thread is started, as a fork copies none.
    """
    parent, line = os.getpid(), encode_event(Heartbeat(0.0, doing))
    child = os.fork()
    if child == 0:
        _beat(descriptor, seconds, line, parent)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _beat(descriptor: int, seconds: float, line: bytes, parent: int) -> NoReturn:
    """So short a line is written whole or not at all, also when this process is killed meanwhile."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(signal.SIGKILL)
        os.close(0)  # the commands are not for this process
        while os.getppid() == parent:
            time.sleep(seconds)
            os.write(descriptor, line)
    finally:
        os._exit(0)  # also where nobody reads any more
