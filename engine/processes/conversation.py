"""Talking with a detached worker without an event loop: one that is started, or one that listens on its socket."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

from engine.contract.codec import LONGEST_LINE, decode_event, encode
from engine.contract.commands import Command, Hello, Shutdown, StillHere
from engine.contract.errors import InputError
from engine.contract.wire import Event
from engine.processes import child
from engine.processes.child import code_words
from engine.processes.descriptors import write_all
from engine.processes.socket_folder import connected
from engine.processes.streams import last_words

_BLOCK = 2**16
BEAT_SECONDS = 3.0  # a third of the lease of whoever controls


def this_viewer() -> str:
    """What the other viewers of a worker are told of this process."""
    return f"{socket.gethostname()} pid {os.getpid()}"


class Hung(Exception):  # noqa: N818 - it is an end, not always an error
    """The other end says nothing more."""


class Conversation:
    """Commands one way, events the other. While events are awaited the heartbeat goes out by itself."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._held, self._lines = b"", list[bytes]()
        self._said_at = time.monotonic()
        self.send(Hello(viewer=this_viewer()))

    def send(self, command: Command) -> None:
        """Raises Hung where nobody reads any more."""
        self._said_at = time.monotonic()
        try:
            write_all(self._writing, encode(command))
        except OSError as error:
            raise Hung from error

    def receive(self, seconds: float) -> Event | None:
        """The next event, None where none came within so many seconds.

        Raises:
            Hung: the other end has gone.
            InputError: it said something that is no event, or a line without an end.
        """
        deadline = time.monotonic() + seconds
        while not self._lines:
            now = time.monotonic()
            beat_at = self._said_at + BEAT_SECONDS
            if now >= beat_at:
                self.send(StillHere())
                continue
            ready, _, _ = select.select([self._reading], [], [], max(0.0, min(deadline, beat_at) - now))
            if ready:
                self._read()
            elif time.monotonic() >= deadline:
                return None
        return decode_event(self._lines.pop(0))

    def _read(self) -> None:
        try:
            block = os.read(self._reading, _BLOCK)
        except OSError as error:
            raise Hung from error
        if not block:
            raise Hung
        *lines, self._held = (self._held + block).split(b"\n")
        self._lines += lines
        if len(self._held) > LONGEST_LINE:
            raise InputError(f"the engine sent a line of more than {LONGEST_LINE / 2**20:,.0f} MiB")


class Attached(Conversation):
    """A viewer of a worker that listens. Leaving the context leaves the worker, which goes on."""

    def __init__(self, path: Path) -> None:
        """Raises what `connected` raises, and Hung."""
        self._connection = connected(path)
        descriptor = self._connection.fileno()
        super().__init__(descriptor, descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Hung):
            self.send(Shutdown())
        self._connection.close()


def start_detached(folders: Sequence[str], stderr: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """A worker that outlives this process, on pipes; `folders` as the worker's command has them."""
    return subprocess.Popen(
        child.module_command("engine.worker", "--detached", *folders),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
    )


class Starting(Conversation):
    """A worker that is started detached. Leaving the context ends it, unless `leave` was called."""

    def __init__(self, folders: Sequence[str]) -> None:
        """`folders` as the worker's command has them."""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end of the context
        self._left = False
        self._process = start_detached(folders, self._stderr)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        super().__init__(self._process.stdout.fileno(), self._process.stdin.fileno())

    def __enter__(self) -> Self:
        return self

    def leave(self) -> None:
        """It goes on by itself."""
        self._left = True

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Hung):
            self.send(Shutdown())
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()
        if not self._left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()
        self._stderr.close()

    def last_words(self) -> str:
        """How a worker ended that says nothing more, in a line."""
        code = self._process.wait()
        self._stderr.seek(0)
        lines = last_words(self._stderr.read().decode(errors="replace").splitlines())
        return f"the engine ended ({code_words(code)})" + (f": {lines[-1]}" if lines else "")
