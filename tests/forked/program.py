"""A fork becomes a program: its streams, environment and folder, then what `python -m MODULE` does, to its end."""

from __future__ import annotations

import atexit
import fcntl
import io
import os
import runpy
import signal
import sys
import termios
import threading
import traceback
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn, cast


def become(
    streams: Sequence[int],
    module: str,
    arguments: list[str],
    environ: dict[str, str],
    folder: str,
    hang_up_ignored: bool = False,
    terminal: bool = False,
) -> NoReturn:
    """`terminal`: the streams are a terminal, which becomes the one that controls it."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN if hang_up_ignored else signal.SIG_DFL)
        _take(streams)
        if terminal:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.environ.clear()
        os.environ.update(environ)
        os.chdir(folder)
        code = _run(module, arguments)
    except KeyboardInterrupt:
        traceback.print_exc()
        code = -signal.SIGINT
    except BaseException:  # noqa: BLE001 - as Python itself tells it
        traceback.print_exc()
    _end(code)


def _take(streams: Sequence[int]) -> None:
    """Standard streams on those descriptors, made as Python makes them: in UTF-8, also in the C locale."""
    kept = [fcntl.fcntl(stream, fcntl.F_DUPFD, 100) for stream in streams]  # none is in another's place
    for number, stream in enumerate(kept):
        os.dup2(stream, number)
    os.closerange(3, 256)
    sys.stdin = sys.__stdin__ = _stream(0, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(1, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, "w")  # type: ignore[misc]


def _stream(number: int, mode: str) -> io.TextIOWrapper:
    names = ("<stdin>", "<stdout>", "<stderr>")
    raw = io.FileIO(number, mode, closefd=False)
    buffer = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    errors = "backslashreplace" if number == 2 else "surrogateescape"
    stream = io.TextIOWrapper(buffer, "utf-8", errors, line_buffering=number == 2 or raw.isatty())
    cast(Any, raw).name = names[number]
    return stream


def _run(module: str, arguments: list[str]) -> int:
    atexit._clear()  # what was to be done at the end of the process that was forked
    sys.argv = ["-m", *arguments]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*found in sys.modules", RuntimeWarning)
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


def _end(code: int) -> NoReturn:
    """As Python ends: other threads first, then what was registered, then what was not yet written."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or 120
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code & 0xFF)
