"""The vocabulary lab: softmax regression that predicts the next word, over a thousand to a million words.

`measure_vocabulary` is the job: it computes in a process that can be killed. `python -m engine.labs.vocabulary`
computes in its own, alone or, started by torchrun, as one rank of several:

    torchrun --nproc-per-node 2 -m engine.labs.vocabulary --sizes 1000 --json
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
from collections.abc import Generator, Iterator, Sequence
from typing import IO

import msgspec

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, checked
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyRefused,
    VocabularyStarted,
    VocabularyTrained,
)
from engine.data.one_line import one_line
from engine.labs.words.child import LENGTH, Begun, Order, Said, WrongInput

_SIGN_OF_LIFE = 0.1  # seconds: so often whoever pulls the events can think again
_decoder: msgspec.msgpack.Decoder[Said] = msgspec.msgpack.Decoder(Said)


def measure_vocabulary(plan: VocabularyPlan) -> Generator[VocabularyEvent]:
    """Yields a `VocabularyStarted`, a line for each method and size, what came of training, `VocabularyFinished`.

    A progress comes at least five times a second. Closing the generator kills the process that computes. A process
    that died on its own, of too little memory for one, is told as that line's failure, and a new one does the rest.

    Raises:
        InputError: at the first event, for a plan that cannot be carried out.
    """
    order, began, started = Order(checked(plan)), time.monotonic(), False
    while True:
        begun: Begun | None = None
        with _Child(order) as child:
            for said in child.said():
                if isinstance(said, Begun):
                    begun = said
                elif isinstance(said, WrongInput):
                    raise InputError(said.line)
                elif isinstance(said, VocabularyFinished):
                    yield msgspec.structs.replace(said, seconds=time.monotonic() - began)
                    return
                elif not (isinstance(said, VocabularyStarted) and started):
                    started = started or isinstance(said, VocabularyStarted)
                    order = _with(order, said)
                    yield said
            death = child.death()
        failure = _failure(begun, order, death)
        if failure is None:
            yield VocabularyFinished(status="failed", seconds=time.monotonic() - began, reason=death)
            return
        order = _with(order, failure)
        yield failure


class VocabularyJob:
    """A plan under way: pull `events` for as long as it should go on, then `stop`."""

    def __init__(self, plan: VocabularyPlan) -> None:
        self._began = time.monotonic()
        self.events = measure_vocabulary(plan)

    def stop(self, reason: str) -> VocabularyFinished:
        """Kills what computes, and gives the last event. After the end of the events it changes nothing."""
        self.events.close()
        return VocabularyFinished(status="stopped", seconds=time.monotonic() - self._began, reason=reason)


def _with(order: Order, event: VocabularyEvent) -> Order:
    """The order for the next process, should there be one: without what was just said."""
    if isinstance(event, VocabularyMeasured):
        return msgspec.structs.replace(order, measured=(*order.measured, (event.vocabulary_size, event.method)))
    if isinstance(event, VocabularyTrained | VocabularyRefused):
        return msgspec.structs.replace(order, trained=(*order.trained, event.vocabulary_size))
    return order


def _failure(begun: Begun | None, order: Order, death: str) -> VocabularyMeasured | VocabularyRefused | None:
    """What the process was at when it died; None where it had not begun anything that is still to do."""
    if begun is None:
        return None
    if begun.training is not None and begun.training.vocabulary_size not in order.trained:
        return msgspec.structs.replace(begun.training, reason=death)
    known = begun.measuring
    if known is not None and (known.vocabulary_size, known.method) not in order.measured:
        return msgspec.structs.replace(known, outcome="failed", reason=death)
    return None


class _Child:
    """The process that computes. Leaving kills it: at once, and whatever it is at."""

    def __init__(self, order: Order) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed on leaving
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.labs.words.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,  # ctrl+C at the terminal is for whoever pulls the events
        )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()

    def __enter__(self) -> _Child:
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
                latest = event if isinstance(event, VocabularyProgress) else latest
                yield event

    def death(self) -> str:
        """One line on how it ended."""
        code = self._process.wait()
        if code == -signal.SIGKILL:
            return "the process was killed (SIGKILL), for want of memory perhaps"
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").splitlines()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"the process ended ({how})" + (f": {one_line(lines[-1])}" if lines else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of a rank, or of a process alone; the exit code."""
    from engine.labs.words.command import run

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
