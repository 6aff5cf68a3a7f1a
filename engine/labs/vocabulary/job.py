"""The vocabulary lab: softmax regression that predicts the next word, over a thousand to a million words."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

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
from engine.labs.vocabulary.child import Begun, Order, Said, WrongInput
from engine.processes.child import Child, Ended

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


_MODULE = "engine.labs.vocabulary.child"
_SIGN_OF_LIFE = 0.1  # seconds: so often whoever pulls the events can think again


def computed(order: Order, began: float) -> Generator[VocabularyEvent | Begun]:
    """Everything that it says, at last `VocabularyFinished` with the seconds since `began`. Closing it kills it.

    Raises:
        InputError: the plan cannot be carried out.
        Ended: the process has died.
    """
    with Child[Said](_MODULE, says=Said) as child:
        child.send(order)
        for said in _said(child):
            if isinstance(said, WrongInput):
                raise InputError(said.line)
            if isinstance(said, VocabularyFinished):
                yield msgspec.structs.replace(said, seconds=time.monotonic() - began)
                return
            yield said


def failed(line: str, began: float) -> VocabularyFinished:
    """The last event of a job that cannot go on, in one line on why."""
    return VocabularyFinished(status="failed", seconds=time.monotonic() - began, reason=line)


def _said(child: Child[Said]) -> Iterator[Said]:
    """Its messages; the last progress again where it is silent."""
    latest = VocabularyProgress(stage="starting", method="", vocabulary_size=0, done=0, total=0)
    while True:
        said = child.receive(_SIGN_OF_LIFE)
        if isinstance(said, VocabularyProgress):
            latest = said
        elif isinstance(said, VocabularyMeasured):  # the next method is being prepared
            latest = msgspec.structs.replace(latest, stage="preparing", method="", done=0, total=0)
        yield said or latest
