"""The runs of a sweep that are trained together, on their way into the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.contract.events import Finished, RunEvent
from engine.contract.sweeps import MemberSaid, Trial
from engine.jobs.sweep.messages import Standing
from engine.jobs.sweep.stored_runs import Running
from engine.store.safetensors_file import Checkpoint
from engine.training.loop import train_unit


class Unit:
    """`places` are the numbers of its trials in the sweep; a run that has ended before is None."""

    def __init__(self, planned: Sequence[tuple[int, Trial]], runs: Sequence[Running | None]) -> None:
        self.planned = planned
        self.runs = runs
        self._under_way = {place for place, one in enumerate(runs) if one is not None}

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Without their numbers."""
        return tuple(trial for _, trial in self.planned)

    @property
    def done(self) -> bool:
        """Whether every run has ended."""
        return not self._under_way

    def trained(self) -> Iterator[list[MemberSaid]]:
        """Trains them here. What training raises marks those under way failed: their last checkpoints stay."""
        try:
            for said in train_unit(self.trials, [one.member if one else None for one in self.runs]):
                yield self.stored(said)
        except Exception as error:
            for one in self._left():
                one.fail(error)
            raise

    def stored(self, said: Iterable[tuple[int, RunEvent]]) -> list[MemberSaid]:
        """What the runs say at one moment, once all of it is on the disk: who stops in between loses nothing."""
        told = []
        for place, event in said:
            if (one := self.runs[place]) is not None:
                told.append(one.recorded(event))
                if isinstance(event, Finished):
                    self._under_way.discard(place)
        return told

    def standings(self) -> tuple[Standing | None, ...]:
        """Where its runs stand now, for another process to go on from."""
        members = (one.member if one is not None else None for one in self.runs)
        return tuple(Standing(one.info.checksum, one.state.checkpoint()) if one else None for one in members)

    def stands(self, place: int, checkpoint: Checkpoint) -> None:
        """Another process has brought a run to there."""
        if (one := self.runs[place]) is not None:
            one.member.state.become(checkpoint)

    def stop(self, reason: str) -> None:
        """Saves those under way and marks them stopped."""
        for one in self._left():
            one.stop(reason)

    def _left(self) -> list[Running]:
        left = [one for place in sorted(self._under_way) if (one := self.runs[place]) is not None]
        self._under_way = set()
        return left
