"""`python -m tests.terminal.preloaded`: commands of `softmax-tui`, each forked from this one process into a terminal.

Importing torch takes seconds, and every command needs it: here it is imported once. A request is a JSON line on stdin,
its answer one on stdout. Nothing is computed before a fork, and torch has one thread: a fork keeps no other.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import traceback
from types import SimpleNamespace
from typing import Any, BinaryIO, NoReturn, cast

_ROWS = 40
_OF_COMMANDS = ("engine", "tui.cli", "tui.drawing")  # and what each of them is made of beside its pane
_RUNS_WHEN_IMPORTED = "__main__"
_BESIDE_THE_PANE = ("command", "confusion", "export", "gallery", "json_output", "report", "text", "training")


def main() -> int:
    _preload()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)
    return 0


def _preload() -> None:
    import torch

    torch.set_num_threads(1)
    for package in ("engine", "tui"):
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if found.name.endswith(_RUNS_WHEN_IMPORTED):
                continue
            if found.name.startswith(_OF_COMMANDS) or found.name.endswith(_BESIDE_THE_PANE):
                importlib.import_module(found.name)
    _measure_briefly()
    _fork_children()
    gc.collect()
    gc.freeze()  # so that a child does not copy what it only counts


def _measure_briefly() -> None:
    """What is tested is how figures are written, not how good they are."""
    from engine.labs import stopwatch
    from engine.labs.loss import measuring

    measuring._SECONDS, measuring._FEWEST_ROUNDS = 0.01, 2
    stopwatch._LEAST_SECONDS, stopwatch._WARM_UP = 1e-5, 1


def _fork_children() -> None:
    """`python -P -m module` becomes a fork too."""
    from engine.processes import child
    from tui.cli import doctor

    child.subprocess = SimpleNamespace(Popen=_ForkedModule, PIPE=subprocess.PIPE)  # type: ignore[attr-defined]
    doctor.subprocess = SimpleNamespace(run=_ran, TimeoutExpired=subprocess.TimeoutExpired)  # type: ignore[attr-defined]


def _ran(command: list[str], stdin: int, **_: object) -> SimpleNamespace:
    """`subprocess.run` of a program's text."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become((stdin, theirs, theirs))
        _end_with(lambda: exec(command[-1], {}) or 0)
    os.close(theirs)
    with os.fdopen(ours) as stream:
        said = stream.read()
    return SimpleNamespace(returncode=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), stdout=said, stderr=said)


class _ForkedModule:
    """As much of `Popen` as those need who start a module of the engine with pipes to its stdin and stdout."""

    def __init__(self, command: list[str], stderr: Any, **_: object) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        errors = os.dup(stderr.fileno())
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            for ours in (ours_in, ours_out):
                os.close(ours)
            _become((theirs_in, theirs_out, errors))
            _, _, _, name, *arguments = command
            module = importlib.import_module(name)
            _end_with(lambda: module.main(arguments) if arguments else module.main())
        for other in (theirs_in, theirs_out, errors):
            os.close(other)
        self.stdin: BinaryIO = os.fdopen(ours_in, "wb")
        self.stdout: BinaryIO = os.fdopen(ours_out, "rb")
        self.returncode: int | None = None

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """Runs `arguments` in a terminal of `columns`, typing `keys`; its exit code, and all that it wrote."""
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, request["columns"], 0, 0))
    pid = os.fork()
    if pid == 0:
        os.close(own)
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        os.environ.clear()
        os.environ.update(request["environ"])
        os.chdir(request["folder"])
        _become((theirs, theirs, theirs))
        from tui.cli.main import main as command

        _end_with(lambda: command(request["arguments"]))
    os.close(theirs)
    os.write(own, request["keys"].encode())
    output = _read(own, time.perf_counter() + request["seconds"], pid)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(own)
    return {"code": code, "output": output.decode("latin-1")}


def _read(own: int, deadline: float, pid: int) -> bytes:
    """Until nobody holds the other end; what takes too long is killed."""
    output = b""
    while True:
        if not select.select([own], [], [], max(0.0, deadline - time.perf_counter()))[0]:
            os.kill(pid, signal.SIGKILL)
            return output + b"\nkilled: it took too long"
        try:
            block = os.read(own, 65536)
        except OSError:  # on Linux the end of a terminal whose program has left
            return output
        if not block:
            return output
        output += block


def _become(descriptors: tuple[int, int, int]) -> None:
    """Standard streams on those descriptors, made as Python makes them: in UTF-8, also in the C locale."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(3, 64)
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


def _end_with(main: Any) -> NoReturn:
    code = 1
    try:
        code = main()
    except BaseException:  # noqa: BLE001 - as Python itself tells it
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
