"""The ranks that torchrun started, as rank 0 of a worker sees them: it alone knows what is to be done, and says so.

Rank 0 tells the others in the store at which torchrun's processes meet; each starts a process that computes, and kills
it when rank 0 says that the job has ended. So a job can be stopped whatever it is at, and the ranks stay for the next.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Generator
from datetime import timedelta

import msgspec
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, checked
from engine.contract.vocabulary_events import VocabularyEvent, VocabularyFinished
from engine.labs.words.child import Begun, Order, WrongInput
from engine.labs.words.process import Child
from engine.labs.words.ranks import lost

BEAT_SECONDS = 0.2
SILENCE_SECONDS = 6.0
ARRIVAL_SECONDS = 60.0


class Pulse:
    """When another process was last heard, by the number that it counts up in the store."""

    def __init__(self, patience: float) -> None:
        self._beats, self._heard, self._patience = 0, time.monotonic(), patience

    def stopped(self, beats: int) -> bool:
        """Whether it has been silent for too long. To arrive it may take `patience` seconds."""
        if beats != self._beats:
            self._beats, self._heard, self._patience = beats, time.monotonic(), SILENCE_SECONDS
        return time.monotonic() - self._heard > self._patience


class Report(msgspec.Struct, frozen=True):
    """What a rank has to say of a job that it cannot go on with."""

    line: str
    wrong_input: bool = False


class Crew:
    """Rank 0's word to the other ranks. Whoever is told to end by a signal sets `ended_from_outside`."""

    def __init__(self, store: Store, size: int) -> None:
        self._store, self._size = store, size
        self._job = 0
        self._lost = ""
        self._reports: dict[int, Report] = {}
        self.ended_from_outside = False
        threading.Thread(target=self._listen, name="crew", daemon=True).start()

    @classmethod
    def joined(cls) -> Crew:
        """Meets at the store that the environment names, without waiting for the others.

        Raises:
            RankLost: there is nobody.
        """
        store, _, size = met()
        return cls(store, size)

    def measured(self, plan: VocabularyPlan) -> Generator[VocabularyEvent]:
        """`measure_vocabulary` on all ranks. A process that died, on whichever, ends the job.

        Raises:
            InputError: for a plan that cannot be carried out, on one of the ranks.
        """
        began, job = time.monotonic(), self._told(checked(plan))
        try:
            with Child(Order(plan, job=name_of(job))) as child:
                for said in child.said():
                    if self._lost or job in self._reports:
                        yield self._failure(job, began)
                        return
                    if isinstance(said, WrongInput):
                        raise InputError(said.line)
                    if isinstance(said, VocabularyFinished):
                        yield msgspec.structs.replace(said, seconds=time.monotonic() - began)
                        return
                    if not isinstance(said, Begun):
                        yield said
                death = child.death()
            yield VocabularyFinished(status="failed", seconds=time.monotonic() - began, reason=f"rank 0: {death}")
        finally:
            self._say(f"ended/{job}")

    def leave(self) -> None:
        """Sends the other ranks home."""
        self._say("left")

    def _say(self, word: str) -> None:
        with contextlib.suppress(RuntimeError):  # the store is gone, and with it whoever could be told
            self._store.add(word, 1)

    def _told(self, plan: VocabularyPlan) -> int:
        """The number of the job, now that the others can read of it."""
        self._job += 1
        try:
            self._store.set(f"plan/{self._job}", msgspec.json.encode(plan).decode())
            self._store.add("jobs", 1)
        except RuntimeError as error:
            raise lost(error) from error
        return self._job

    def _failure(self, job: int, began: float) -> VocabularyFinished:
        report = self._reports.get(job)
        if report is not None and report.wrong_input:
            raise InputError(report.line)
        line = report.line if report is not None else self._lost
        return VocabularyFinished(status="failed", seconds=time.monotonic() - began, reason=line)

    def _listen(self) -> None:
        """Beats for rank 0, and hears whether the others do, and what they report."""
        pulses = {rank: Pulse(ARRIVAL_SECONDS) for rank in range(1, self._size)}
        try:
            while True:
                self._store.add("beat/0", 1)
                silent = [rank for rank, pulse in pulses.items() if pulse.stopped(self._store.add(f"beat/{rank}", 0))]
                self._lost = (
                    f"rank {silent[0]} of {self._size} has died or hangs: no sign of it for {SILENCE_SECONDS:g} seconds"
                    if silent
                    else ""
                )
                job = self._job
                if job not in self._reports and self._store.add(f"reports/{job}", 0):
                    self._reports[job] = msgspec.json.decode(self._store.get(f"report/{job}"), type=Report)
                time.sleep(BEAT_SECONDS)
        except RuntimeError:
            self._lost = "the process that the ranks meet at has died"


def met() -> tuple[Store, int, int]:
    """The store, this process's rank, and how many there are.

    Raises:
        RankLost: nobody answers at the address that the environment names.
    """
    try:
        store, rank, size = next(iter(rendezvous("env://", timeout=timedelta(seconds=60))))
    except RuntimeError as error:
        raise lost(error) from error
    return PrefixStore("crew", store), rank, size


def name_of(job: int) -> str:
    """What the processes of one job know each other by."""
    return f"{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}-{job}-"
