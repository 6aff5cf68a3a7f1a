"""One end of a process that runs a user's functions and can be killed: what it says, and for how long it is silent."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

import msgspec

from engine.labs.yours.messages import Answer, Measure, Ready, Request

_LENGTH = 4  # bytes in front of each message
_TO_START = 120.0  # seconds for importing torch, on a machine that does much else

_encoder = msgspec.msgpack.Encoder()
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class Ended(Exception):  # noqa: N818 - what happened to the process, said as it is
    """The process is no more. `str()` says how that came about, as in "it ended its process (exit code 3)"."""


def framed(message: Request | Measure | Answer) -> bytes:
    """A message as it travels, either way: its length, then msgpack."""
    content = _encoder.encode(message)
    return len(content).to_bytes(_LENGTH, "big") + content


class Child:
    """A process of its own session, so that ctrl+C at the terminal is not its affair, and all of it can be killed."""

    def __init__(self, module: str) -> None:
        """Starts `python -m module`, and waits until it is ready. `-P` keeps the current folder off its path.

        Raises:
            Ended: it did not get that far.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert isinstance(self.receive(_TO_START), Ready)

    def ask(self, request: Request, seconds: float) -> Answer:
        """Raises Ended where there is no answer within so many seconds."""
        self.send(request)
        return self.receive(seconds)

    def send(self, message: Request | Measure) -> None:
        """Raises Ended where nobody reads any more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(framed(message))
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error

    def receive(self, seconds: float) -> Answer:
        """The next message. A process that says nothing for so long is killed.

        Raises:
            Ended: it was killed for that, or ended by itself, or said something else.
        """
        deadline = time.monotonic() + seconds
        length = int.from_bytes(self._read(_LENGTH, deadline, seconds), "big")
        try:
            return _answers.decode(self._read(length, deadline, seconds))
        except msgspec.DecodeError as error:
            self.kill()
            raise Ended("it disturbed what its process says") from error

    def _read(self, count: int, deadline: float, seconds: float) -> bytes:
        assert self._process.stdout is not None
        descriptor, found = self._process.stdout.fileno(), b""
        while len(found) < count:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self.kill()
                raise Ended(f"it took longer than {seconds:g} s, an endless loop perhaps")
            block = os.read(descriptor, count - len(found))
            if not block:
                raise self._ended()
            found += block
        return found

    def _ended(self) -> Ended:
        code = self._process.wait()
        self.kill()
        if code < 0:
            return Ended(f"it ended its process ({signal.Signals(-code).name})")
        return Ended(f"it ended its process (exit code {code})")

    def kill(self) -> None:
        """Ends it, with whatever it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
