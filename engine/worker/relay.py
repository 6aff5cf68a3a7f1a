"""`softmax-tui engine --attach`: the lines of a detached worker, on stdin and stdout.

The end of the relay leaves the worker: whoever started the relay over a line that drops starts another one.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from engine.contract.errors import InputError
from engine.processes.conversation import start_detached
from engine.processes.descriptors import write_all
from engine.processes.socket_folder import connected
from engine.store.engines import EngineFiles
from engine.store.files import shown
from engine.store.owner import Owner, is_here

_BLOCK = 2**16
_LOOK_SECONDS = 0.1
_ENDING_SECONDS = 1.0  # from the end of a worker's lines to its own
_COMING_SECONDS = 120.0  # until a worker that is started listens


def relay(store: Path, folders: Sequence[str], owner: Owner | None = None) -> NoReturn:
    """Finds the worker that is `owner`, else the newest of this machine; where none listens, starts one.

    `folders` as a worker's command has them. Ends this process when either side ends: with the exit code of a worker
    that it started and that has ended, else with 0.

    Raises:
        InputError: the worker that is asked for does not listen, or the store cannot be used.
    """
    with _alone(store):
        connection = _existing(store, owner)
        if connection is None:
            if owner is not None:
                raise InputError(f"engine --attach: found no engine that listens ({owner}), expected one")
            before = {engine.owner for engine in EngineFiles(store).there()}
            _until_it_listens(store, _started(folders), before)
    if connection is not None:
        _carry(connection.fileno(), connection.fileno(), _leave)
    while True:
        threading.Event().wait()


def _started(folders: Sequence[str]) -> subprocess.Popen[bytes]:
    """A detached worker, whose lines are carried from now on: it says that it is loading torch."""
    worker = start_detached(folders)

    def leave() -> NoReturn:
        try:
            os._exit(worker.wait(_ENDING_SECONDS) % 256)
        except subprocess.TimeoutExpired:
            os._exit(0)  # it goes on without this viewer

    assert worker.stdin is not None
    assert worker.stdout is not None
    _carry(worker.stdout.fileno(), worker.stdin.fileno(), leave)
    return worker


def _existing(store: Path, owner: Owner | None) -> socket.socket | None:
    for engine in EngineFiles(store).there():
        if is_here(engine.owner) and owner in (None, engine.owner):
            with suppress(ConnectionError, FileNotFoundError, BlockingIOError):
                return connected(Path(engine.socket))
    return None


def _carry(reading: int, writing: int, leave: Callable[[], NoReturn]) -> None:
    """From here on, both ways, until either ends."""
    threading.Thread(target=_copy, args=(0, writing, _leave), daemon=True).start()
    threading.Thread(target=_copy, args=(reading, 1, leave), daemon=True).start()


def _copy(reading: int, writing: int, at_end: Callable[[], object]) -> None:
    """Block by block, until either end has gone."""
    with suppress(OSError):
        while block := os.read(reading, _BLOCK):
            write_all(writing, block)
    at_end()


def _leave() -> NoReturn:
    os._exit(0)


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Two that find no worker at the same moment do not start two: the later one waits for the worker of the first."""
    folder = store / "engines"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "starting.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InputError(f"{shown(folder)}: found {error.strerror}, expected a folder to write to") from error
    try:
        with suppress(OSError):  # a network folder without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _until_it_listens(store: Path, worker: subprocess.Popen[bytes], before: Set[Owner]) -> None:
    deadline = time.monotonic() + _COMING_SECONDS
    while worker.poll() is None and time.monotonic() < deadline:
        if any(engine.owner not in before for engine in EngineFiles(store).there()):
            return
        time.sleep(_LOOK_SECONDS)
