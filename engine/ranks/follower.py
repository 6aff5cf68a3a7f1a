"""A rank that is not the first: waits for rank 0's word, computes its part in a process of its own, waits again.

It leaves when rank 0 does, when it has not heard of rank 0 for six seconds, and five seconds after a SIGTERM: rank 0,
which torchrun told as well, has until then to hear where everybody stands.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Self

import msgspec
from torch.distributed.distributed_c10d import Store

from engine.ranks.guard import Guard
from engine.ranks.rank_group import RankFailure, RankJob
from engine.ranks.rendezvous import ARRIVAL_SECONDS, BEAT_SECONDS, Pulse, RankLost, rendezvous

_LAST_WORDS_SECONDS = 5.0

# Takes part in the job of that number until it is done, has failed, or `ended()`, which may be asked at any time.
Part = Callable[[int, msgspec.Raw, Callable[[], bool]], RankFailure | None]


class _RankZeroLeft(Exception):  # noqa: N818 - an end, not an error
    """There is nothing more to do."""


def follow(parts: Mapping[str, Part]) -> int:
    """0 when rank 0 has left, 1 when it or the store is gone. To be called by the process's first thread."""
    try:
        store, rank, _ = rendezvous()
        follower = _Follower(store, rank, parts, Guard())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+C is rank 0's, and it will say what follows
        signal.signal(signal.SIGTERM, lambda *_: follower.hurry())
        with follower:
            follower.run()
    except _RankZeroLeft:
        return 0
    except (RankLost, RuntimeError) as lost:
        print(f"the engine's other ranks are gone: {str(lost).splitlines()[0]}", file=sys.stderr)
    return 1


class _Follower:
    """One thread looks after rank 0; each job has one of its own: a sweep is held while the vocabulary is measured."""

    def __init__(self, store: Store, rank: int, parts: Mapping[str, Part], guard: Guard | None = None) -> None:
        self._store, self._rank, self._parts, self._guard = store, rank, parts, guard
        self._first = Pulse(ARRIVAL_SECONDS)
        self._leaves_at = float("inf")
        self._leaves = threading.Event()
        self._jobs: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the jobs. A thread that still asks the store when the interpreter ends aborts the process."""
        if self._guard is not None:
            self._guard.dismiss()
        self._leaves.set()
        for job in self._jobs:
            job.join(_LAST_WORDS_SECONDS)

    def hurry(self) -> None:
        self._leaves_at = min(self._leaves_at, time.monotonic() + _LAST_WORDS_SECONDS)

    def run(self) -> None:
        """Raises _RankZeroLeft; RankLost when it hangs; RuntimeError when the store is gone."""
        done = 0
        while True:
            self._look()
            for job in range(done + 1, self._store.add("jobs", 0) + 1):
                done = job
                self._jobs.append(threading.Thread(target=self._take_part, args=(job,), name=f"job {job}", daemon=True))
                self._jobs[-1].start()
            time.sleep(BEAT_SECONDS)

    def _look(self) -> None:
        """Beats for this rank, and sees whether rank 0 is still there."""
        self._store.add(f"beat/{self._rank}", 1)
        if self._guard is not None:
            self._guard.beat()
        if self._store.add("left", 0):
            self._store.add(f"gone/{self._rank}", 1)
            raise _RankZeroLeft
        if self._first.stopped(self._store.add("beat/0", 0)):
            raise RankLost("rank 0 has died or hangs")
        if time.monotonic() > self._leaves_at:
            raise RankLost("the job was ended (SIGTERM)")

    def _take_part(self, job: int) -> None:
        """What a job leaves behind when this process ends, ends by itself: its stdin is closed."""

        def ended() -> bool:
            return self._leaves.is_set() or self._store.add(f"ended/{job}", 0) > 0

        told = msgspec.json.decode(self._store.get(f"job/{job}"), type=RankJob)
        failure = self._parts[told.kind](job, told.order, ended)
        if failure is not None and self._store.add(f"reporters/{job}", 1) == 1:  # the first to report is heard
            line = msgspec.structs.replace(failure, line=f"rank {self._rank}: {failure.line}")
            self._store.set(f"report/{job}", msgspec.json.encode(line).decode())
            self._store.add(f"reports/{job}", 1)
