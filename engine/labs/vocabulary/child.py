"""`python -m engine.labs.vocabulary.child`: computes in a process that can be killed, and says what it finds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.vocabulary import Method, VocabularyPlan
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyRefused,
)
from engine.processes.broken_import import exit_with
from engine.processes.parent import Parent

if TYPE_CHECKING:
    from engine.labs.vocabulary.ranks import Ranks
    from engine.labs.vocabulary.text import TextSource


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


def main() -> int:
    """One order, then the end."""
    parent: Parent[Order] = Parent(Order)
    order = parent.receive()
    try:
        from engine.labs.vocabulary.text import TextSource

        source = TextSource.of(order.plan)
        if order.job:
            _as_a_rank(source, order, parent)
        else:
            from engine.labs.vocabulary.ranks import Ranks

            _compute(source, Ranks.alone(order.plan.question.device), order, parent)
    except InputError as error:
        parent.send(WrongInput(str(error)))
    return 0


def _as_a_rank(source: TextSource, order: Order, parent: Parent[Order]) -> None:
    """Together with the processes that the other ranks started for the same job."""
    ranks_expected = int(os.environ["WORLD_SIZE"])
    if min(source.plan.sizes) < ranks_expected:
        raise InputError(f"sizes: found {min(source.plan.sizes)} for {ranks_expected} ranks, expected a word for each")

    from engine.labs.vocabulary.ranks import Ranks
    from engine.ranks.rendezvous import RankLost

    try:
        _compute(source, Ranks.joined(order.plan.question.device, order.job), order, parent)
    except RankLost as lost:
        parent.send(VocabularyFinished(status="failed", seconds=0.0, reason=str(lost)))
        os._exit(1)  # whatever waits for the lost rank in a thread of torch's is not waited for


def _compute(source: TextSource, ranks: Ranks, order: Order, parent: Parent[Order]) -> None:
    from engine.labs.vocabulary.plan import run_plan

    for event in run_plan(source, ranks, order):
        if isinstance(event, VocabularyFinished):
            ranks.leave()  # before it is said: whoever hears it ends this process
        parent.send(event)


if __name__ == "__main__":
    exit_with(main)
