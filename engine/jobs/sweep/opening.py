"""A sweep is started, or gone on with."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import MOST_SEEDS, SweepConfig, check_sweep, trials
from engine.jobs.recorded_run import Places
from engine.jobs.sources import Sources, check_swept, expect_same_data, notices_of, resolved
from engine.jobs.sweep.job import Sweep
from engine.ranks.rank_group import RankGroup
from engine.store.runs import RunStore
from engine.store.sweeps import StoredSweep, SweepFiles
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
    return _opened(places, replace(config, base=replace(config.base, device=str(device))), None, store, rank_group)


def resume(
    places: Places, sweep_id: str = "", rank_group: RankGroup | None = None
) -> Iterator[Progress | Notice | Sweep]:
    """The same for a stored sweep, the latest without a name: what has ended stays, the rest goes on.

    Raises:
        InputError: there is none, or its data are not what they were.
    """
    store = RunStore.open(places.store, create=False)
    stored = SweepFiles(places.store).load(sweep_id)
    return _opened(places, stored.config, stored, store, rank_group)


def _opened(
    places: Places, config: SweepConfig, stored: StoredSweep | None, store: RunStore, rank_group: RankGroup | None
) -> Iterator[Progress | Notice | Sweep]:
    """A sweep is `stored` from the moment that its data are there."""
    files, sources = SweepFiles(places.store), Sources(places.data_dir, MOST_SEEDS)
    _, info = yield from sources.of(config.base)
    if stored is None:
        check_swept(config, info)
        yield from notices_of(config.base, info)
        config = replace(config, base=replace(config.base, dataset=info.name))
        stored = files.create(config, info.checksum, rank_group.size if rank_group is not None else 1)
    else:
        expect_same_data(stored.sweep_id, info, stored.checksum, "begun with")
    yield Sweep(store, files, stored, sources, info, rank_group)
