"""Has a program forked: the command that stands in for it, and the process that forks, one for all tests of a run."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engine.processes import child, client
from tui.cli import doctor

ROOT = Path(__file__).parents[2]
_VARIABLE = "SOFTMAX_TUI_TESTS_FORK_AT"  # in the environment, so that all processes of a run share one
_server: subprocess.Popen[bytes] | None = None
_path = os.environ.get(_VARIABLE, "")
_PATIENCE = 120.0
_STAND_IN = str(Path(__file__).with_name("stand_in.py"))
_in_earnest = child.module_command
POSSIBLE = hasattr(os, "pidfd_open")


def start() -> None:
    """Starts the process that forks, where none is: it takes seconds until it can."""
    global _path, _server
    if _path:
        return
    folder = tempfile.mkdtemp(prefix="forked-")  # not pytest's: a socket's path is under 104 bytes
    _path = os.environ[_VARIABLE] = f"{folder}/socket"
    command = [sys.executable, "-m", "tests.forked.server", _path]
    _server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    atexit.register(stop)


def stop() -> None:
    """Ends the process that forks, with all that it has forked, where this process has started it."""
    global _path, _server
    if _server is not None:
        assert _server.stdin is not None
        _server.stdin.close()
        _server.wait(20)
        shutil.rmtree(Path(_path).parent)
        _path, _server = "", None


def stand_in(module: str, *arguments: str) -> list[str]:
    """A command for `python -P -m module` that needs no import of torch."""
    return [sys.executable, "-I", "-S", _STAND_IN, _found(), module, *arguments]


def stand_in_everywhere() -> None:
    """From here on each process of this program that this one starts is a fork."""
    child.module_command = client.module_command = stand_in
    doctor.subprocess = SimpleNamespace(run=_tried, TimeoutExpired=subprocess.TimeoutExpired)  # type: ignore[assignment]


def start_in_earnest() -> None:
    """The opposite of `stand_in_everywhere`, for tests of the processes themselves."""
    child.module_command = client.module_command = _in_earnest
    doctor.subprocess = subprocess


def _tried(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """As the doctor tries a program of its own."""
    return subprocess.run(stand_in("tests.forked.text", command[-1]), **options)


def ask(
    streams: Sequence[int], module: str, arguments: Sequence[str], environ: Mapping[str, str], folder: Path
) -> socket.socket:
    """Forks a program on a terminal; what is answered is read with `number`."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(_found())
    request = {"module": module, "arguments": list(arguments), "environ": dict(environ), "folder": str(folder)}
    line = json.dumps({**request, "terminal": True}).encode()
    socket.send_fds(connection, [len(line).to_bytes(4, "big")], list(streams))
    connection.sendall(line)
    return connection


def number(connection: socket.socket) -> int:
    """What is answered: first the pid, then the exit code."""
    answer = connection.recv(4, socket.MSG_WAITALL)
    if len(answer) < 4:
        raise ConnectionError("the process that forks is gone")
    return int.from_bytes(answer, "big", signed=True)


def _found() -> str:
    """Where the process that forks listens."""
    start()
    deadline = time.monotonic() + _PATIENCE
    while not Path(_path).exists():
        if time.monotonic() > deadline:
            raise TimeoutError("the process that forks does not come up")
        time.sleep(0.02)
    return _path
