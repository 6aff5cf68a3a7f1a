"""The other end of `engine.labs.vocabulary.child`: starts the process, reads what it says, kills it."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

import msgspec

from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyProgress
from engine.labs.vocabulary.child import LENGTH, Order, Said
from engine.processes.exit_status import death_of

_SIGN_OF_LIFE = 0.1  # seconds: so often whoever pulls the events can think again
_decoder: msgspec.msgpack.Decoder[Said] = msgspec.msgpack.Decoder(Said)


class Child:
    """The process that computes. Leaving kills it: at once, and whatever it is at."""

    def __init__(self, order: Order) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed on leaving
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.labs.vocabulary.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,  # ctrl+C at the terminal is for whoever pulls the events
        )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def said(self) -> Iterator[Said]:
        """Everything it says until it ends; the last progress again where it is silent."""
        assert self._process.stdout is not None
        descriptor, found = self._process.stdout.fileno(), b""
        latest = VocabularyProgress(stage="starting", method="", vocabulary_size=0, done=0, total=0)
        while True:
            ready, _, _ = select.select([descriptor], [], [], _SIGN_OF_LIFE)
            if not ready:
                yield latest
                continue
            block = os.read(descriptor, 2**16)
            if not block:
                return
            found += block
            while len(found) >= LENGTH and len(found) >= (end := LENGTH + int.from_bytes(found[:LENGTH], "big")):
                event, found = _decoder.decode(found[LENGTH:end]), found[end:]
                if isinstance(event, VocabularyProgress):
                    latest = event
                elif isinstance(event, VocabularyMeasured):  # the next method is being prepared
                    latest = msgspec.structs.replace(latest, stage="preparing", method="", done=0, total=0)
                yield event

    def death(self) -> str:
        """One line on how it ended."""
        code = self._process.wait()
        self._stderr.seek(0)
        return death_of(code, self._stderr.read())
