"""A process that must not outlive the one that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with_parent(by: signal.Signals = signal.SIGTERM) -> None:
    """On Linux the kernel sends that signal when the parent dies, also when stdin is held open by somebody else."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)


def end_with_stdin() -> None:
    """From here on this process ends when stdin does: whoever holds the other end has closed it, or has ended."""

    def read_on() -> None:
        # Without Python's buffer: one that a thread waits in aborts the interpreter when it shuts down.
        while os.read(sys.stdin.fileno(), 2**16):
            pass
        os._exit(0)

    threading.Thread(target=read_on, name="stdin", daemon=True).start()
