"""`python -m engine.labs.words.child`: computes in a process that can be killed, and says what it finds.

A plan comes on stdin; events leave on stdout, each its length and then msgpack (which has inf and nan). The process
ends with whoever started it: when stdin ends.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.vocabulary import Method, VocabularyPlan
from engine.contract.vocabulary_events import VocabularyEvent, VocabularyMeasured, VocabularyRefused

LENGTH = 4  # bytes in front of each event


class Order(Struct, frozen=True):
    """What to do, and what an earlier process has done of it already."""

    plan: VocabularyPlan
    measured: tuple[tuple[int, Method], ...] = ()
    trained: tuple[int, ...] = ()


class Begun(Struct, frozen=True, tag="begun", tag_field="type"):
    """Said before memory is taken: should the process die now, this is what it died of."""

    measuring: VocabularyMeasured | None = None
    training: VocabularyRefused | None = None


class WrongInput(Struct, frozen=True, tag="wrong_input", tag_field="type"):
    """An InputError's one line."""

    line: str


Said = VocabularyEvent | Begun | WrongInput
_encoder = msgspec.msgpack.Encoder()


def main() -> int:
    """One order, then the end."""
    say = _outbox()
    _go_first_when_memory_ends()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    threading.Thread(target=_end_with_stdin, name="stdin", daemon=True).start()
    try:
        from engine.labs.words.source import Source

        source = Source.of(order.plan)
        from engine.labs.words.ranks import Ranks
        from engine.labs.words.work import work

        for event in work(source, Ranks.alone(order.plan.question.device), order):
            say(event)
    except InputError as error:
        say(WrongInput(str(error)))
    return 0


def _outbox() -> Callable[[Said], None]:
    """stdout, and a stray print of any library lands on stderr."""
    outbox = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(event: Said) -> None:
        content = _encoder.encode(event)
        outbox.write(len(content).to_bytes(LENGTH, "big") + content)
        outbox.flush()

    return say


def _go_first_when_memory_ends() -> None:
    """On Linux the kernel then kills this process, not the app or another of the machine's."""
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def _end_with_stdin() -> None:
    while sys.stdin.buffer.readline():
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
