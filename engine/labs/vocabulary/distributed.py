"""The vocabulary's job on all ranks of a group: rank 0's side of it, and the others'."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

import msgspec

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, checked
from engine.contract.vocabulary_events import VocabularyEvent, VocabularyFinished
from engine.labs.vocabulary.child import Begun, Order
from engine.labs.vocabulary.job import computed, failed
from engine.processes.child import Ended
from engine.ranks.rank_group import RankFailure, RankGroup, RankJob
from engine.ranks.rendezvous import BEAT_SECONDS, RankLost, name_of


def measured_by(rank_group: RankGroup, plan: VocabularyPlan) -> Generator[VocabularyEvent]:
    """`measure_vocabulary` on all ranks. A process that died, on whichever, ends the job.

    Raises:
        InputError: for a plan that cannot be carried out, on one of the ranks.
    """
    began, order = time.monotonic(), msgspec.Raw(msgspec.json.encode(checked(plan)))
    try:
        job = rank_group.begin(RankJob("vocabulary", order))
    except RankLost as lost:
        yield failed(str(lost), began)
        return
    try:
        for said in computed(Order(plan, job=name_of(job)), began):
            if line := rank_group.failure(job):
                yield failed(line, began)
                return
            if not isinstance(said, Begun):
                yield said
    except Ended as ended:
        yield failed(f"rank 0: {ended}", began)
    finally:
        rank_group.end(job)


def take_part(job: int, order: msgspec.Raw, ended: Callable[[], bool]) -> RankFailure | None:
    """Another rank's share of the job of that number, in a process of its own."""
    plan = msgspec.json.decode(order, type=VocabularyPlan)
    looked = 0.0
    try:
        for said in computed(Order(plan, job=name_of(job)), looked):  # at least ten times a second
            if time.monotonic() - looked > BEAT_SECONDS:
                looked = time.monotonic()
                if ended():
                    return None
            if isinstance(said, VocabularyFinished) and said.status == "failed":
                return RankFailure(said.reason)
    except InputError as error:
        return RankFailure(str(error), wrong_input=True)
    except Ended as end:
        return RankFailure(str(end))
    return None
