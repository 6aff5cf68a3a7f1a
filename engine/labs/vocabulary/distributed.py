"""The vocabulary's job on all ranks of a crew: rank 0's side of it, and the others'."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

import msgspec

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, checked
from engine.contract.vocabulary_events import VocabularyEvent, VocabularyFinished
from engine.labs.vocabulary.child import Begun, Order, WrongInput
from engine.labs.vocabulary.process import Child
from engine.ranks.rank_group import Crew, Job, Report
from engine.ranks.rendezvous import BEAT_SECONDS, RankLost, name_of


def measured_by(crew: Crew, plan: VocabularyPlan) -> Generator[VocabularyEvent]:
    """`measure_vocabulary` on all ranks. A process that died, on whichever, ends the job.

    Raises:
        InputError: for a plan that cannot be carried out, on one of the ranks.
    """
    began, order = time.monotonic(), msgspec.Raw(msgspec.json.encode(checked(plan)))
    try:
        job = crew.begin(Job("vocabulary", order))
    except RankLost as lost:
        yield _failed(str(lost), began)
        return
    try:
        with Child(Order(plan, job=name_of(job))) as child:
            for said in child.said():
                if line := crew.failure(job):
                    yield _failed(line, began)
                    return
                if isinstance(said, WrongInput):
                    raise InputError(said.line)
                if isinstance(said, VocabularyFinished):
                    yield msgspec.structs.replace(said, seconds=time.monotonic() - began)
                    return
                if not isinstance(said, Begun):
                    yield said
            death = child.death()
        yield _failed(f"rank 0: {death}", began)
    finally:
        crew.end(job)


def take_part(job: int, order: msgspec.Raw, ended: Callable[[], bool]) -> Report | None:
    """Another rank's share of the job of that number, in a process of its own."""
    plan = msgspec.json.decode(order, type=VocabularyPlan)
    looked = 0.0
    with Child(Order(plan, job=name_of(job))) as child:
        for said in child.said():  # at least ten times a second
            if time.monotonic() - looked > BEAT_SECONDS:
                looked = time.monotonic()
                if ended():
                    return None
            if isinstance(said, WrongInput):
                return Report(said.line, wrong_input=True)
            if isinstance(said, VocabularyFinished):
                return Report(said.reason) if said.status == "failed" else None
        return Report(child.death())


def _failed(line: str, began: float) -> VocabularyFinished:
    return VocabularyFinished(status="failed", seconds=time.monotonic() - began, reason=line)
