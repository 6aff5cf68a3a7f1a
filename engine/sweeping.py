"""A sweep with its runs in the store, for worker and command line alike: started, stopped, and gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, Finished
from engine.contract.pairs import resolve_pair
from engine.contract.progress import Notice, Progress
from engine.contract.sweep_verdict import verdict
from engine.contract.sweeps import (
    MOST_SEEDS,
    MemberSaid,
    SweepConfig,
    SweepEvent,
    SweepFinished,
    SweepResult,
    SweepStarted,
    Trial,
    check_sweep,
    fits_in_group,
    trials,
    units,
)
from engine.session import Places
from engine.sources import Sources
from engine.store.runs import RunStore
from engine.store.sweeps import StoredSweep, SweepShelf
from engine.sweep_runs import Running, SweepRuns
from engine.training.devices import described, resolve
from engine.training.group import Group
from engine.training.loop import train
from engine.training.sweeps import train_together, up_to


def start(places: Places, config: SweepConfig) -> Iterator[Progress | Notice | Sweep]:
    """Yields the progress of loading, and at last the sweep.

    Raises:
        InputError: at once for what is wrong with the sweep, the device or the store; while loading for the data.
    """
    check_sweep(config)
    for trial in trials(config, 1):
        _resolved(trial.config)
    device = resolve(config.base.device, config.base.dtype)
    store = RunStore.open(places.store)
    return _start(places, replace(config, base=replace(config.base, device=str(device))), store)


def resume(places: Places, sweep_id: str = "") -> Iterator[Progress | Notice | Sweep]:
    """The same for a stored sweep, the latest without a name: what has ended stays, the rest goes on.

    Raises:
        InputError: there is none, or its data are not what they were.
    """
    store = RunStore.open(places.store, create=False)
    return _resume(places, SweepShelf(places.store).load(sweep_id), store)


def _start(places: Places, config: SweepConfig, store: RunStore) -> Iterator[Progress | Notice | Sweep]:
    sources = Sources(places.data_dir, MOST_SEEDS)
    _, info = yield from sources.of(config.base)
    config = replace(config, base=replace(config.base, dataset=info.name))
    shelf = SweepShelf(places.store)
    yield Sweep(store, shelf, shelf.create(config, info.checksum), sources, info)


def _resume(places: Places, stored: StoredSweep, store: RunStore) -> Iterator[Progress | Notice | Sweep]:
    sources = Sources(places.data_dir, MOST_SEEDS)
    _, info = yield from sources.of(stored.config.base)
    if info.checksum != stored.checksum:
        raise InputError(
            f"{stored.sweep_id}: found {info.name} with checksum {info.checksum}, expected {stored.checksum}: "
            "the data are not those it was begun with"
        )
    yield Sweep(store, SweepShelf(places.store), stored, sources, info)


def _resolved(config: TrainConfig) -> TrainConfig:
    pair = resolve_pair(config.softmax, config.loss, config.gradient, config.label_smoothing)
    return replace(config, loss=pair.loss, gradient=pair.gradient, device=str(resolve(config.device, config.dtype)))


class Sweep:
    """A sweep under way: pull `events` for as long as it should go on, then `stop`. At every event all is stored."""

    def __init__(
        self, store: RunStore, shelf: SweepShelf, stored: StoredSweep, sources: Sources, info: DatasetInfo
    ) -> None:
        self.sweep_id = stored.sweep_id
        self.config = stored.config
        self._info = info
        self._runs = SweepRuns(store, shelf, stored, sources)
        planned = trials(stored.config, info.train_size)
        self._trials = tuple(replace(trial, config=_resolved(trial.config)) for trial in planned)
        self._running: list[Running] = []
        self._results: list[SweepResult] = []
        self.events = self._events()

    def stop(self, reason: str) -> SweepFinished:
        """Saves the runs under way and marks them stopped."""
        for one in self._running:
            one.stop(reason)
        self._running = []
        return self._finished(reason)

    def _events(self) -> Iterator[SweepEvent | Progress | Notice]:
        device = resolve(self.config.base.device, self.config.base.dtype)
        yield SweepStarted(
            sweep_id=self.sweep_id,
            config=self.config,
            device=described(device),
            dataset=self._info,
            runs=len(self._trials),
        )
        for number, unit in enumerate(units(self._trials), 1):
            yield from self._unit(number, [(self._trials.index(trial), trial) for trial in unit], device)
        yield self._finished("")

    def _finished(self, reason: str) -> SweepFinished:
        return SweepFinished(
            sweep_id=self.sweep_id,
            status="stopped" if reason else "finished",
            seconds=self._runs.seconds(),
            verdict=verdict(self.config, self._results),
            reason=reason,
        )

    def _unit(
        self, number: int, unit: Sequence[tuple[int, Trial]], device: torch.device
    ) -> Iterator[SweepEvent | Progress | Notice]:
        """The runs that are trained together, or one alone. What was told in an earlier sitting is told again."""
        opened = yield from self._runs.open(number, unit, device)
        self._running = [one for one in opened if one is not None]
        for place, trial in unit:
            yield from self._runs.history(place, trial)
        if self._running and fits_in_group(unit[0][1].config):
            yield from self._together(opened, seeds=len({trial.seed for _, trial in unit}))
        elif self._running:
            yield from self._alone(self._running[0])
        for place, trial in unit:
            result = yield from self._runs.result(place, trial, self.config)
            self._results.append(result)
            yield result

    def _together(self, places: Sequence[Running | None], seeds: int) -> Iterator[MemberSaid]:
        group = Group([one.member if one else None for one in places], seeds)
        job = train_together(group, self._running[0].trial.steps)
        while True:
            try:
                said = next(job, None)
                if said is None:
                    return
                # All of a moment is on the disk before any of it is told: who stops in between loses nothing.
                told = [one.recorded(event) for place, event in said if (one := places[place])]
            except Exception as error:
                for one in self._running:
                    one.fail(error)
                self._running = []
                raise
            ended = {one.run_id for one in told if isinstance(one.event, Finished)}
            self._running = [one for one in self._running if one.run_id not in ended]
            yield from told

    def _alone(self, one: Running) -> Iterator[MemberSaid]:
        member = one.member
        events = train(one.trial.config, member.data, member.state, member.info)
        if one.trial.steps:
            events = up_to(events, member.state, one.trial.steps)
        for event in one.recorder.record(events):
            yield one.said(event)
        self._running = []
