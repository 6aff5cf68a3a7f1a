"""A process of this program that can be killed: how it is started, talked with in messages, and how its end is told.

`engine.processes.parent` is the other side. Two processes are started otherwise: a worker, whose command may be ssh
or torchrun and whose protocol is JSON lines (`engine.processes.client`), and a rank's guard, which shares its session.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from typing import IO, Any, Generic, Self, TypeVar

import msgspec

from engine.verdicts.one_line import one_line

_LENGTH = 4  # bytes in front of each message
_encoder = msgspec.msgpack.Encoder()


def framed(message: msgspec.Struct) -> bytes:
    """A message as it is written to a pipe."""
    content = _encoder.encode(message)
    return len(content).to_bytes(_LENGTH, "big") + content


class FrameReader:
    """Collects what comes through a pipe, block by block, until a message is whole."""

    def __init__(self) -> None:
        self._held = bytearray()

    def add(self, block: bytes) -> None:
        """What was read next."""
        self._held += block

    def take(self) -> bytes | None:
        """The next message without its length, None while it is not whole."""
        end = _LENGTH + int.from_bytes(self._held[:_LENGTH], "big")
        if len(self._held) < end:
            return None
        content = bytes(self._held[_LENGTH:end])
        del self._held[:end]
        return content


def code_words(code: int) -> str:
    """`code` is that of `Popen.wait`, negative for a signal: "exit code 3", or "SIGTERM"."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def exit_status(code: int, last_line: str) -> str:
    """The line, with the last one that the process wrote on stderr, "" for none."""
    if code == -signal.SIGKILL:
        return "the process was killed (SIGKILL), for want of memory perhaps"
    return f"the process ended ({code_words(code)})" + (f": {last_line}" if last_line else "")


Said = TypeVar("Said")


class Ended(Exception):  # noqa: N818 - what happened to the process, said as it is
    """The process has ended. `str()` is one line on how; `code` as of `Popen.wait`, negative for a signal.

    `last_line` is what it wrote on stderr at last, "" for nothing.
    """

    def __init__(self, code: int, stderr: bytes) -> None:
        lines = stderr.decode(errors="replace").strip().splitlines()
        self.code, self.last_line = code, one_line(lines[-1]) if lines else ""
        super().__init__(exit_status(code, self.last_line))


def module_command(module: str, *arguments: str) -> list[str]:
    """The command for a module of this program. `-P` keeps an `engine/` of the current folder off its path."""
    return [sys.executable, "-P", "-m", module, *arguments]


class Child(Generic[Said]):
    """The process. It has a session of its own: ctrl+C at the terminal is for whoever started it, and all of it can be
    killed. Leaving the context kills it, at once and whatever it is at; it ends by itself when this process does.
    """

    def __init__(self, module: str, *arguments: str, says: Any) -> None:
        """`says` is the type of its messages, or several as a union."""
        self._decoder: msgspec.msgpack.Decoder[Said] = msgspec.msgpack.Decoder(says)
        self._frames = FrameReader()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `kill`
        self._process = subprocess.Popen(
            module_command(module, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def send(self, message: msgspec.Struct) -> None:
        """Raises Ended where nobody reads any more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(framed(message))
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error

    def receive(self, seconds: float) -> Said | None:
        """The next message, None where none was whole within so many seconds.

        Raises:
            Ended: it says nothing more.
            msgspec.DecodeError: it said something else.
        """
        assert self._process.stdout is not None
        descriptor, deadline = self._process.stdout.fileno(), time.monotonic() + seconds
        while (content := self._frames.take()) is None:
            if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return None
            if not (block := os.read(descriptor, 2**16)):
                raise self._ended()
            self._frames.add(block)
        return self._decoder.decode(content)

    def kill(self) -> None:
        """Ends it, with whatever it has started; where that has been done it does nothing."""
        if self._stderr.closed:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def _ended(self) -> Ended:
        code = self._process.wait()
        self._stderr.seek(0)
        return Ended(code, self._stderr.read())
