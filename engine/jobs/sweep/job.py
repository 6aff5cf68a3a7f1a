"""A sweep under way, with its runs in the store, for worker and command line alike.

With a rank group its units are dealt out among the ranks; rank 0 trains beside the others, and alone stores and tells.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator

from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, MinibatchesDone
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import (
    MemberSaid,
    SweepEvent,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
    Trial,
    trials,
    units,
)
from engine.jobs.sources import Sources, resolved
from engine.jobs.sweep.messages import Free, FromOther, HandedIn, Told
from engine.jobs.sweep.other_ranks import Others
from engine.jobs.sweep.stored_runs import SweepRuns
from engine.jobs.sweep.unit import Unit
from engine.ranks.rank_group import RankGroup
from engine.ranks.rendezvous import RankLost
from engine.store.runs import RunStore
from engine.store.sweeps import StoredSweep, SweepFiles
from engine.training.devices import described, resolve
from engine.verdicts.sweep_sentence import verdict

_LOOK_SECONDS = 0.02
_SILENCE_SECONDS = 0.2


class Sweep:
    """A sweep under way: pull `events` for as long as it should go on, then `stop`. At every event all is stored."""

    def __init__(
        self,
        store: RunStore,
        files: SweepFiles,
        stored: StoredSweep,
        sources: Sources,
        info: DatasetInfo,
        rank_group: RankGroup | None = None,
    ) -> None:
        self.name = stored.sweep_id
        self.config = stored.config
        self._info = info
        self._runs = SweepRuns(store, files, stored, sources)
        planned = trials(stored.config, info.train_size)
        self._trials = tuple(replace(trial, config=resolved(trial.config)) for trial in planned)
        self._waiting = deque(enumerate(units(self._trials, stored.parts), 1))
        self._opened: list[Unit] = []  # and not ended
        self._there: dict[int, Unit] = {}  # those of them that are on another rank
        self._rank_group = rank_group
        self._others: Others | None = None
        self._results: list[SweepResult] = []
        self.events = self._events()

    def stop(self, reason: str) -> SweepFinished:
        """Saves the runs under way and marks them stopped."""
        self._stop_runs(reason)
        if self._rank_group is not None and self._rank_group.ended_from_outside:
            return replace(self._finished(self._rank_group.why_ended()), status="failed")
        return self._finished(reason)

    def failed(self, reason: str) -> SweepFinished:
        """The last event after an error; the store, which may be what failed, is asked no more than it answers."""
        try:
            return replace(self.stop(reason), status="failed")
        except InputError:
            return SweepFinished(sweep_id=self.name, status="failed", seconds=0.0, verdict="", reason=reason)

    def _events(self) -> Iterator[SweepEvent | Progress | Notice]:
        yield SweepStarted(
            sweep_id=self.name,
            config=self.config,
            device=described(resolve(self.config.base.device, self.config.base.dtype)),
            dataset=self._info,
            runs=len(self._trials),
            ranks=self._rank_group.size if self._rank_group is not None else 1,
        )
        try:
            if self._rank_group is not None:
                self._others = Others(self._rank_group)
                self._waiting = deque(sorted(self._waiting, key=self._minibatches, reverse=True))
            while self._waiting:
                yield from self._train_here()
            yield from self._wait()
        except RankLost as lost:
            self._stop_runs(str(lost))
            yield replace(self._finished(str(lost)), status="failed")
            return
        except Exception as error:
            self._stop_runs(str(error))
            raise
        self._leave()
        yield self._finished("")

    def _train_here(self) -> Iterator[SweepEvent | Progress | Notice]:
        """The next unit, and what the other ranks say meanwhile."""
        unit = yield from self._next_unit()
        if unit is None:
            return
        for told in unit.trained():
            yield from told
            yield from self._heard()
        yield from self._results_of(unit)

    def _next_unit(self) -> Generator[SweepEvent | Progress | Notice, None, Unit | None]:
        """The next one with something to train. What was told in an earlier sitting is told again."""
        while self._waiting:
            number, trials = self._waiting.popleft()
            planned = [(self._trials.index(trial), trial) for trial in trials]
            unit = Unit(planned, (yield from self._runs.open(number, planned)))
            self._opened.append(unit)
            for place, trial in planned:
                yield from self._runs.history(place, trial)
            if not unit.done:
                return unit
            yield from self._results_of(unit)
        return None

    def _results_of(self, unit: Unit) -> Iterator[SweepEvent | Progress | Notice]:
        self._opened.remove(unit)
        for place, trial in unit.planned:
            result = yield from self._runs.result(place, trial, self.config)
            self._results.append(result)
            yield result

    def _heard(self) -> Iterator[SweepEvent | Progress | Notice]:
        """What the other ranks have said; who has nothing to do is given the next unit."""
        for rank, message in self._others.messages() if self._others is not None else ():
            yield from self._stored(rank, message)
            if isinstance(message, Free):
                if (done := self._there.pop(rank, None)) is not None:
                    yield from self._results_of(done)
                yield from self._give(rank)

    def _give(self, rank: int) -> Iterator[SweepEvent | Progress | Notice]:
        unit = yield from self._next_unit()
        if unit is not None and self._others is not None:
            self._there[rank] = unit
            self._others.give(rank, unit.trials, unit.standings())

    def _stored(self, rank: int, message: FromOther) -> list[MemberSaid]:
        """What a message tells, once all of it is on the disk."""
        told: list[MemberSaid] = []
        for word in message.words if isinstance(message, Told) else ():
            if word.checkpoint is not None:
                self._there[rank].stands(word.place, word.checkpoint)
            told += self._there[rank].stored([(word.place, word.event)])
        return told

    def _wait(self) -> Iterator[SweepEvent | Progress | Notice]:
        """Until the other ranks have done what they were given."""
        heard = time.monotonic()
        while self._there:
            for event in self._heard():
                heard = time.monotonic()
                yield event
            if time.monotonic() - heard > _SILENCE_SECONDS:  # whoever pulls wants to think again
                heard = time.monotonic()
                done = len(self._results)
                yield Progress("waiting", "the other ranks", done, len(self._trials), "runs")
            time.sleep(_LOOK_SECONDS)

    def _stop_runs(self, reason: str) -> None:
        if self._others is not None:
            for rank, message in self._others.last_messages(tuple(self._there)):
                self._stored(rank, message)
                if isinstance(message, HandedIn):
                    for place, checkpoint in message.checkpoints.items():
                        self._there[rank].stands(place, checkpoint)
        self._leave()
        for unit in self._opened:
            unit.stop(reason)
        self._opened, self._there = [], {}

    def _leave(self) -> None:
        if self._others is not None:
            self._others.leave()
            self._others = None

    def _minibatches(self, numbered: tuple[int, tuple[Trial, ...]]) -> int:
        """How long a unit takes, near enough: a step of several models costs little more than one of one."""
        first = numbered[1][0]
        return first.steps or first.config.epochs * -(-self._info.train_size // first.config.batch_size)

    def _finished(self, reason: str) -> SweepFinished:
        return SweepFinished(
            sweep_id=self.name,
            status="stopped" if reason else "finished",
            seconds=self._runs.seconds(),
            verdict=verdict(self.config, self._results),
            reason=reason,
        )


_PROGRESS_A_SECOND = 10


def throttled(
    events: Iterator[SweepEvent | Progress | Notice],
) -> Iterator[SweepEvent | SweepProgress | Progress | Notice]:
    """The sweep's events; of its minibatches only how many there have been, ten times a second at most."""
    progress, told_at = SweepProgress(sweep_id="", done=0, total=0), 0.0
    for event in events:
        if isinstance(event, SweepStarted):
            progress = SweepProgress(sweep_id=event.sweep_id, done=0, total=_minibatches(event))
        if not isinstance(event, MemberSaid) or not isinstance(event.event, MinibatchesDone):
            yield event
            continue
        progress = SweepProgress(
            sweep_id=progress.sweep_id, done=progress.done + event.event.count, total=progress.total
        )
        if time.monotonic() - told_at >= 1 / _PROGRESS_A_SECOND:
            told_at = time.monotonic()
            yield progress


def _minibatches(started: SweepStarted) -> int:
    size = started.dataset.train_size
    return sum(
        trial.steps or trial.config.epochs * -(-size // trial.config.batch_size)
        for trial in trials(started.config, size)
    )
