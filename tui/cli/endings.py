"""The signals that end a command: how each is heard before, between and after the parts of a command that obey them."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` wraps it in enums, and importing those takes milliseconds
import os


def leave(number: int, frame: object = None) -> None:
    """Ends the process at once and without a word, with 128 + the signal's number.

    No exception is raised: one that comes while a C extension is imported turns into an ImportError or a traceback.
    Nothing is flushed: every line is written when it is told, and whoever reads stdout may have stopped reading.
    """
    os._exit(128 + number)


def leave_at_signals() -> None:
    """From here on ctrl+C, SIGTERM and SIGHUP end the process by `leave`."""
    for number in heeded():
        _signal.signal(number, leave)


def heeded() -> tuple[int, ...]:
    """The signals of this platform that end a command; SIGHUP not where nohup has had it ignored, and means it."""
    hangup: int | None = getattr(_signal, "SIGHUP", None)
    if hangup is None or _signal.getsignal(hangup) == _signal.SIG_IGN:
        return _signal.SIGINT, _signal.SIGTERM
    return _signal.SIGINT, _signal.SIGTERM, hangup
