"""The inner side of a process that runs a user's functions: what they cannot disturb, and what ends it."""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import msgspec

from engine.labs.yours.child import framed
from engine.labs.yours.messages import Answer, Measure, Ready, Request
from engine.processes.parent import die_with_parent

_MOST_BYTES = 8 * 2**30  # beyond what torch has taken; a user's function that wants more gets a MemoryError

_requests: msgspec.msgpack.Decoder[Request | Measure] = msgspec.msgpack.Decoder(Request | Measure)


class Confined:
    """Reads requests and writes answers on descriptors that only it knows: a print or an input() goes nowhere."""

    def __init__(self) -> None:
        self._inbox, self._outbox = os.dup(0), os.dup(1)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):
            os.dup2(nowhere, standard)
        self._requests: SimpleQueue[Request | Measure] = SimpleQueue()
        die_with_parent(signal.SIGKILL)
        if sys.platform == "linux":
            Path("/proc/self/oom_score_adj").write_text("1000", "ascii")  # out of memory, this one goes first
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    def say(self, answer: Answer) -> None:
        """Writes one message."""
        rest = framed(answer)
        while rest:
            rest = rest[os.write(self._outbox, rest) :]

    def requests(self) -> Iterator[Request | Measure]:
        """Imports torch and says so, then yields what is asked, for ever: the process ends with who started it."""
        import torch

        torch.set_num_threads(1)
        _limit_memory()
        self.say(Ready())
        while True:
            yield self._requests.get()

    def _read(self) -> None:
        """In a thread of its own: it ends the process also where a user's function loops for ever."""
        with os.fdopen(self._inbox, "rb") as stream:
            while length := stream.read(4):
                self._requests.put(_requests.decode(stream.read(int.from_bytes(length, "big"))))
        os._exit(0)


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = Path("/proc/self/statm")
    if taken.exists():
        limit = int(taken.read_text("ascii").split()[0]) * resource.getpagesize() + _MOST_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
