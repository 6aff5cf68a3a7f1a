"""The process that started this one, as this one sees it: what it asks, what it is told, and when it has ended."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, NoReturn, TypeVar

import msgspec

from engine.processes.child import FrameReader, framed

Asked = TypeVar("Asked")

_PR_SET_PDEATHSIG = 1


class Parent(Generic[Asked]):
    """Whoever started this process with `engine.processes.child`.

    Its messages come on stdin and this process's leave on stdout, both on descriptors that nobody else knows: a stray
    print of any library lands on stderr, and an input() finds nothing. When stdin ends, this process does, also where
    it is in an endless loop. When memory ends, Linux kills it first, not the app or another process of the machine.
    """

    def __init__(self, asks: Any, at_end: Callable[[], object] = lambda: None) -> None:
        """`asks` is the type of the messages, or several as a union; `at_end` is called when the parent has ended."""
        self._inbox, self._outbox = os.dup(0), os.dup(1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        if sys.platform == "linux":
            Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
        self._decoder: msgspec.msgpack.Decoder[Asked] = msgspec.msgpack.Decoder(asks)
        self._messages: SimpleQueue[Asked] = SimpleQueue()
        self._at_end, self._leaving = at_end, threading.Lock()
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    def send(self, message: msgspec.Struct) -> None:
        """Tells it one message; where it has ended, so does this process."""
        rest = framed(message)
        while rest:
            try:
                rest = rest[os.write(self._outbox, rest) :]
            except BrokenPipeError:
                self._leave()

    def receive(self) -> Asked:
        """The next message; waits for one."""
        return self._messages.get()

    def _read(self) -> None:
        frames = FrameReader()
        # Without Python's buffer: one that a thread waits in aborts the interpreter when it shuts down.
        while block := os.read(self._inbox, 2**16):
            frames.add(block)
            while (content := frames.take()) is not None:
                self._messages.put(self._decoder.decode(content))
        self._leave()

    def _leave(self) -> NoReturn:
        """Ends this process, after `at_end`, which is called once: whichever thread sees the end first does it."""
        with self._leaving:
            self._at_end()
            os._exit(0)


def die_with_parent(by: signal.Signals = signal.SIGTERM) -> None:
    """On Linux the kernel sends that signal when the parent dies, also when stdin is held open by somebody else."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)


def outlive_parent() -> None:
    """Takes `die_with_parent` back."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, 0)


def end_with_stdin() -> None:
    """From here on this process ends when stdin does: whoever holds the other end has closed it, or has ended."""

    def read_on() -> None:
        while os.read(0, 2**16):
            pass
        os._exit(0)

    threading.Thread(target=read_on, name="stdin", daemon=True).start()
