"""The vocabulary lab: softmax regression that predicts the next word, over a thousand to a million words."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING

import msgspec

from engine.contract.vocabulary import VocabularyPlan, checked
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyRefused,
    VocabularyStarted,
    VocabularyTrained,
)
from engine.labs.vocabulary.child import Begun, Order
from engine.labs.vocabulary.process import computed, failed
from engine.processes.child import Ended

if TYPE_CHECKING:
    from engine.ranks.rank_group import RankGroup


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
        try:
            for said in computed(order, began):
                if isinstance(said, Begun):
                    begun = said
                elif not (isinstance(said, VocabularyStarted) and started):
                    started = started or isinstance(said, VocabularyStarted)
                    order = _with(order, said)
                    yield said
            return
        except Ended as ended:
            failure = _failure(begun, order, str(ended))
            if failure is None:
                yield failed(str(ended), began)
                return
        order = _with(order, failure)
        yield failure


class VocabularyJob:
    """A plan under way, on all ranks where there is a group: pull `events` while it should go on, then `stop`."""

    def __init__(self, plan: VocabularyPlan, rank_group: RankGroup | None = None) -> None:
        self._began, self._rank_group = time.monotonic(), rank_group
        self.events: Generator[VocabularyEvent]
        if rank_group is None:
            self.events = measure_vocabulary(plan)
        else:
            from engine.labs.vocabulary.distributed import measured_by  # with torch, which one process alone can spare

            self.events = measured_by(rank_group, plan)

    def stop(self, reason: str) -> VocabularyFinished:
        """Kills what computes, and gives the last event. After the end of the events it changes nothing."""
        self.events.close()
        seconds = time.monotonic() - self._began
        if self._rank_group is not None and self._rank_group.ended_from_outside:
            return VocabularyFinished(status="failed", seconds=seconds, reason=self._rank_group.why_ended())
        return VocabularyFinished(status="stopped", seconds=seconds, reason=reason)


def _with(order: Order, event: VocabularyEvent) -> Order:
    """The order for the next process, should there be one: without what was just said."""
    if isinstance(event, VocabularyMeasured):
        return msgspec.structs.replace(order, measured=(*order.measured, (event.vocabulary_size, event.method)))
    if isinstance(event, VocabularyTrained | VocabularyRefused):
        return msgspec.structs.replace(order, trained=(*order.trained, event.vocabulary_size))
    return order


def _failure(begun: Begun | None, order: Order, exit_status: str) -> VocabularyMeasured | VocabularyRefused | None:
    """What the process was at when it died; None where it had not begun anything that is still to do."""
    if begun is None:
        return None
    if begun.training is not None and begun.training.vocabulary_size not in order.trained:
        return msgspec.structs.replace(begun.training, reason=exit_status)
    known = begun.measuring
    if known is not None and (known.vocabulary_size, known.method) not in order.measured:
        return msgspec.structs.replace(known, outcome="failed", reason=exit_status)
    return None
