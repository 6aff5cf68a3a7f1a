"""A sweep is started, or gone on with."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import MOST_SEEDS, SweepConfig, check_sweep, trials
from engine.jobs.recorded_run import Places
from engine.jobs.sources import Sources, notices_of
from engine.jobs.sweep.job import Sweep, resolved
from engine.jobs.unused_settings import check_swept
from engine.ranks.rank_group import RankGroup
from engine.store.runs import RunStore
from engine.store.sweeps import StoredSweep, SweepShelf
from engine.training.devices import resolve


def start(
    places: Places, config: SweepConfig, rank_group: RankGroup | None = None
) -> Iterator[Progress | Notice | Sweep]:
    """Yields the progress of loading, and at last the sweep.

    Raises:
        InputError: at once for what is wrong with the sweep, the device or the store; while loading for the data.
    """
    check_sweep(config)
    for trial in trials(config, 1):
        resolved(trial.config)
    device = resolve(config.base.device, config.base.dtype)
    store = RunStore.open(places.store)
    return _start(places, replace(config, base=replace(config.base, device=str(device))), store, rank_group)


def resume(
    places: Places, sweep_id: str = "", rank_group: RankGroup | None = None
) -> Iterator[Progress | Notice | Sweep]:
    """The same for a stored sweep, the latest without a name: what has ended stays, the rest goes on.

    Raises:
        InputError: there is none, or its data are not what they were.
    """
    store = RunStore.open(places.store, create=False)
    return _resume(places, SweepShelf(places.store).load(sweep_id), store, rank_group)


def _start(
    places: Places, config: SweepConfig, store: RunStore, rank_group: RankGroup | None
) -> Iterator[Progress | Notice | Sweep]:
    sources = Sources(places.data_dir, MOST_SEEDS)
    _, info = yield from sources.of(config.base)
    check_swept(config, info)
    yield from notices_of(config.base, info)
    config = replace(config, base=replace(config.base, dataset=info.name))
    shelf = SweepShelf(places.store)
    stored = shelf.create(config, info.checksum, rank_group.size if rank_group is not None else 1)
    yield Sweep(store, shelf, stored, sources, info, rank_group)


def _resume(
    places: Places, stored: StoredSweep, store: RunStore, rank_group: RankGroup | None
) -> Iterator[Progress | Notice | Sweep]:
    sources = Sources(places.data_dir, MOST_SEEDS)
    _, info = yield from sources.of(stored.config.base)
    if info.checksum != stored.checksum:
        raise InputError(
            f"{stored.sweep_id}: found {info.name} with checksum {info.checksum}, expected {stored.checksum}: "
            "the data are not those it was begun with"
        )
    yield Sweep(store, SweepShelf(places.store), stored, sources, info, rank_group)
