"""`python -m engine.labs.vocabulary.child`: computes in a process that can be killed, and says what it finds.

A plan comes on stdin; events leave on stdout, each its length and then msgpack (which has inf and nan). The process
ends with whoever started it: when stdin ends.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.vocabulary import Method, VocabularyPlan
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyRefused,
)
from engine.processes.parent import end_with_stdin

if TYPE_CHECKING:
    from engine.labs.vocabulary.source import Source

LENGTH = 4  # bytes in front of each event


class Order(Struct, frozen=True):
    """What to do, and what an earlier process has done of it already.

    `job` is empty for a process alone, else what the processes of all ranks know each other by.
    """

    plan: VocabularyPlan
    job: str = ""
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
    end_with_stdin()
    try:
        from engine.labs.vocabulary.source import Source

        source = Source.of(order.plan)
        if order.job:
            _as_a_rank(source, order, say)
        else:
            _alone(source, order, say)
    except InputError as error:
        say(WrongInput(str(error)))
    return 0


def _alone(source: Source, order: Order, say: Callable[[Said], None]) -> None:
    from engine.labs.vocabulary.plan import work
    from engine.labs.vocabulary.ranks import Ranks

    for event in work(source, Ranks.alone(order.plan.question.device), order):
        say(event)


def _as_a_rank(source: Source, order: Order, say: Callable[[Said], None]) -> None:
    """Together with the processes that the other ranks started for the same job."""
    from engine.labs.vocabulary.plan import work
    from engine.labs.vocabulary.ranks import Ranks
    from engine.ranks.rendezvous import RankLost

    def lament(line: str) -> None:
        say(VocabularyFinished(status="failed", seconds=0.0, reason=line))

    ranks_expected = int(os.environ["WORLD_SIZE"])
    if min(source.plan.sizes) < ranks_expected:
        raise InputError(f"sizes: found {min(source.plan.sizes)} for {ranks_expected} ranks, expected a word for each")
    try:
        ranks = Ranks.joined(order.plan.question.device, lament, order.job)
        for event in work(source, ranks, order):
            if isinstance(event, VocabularyFinished):
                ranks.leave()  # before it is said: whoever hears it ends this process
            say(event)
    except RankLost as lost:
        lament(str(lost))
        os._exit(1)  # whatever waits for the lost rank in a thread of torch's is not waited for


def _outbox() -> Callable[[Said], None]:
    """stdout, and a stray print of any library lands on stderr."""
    outbox, lock = os.fdopen(os.dup(1), "wb"), threading.Lock()
    os.dup2(2, 1)

    def say(event: Said) -> None:
        content = _encoder.encode(event)
        with lock:  # a rank's heart speaks too
            outbox.write(len(content).to_bytes(LENGTH, "big") + content)
            outbox.flush()

    return say


def _go_first_when_memory_ends() -> None:
    """On Linux the kernel then kills this process, not the app or another of the machine's."""
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as fault:
        from engine.processes.broken_import import broken_import

        if not (line := broken_import(fault)):
            raise
        sys.exit(line)
