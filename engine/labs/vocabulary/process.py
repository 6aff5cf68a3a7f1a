"""The other end of `engine.labs.vocabulary.child`: what a process that computes says, from its start to its end."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import msgspec

from engine.contract.errors import InputError
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
)
from engine.labs.vocabulary.child import Begun, Order, Said, WrongInput
from engine.processes.child import Child

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
