"""A rank that is not the first: waits for rank 0's word, computes its part in a process of its own, waits again.

It leaves when rank 0 does, and when it has not heard of rank 0 for six seconds.
"""

from __future__ import annotations

import sys
import time

import msgspec
from torch.distributed.distributed_c10d import Store

from engine.contract.vocabulary import VocabularyPlan
from engine.contract.vocabulary_events import VocabularyFinished
from engine.labs.words.child import Order, WrongInput
from engine.labs.words.crew import ARRIVAL_SECONDS, BEAT_SECONDS, Pulse, Report, met, name_of
from engine.labs.words.process import Child
from engine.labs.words.ranks import RankLost


class _RankZeroLeft(Exception):  # noqa: N818 - an end, not an error
    """There is nothing more to do."""


def follow() -> int:
    """0 when rank 0 has left, 1 when it or the store is gone."""
    try:
        store, rank, _ = met()
        _Follower(store, rank).run()
    except _RankZeroLeft:
        return 0
    except (RankLost, RuntimeError) as lost:
        print(f"the engine's other ranks are gone: {str(lost).splitlines()[0]}", file=sys.stderr)
    return 1


class _Follower:
    def __init__(self, store: Store, rank: int) -> None:
        self._store, self._rank = store, rank
        self._first = Pulse(ARRIVAL_SECONDS)
        self._looked = 0.0

    def run(self) -> None:
        """Raises _RankZeroLeft; RankLost when it hangs; RuntimeError when the store is gone."""
        done = 0
        while True:
            self._look()
            newest = self._store.add("jobs", 0)
            if newest > done:
                done = newest
                self._take_part(newest)
            time.sleep(BEAT_SECONDS)

    def _take_part(self, job: int) -> None:
        plan = msgspec.json.decode(self._store.get(f"plan/{job}"), type=VocabularyPlan)
        with Child(Order(plan, job=name_of(job))) as child:
            for said in child.said():  # at least ten times a second
                if self._looks_again() and self._store.add(f"ended/{job}", 0):
                    return
                if isinstance(said, WrongInput):
                    self._report(job, Report(f"rank {self._rank}: {said.line}", wrong_input=True))
                    return
                if isinstance(said, VocabularyFinished):
                    if said.status == "failed":
                        self._report(job, Report(said.reason))
                    return
            self._report(job, Report(f"rank {self._rank}: {child.death()}"))

    def _report(self, job: int, report: Report) -> None:
        """The first to report a job is heard."""
        if self._store.add(f"reporters/{job}", 1) == 1:
            self._store.set(f"report/{job}", msgspec.json.encode(report).decode())
            self._store.add(f"reports/{job}", 1)

    def _looks_again(self) -> bool:
        if time.monotonic() - self._looked < BEAT_SECONDS:
            return False
        self._look()
        return True

    def _look(self) -> None:
        """Beats for this rank, and sees whether rank 0 is still there."""
        self._looked = time.monotonic()
        self._store.add(f"beat/{self._rank}", 1)
        if self._store.add("left", 0):
            raise _RankZeroLeft
        if self._first.stopped(self._store.add("beat/0", 0)):
            raise RankLost("rank 0 has died or hangs")
