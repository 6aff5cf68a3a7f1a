"""The vocabulary lab: softmax regression that predicts the next word, over a thousand to a million words.

`measure_vocabulary` is the job: it computes in a process that can be killed. `python -m engine.labs.vocabulary.job`
computes in its own, alone or, started by torchrun, as one rank of several:

    torchrun --nproc-per-node 2 -m engine.labs.vocabulary.job --sizes 1000 --json
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import msgspec

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, checked
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyRefused,
    VocabularyStarted,
    VocabularyTrained,
)
from engine.labs.vocabulary.child import Begun, Order, WrongInput
from engine.labs.vocabulary.process import Child

if TYPE_CHECKING:
    from engine.ranks.rank_group import Crew


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
        with Child(order) as child:
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
    """A plan under way, with a crew on all its ranks: pull `events` for as long as it should go on, then `stop`."""

    def __init__(self, plan: VocabularyPlan, crew: Crew | None = None) -> None:
        self._began, self._crew = time.monotonic(), crew
        self.events = measure_vocabulary(plan) if crew is None else _measured_by(crew, plan)

    def stop(self, reason: str) -> VocabularyFinished:
        """Kills what computes, and gives the last event. After the end of the events it changes nothing."""
        self.events.close()
        seconds = time.monotonic() - self._began
        if self._crew is not None and self._crew.ended_from_outside:
            return VocabularyFinished(status="failed", seconds=seconds, reason=self._crew.why_ended())
        return VocabularyFinished(status="stopped", seconds=seconds, reason=reason)


def _measured_by(crew: Crew, plan: VocabularyPlan) -> Generator[VocabularyEvent]:
    from engine.labs.vocabulary.distributed import (
        measured_by,  # with torch, which whoever measures in a process alone can spare
    )

    return measured_by(crew, plan)


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


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of a rank, or of a process alone; the exit code."""
    from engine.labs.vocabulary.command import run

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
