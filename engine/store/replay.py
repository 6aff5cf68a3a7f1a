"""A stored run as the events that tell it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from msgspec import Struct

from engine.contract.answers import RunSummary
from engine.contract.events import Diverged, EpochDone, Finished, LabelsExamined, MinibatchesDone, RunEvent, Started
from engine.contract.history import LossCell


class StoredRun(Struct, frozen=True, kw_only=True):
    """All that is kept of a run. `position` counts minibatches and is where its latest checkpoint stands."""

    summary: RunSummary
    minibatches_per_epoch: int
    cell_width: int
    position: int
    epochs: tuple[EpochDone, ...]
    losses: tuple[LossCell, ...]
    diverged: Diverged | None
    examined: LabelsExamined | None
    finished: Finished | None


def replay(run: StoredRun) -> Iterator[RunEvent]:
    """Events that come to the same `RunState` as those that were recorded.

    The stretches go from epoch to epoch. A cell that two stretches share is told with the later one.
    """
    yield Started(
        run_id=run.summary.run_id,
        config=run.summary.config,
        device=run.summary.device,
        dataset=run.summary.dataset,
        minibatches_per_epoch=run.minibatches_per_epoch,
        cell_width=run.cell_width,
    )
    ends = [min((cell.index + 1) * run.cell_width, run.position) for cell in run.losses]
    start = 0
    for epoch in run.epochs:
        end = epoch.epoch * run.minibatches_per_epoch
        yield _stretch(run, ends, start, end)
        yield epoch
        start = end
    if run.position > start:
        yield _stretch(run, ends, start, run.position)
    if run.diverged is not None:
        yield run.diverged
    if run.examined is not None:
        yield run.examined
    if run.finished is not None:
        yield run.finished


def _stretch(run: StoredRun, ends: Sequence[int], start: int, end: int) -> MinibatchesDone:
    """The minibatches from `start` to before `end`, with the cells that end there."""
    return MinibatchesDone(
        position=start,
        count=end - start,
        images=_images(run, end) - _images(run, start),
        cells=run.losses[bisect_right(ends, start) : bisect_right(ends, end)],
    )


def _images(run: StoredRun, position: int) -> int:
    """How many images the first minibatches of a run hold. Only the last of an epoch may be short."""
    epochs, minibatch = divmod(position, run.minibatches_per_epoch)
    return epochs * run.summary.dataset.train_size + minibatch * run.summary.config.batch_size
