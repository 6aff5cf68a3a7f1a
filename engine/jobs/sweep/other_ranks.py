"""The other ranks of a sweep, as rank 0 sees them, and what each of them starts when it is told of the sweep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from engine.contract.errors import InputError
from engine.contract.sweeps import Trial
from engine.jobs.sweep.messages import (
    Broke,
    FromOther,
    HandedIn,
    HandIn,
    RankOrder,
    Standing,
    ToOther,
    TrainUnit,
)
from engine.processes.child import Child, Ended
from engine.ranks.rank_group import RankFailure, RankGroup, RankJob
from engine.ranks.rendezvous import BEAT_SECONDS, MessageQueue, RankLost

_LOOK_SECONDS = 0.02
_LAST_WORDS_SECONDS = 3.0


class Others:
    """They ask for work by themselves, once they have imported torch."""

    def __init__(self, rank_group: RankGroup) -> None:
        self._rank_group = rank_group
        self._job = rank_group.begin(RankJob("sweep"))
        ranks = range(1, rank_group.size)
        self._to = {rank: rank_group.queue(self._job, 0, rank, ToOther) for rank in ranks}
        self._from: dict[int, MessageQueue[FromOther]] = {
            rank: rank_group.queue(self._job, rank, 0, FromOther) for rank in ranks
        }
        self._looked = 0.0

    def messages(self) -> Iterator[tuple[int, FromOther]]:
        """What has come since it was last asked, with the rank it came from.

        Raises:
            RankLost: one has died, hangs, or met an error.
            InputError: one has no data, or others.
        """
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        if line := self._rank_group.failure(self._job):
            raise RankLost(line)
        for rank in self._from:
            while (message := self._from[rank].receive()) is not None:
                if isinstance(message, Broke):
                    line = f"rank {rank}: {message.line}"
                    raise InputError(line) if message.wrong_input else RankLost(line)
                yield rank, message
        self._looked = time.monotonic()

    def give(self, rank: int, trials: Sequence[Trial], standings: Sequence[Standing | None]) -> None:
        """Raises RankLost."""
        self._to[rank].send(TrainUnit(tuple(trials), tuple(standings)))

    def last_messages(self, busy: Sequence[int]) -> Iterator[tuple[int, FromOther]]:
        """Has those ranks stop, and gives what they still have to say; a rank that says nothing is not waited for."""
        waits_until, left = time.monotonic() + _LAST_WORDS_SECONDS, set(busy)
        try:
            for rank in busy:
                self._to[rank].send(HandIn())
            while left and time.monotonic() < waits_until:
                for rank, message in self.messages():
                    yield rank, message
                    if isinstance(message, HandedIn):
                        left.discard(rank)
                time.sleep(_LOOK_SECONDS)
        except (RankLost, InputError):
            return  # whoever is lost hands nothing in: its runs stand where they last stood

    def leave(self) -> None:
        """Ends the job on all ranks."""
        self._rank_group.end(self._job)


def part_of(data_dir: Path) -> Callable[[int, msgspec.Raw, Callable[[], bool]], RankFailure | None]:
    """How a rank with its data there takes part in a sweep: in a process of its own, which can be killed."""

    def take_part(job: int, order: msgspec.Raw, ended: Callable[[], bool]) -> RankFailure | None:
        with Child[None]("engine.jobs.sweep.rank", says=None) as child:
            try:
                child.send(RankOrder(job, str(data_dir)))
                while not ended():
                    child.receive(BEAT_SECONDS)
            except Ended as end:
                return RankFailure(str(end)) if end.code else None
        return None

    return take_part
