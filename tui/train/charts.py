"""A run as charts: the loss of its minibatches, raw and smoothed, and what the validation set says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from engine.contract.history import LossCell
from engine.contract.run_state import RunState
from tui.drawing.curves import Cell, points, smoothed
from tui.drawing.plot import LOSS, SHARE, ChartSpec, Series

SMOOTHINGS: tuple[tuple[str, float], ...] = (("smoothed", 0.01), ("raw", 0.0), ("very smooth", 0.05))  # share of a run
OVERLAY_MARKS = ("◆", "■", "▲")
OVERLAY_ROLES = ("line-3", "line-4", "line-5")
_MOST_CELLS = 512  # more than a screen has columns; what is beyond would cost time and show nothing
_RECENT = 0.2  # of what has been seen


@dataclass(frozen=True)
class ChartsView:
    """How the charts are looked at. `smoothing` is an index into `SMOOTHINGS`."""

    log: bool = True
    recent: bool = False
    smoothing: int = 0

    def smoother(self) -> ChartsView:
        """The next of the smoothings."""
        return replace(self, smoothing=(self.smoothing + 1) % len(SMOOTHINGS))


def loss_cells(run: RunState) -> tuple[Cell, ...]:
    """The loss of the minibatches over epochs. A stretch that holds a non-finite one is a gap in the mean."""
    if not run.minibatches_per_epoch:
        return ()
    stride = math.ceil(len(run.losses) / _MOST_CELLS) or 1
    width = run.cell_width * stride
    groups = [run.losses[start : start + stride] for start in range(0, len(run.losses), stride)]
    return tuple(_stretch(group, width, run) for group in groups)


def _stretch(cells: Sequence[LossCell], width: int, run: RunState) -> Cell:
    x = min((cells[0].index * run.cell_width // width + 1) * width, run.position) / run.minibatches_per_epoch
    count = sum([cell.count for cell in cells])
    if not count:
        return Cell(x, math.nan, math.nan, math.nan)
    # Divided first: a sum of losses near the end of the float range would be infinite.
    mean = sum([cell.total / count for cell in cells])
    broken = any(cell.non_finite for cell in cells)
    # Where nothing is finite a cell has inf for its least and −inf for its greatest: no bound to either.
    return Cell(x, min([c.low for c in cells]), math.nan if broken else mean, max([c.high for c in cells]))


def loss_chart(run: RunState, view: ChartsView, overlays: Mapping[str, RunState], empty: str) -> ChartSpec:
    """Raw minibatch losses faint, smoothed on top, validation as marks, earlier runs by their validation loss."""
    cells = loss_cells(run)
    words, share = SMOOTHINGS[view.smoothing]
    series = []
    if cells:
        series.append(Series("minibatch", cells, "faint", "train-faint"))
        if share:
            smooth = smoothed(cells, share * run.config.epochs)
            series.append(Series(words, smooth, "line", "train"))
    series += _overlaid(overlays, "validation_loss")
    series.append(Series("validation", _validation(run, "validation_loss"), "marks", "validation", "●"))
    return ChartSpec(
        tuple(series),
        x_label="epoch",
        y_label="loss, log" if view.log else "loss",
        y_log=view.log,
        y_within=LOSS,
        x_range=_x_range(run, view, overlays),
        empty=empty,
    )


def accuracy_chart(run: RunState, view: ChartsView, overlays: Mapping[str, RunState]) -> ChartSpec:
    """The share of right answers after each epoch, on the training and on the validation set."""
    return ChartSpec(
        (
            Series("train", points((epoch.epoch, epoch.train_accuracy) for epoch in run.epochs), "line", "train"),
            *_overlaid(overlays, "validation_accuracy"),
            Series("validation", _validation(run, "validation_accuracy"), "marks", "validation", "●"),
        ),
        x_label="epoch",
        y_label="accuracy",
        y_within=SHARE,
        x_range=_x_range(run, view, overlays),
        empty="the first epoch has not ended yet" if run.status == "running" else "",
    )


def _validation(run: RunState, what: str) -> tuple[Cell, ...]:
    return points((epoch.epoch, getattr(epoch, what)) for epoch in run.epochs)


def _overlaid(overlays: Mapping[str, RunState], what: str) -> list[Series]:
    looks = zip(OVERLAY_ROLES, OVERLAY_MARKS, strict=True)
    return [
        Series(label, _validation(run, what), "line", role, mark)
        for (label, run), (role, mark) in zip(overlays.items(), looks, strict=False)
    ]


def _x_range(run: RunState, view: ChartsView, overlays: Mapping[str, RunState]) -> tuple[float, float]:
    runs: Sequence[RunState] = [run, *overlays.values()]
    if view.recent and run.position:
        here = run.epoch_fraction
        return max(0.0, here - max(1.0, here * _RECENT)), here
    return 0.0, float(max(chain((other.config.epochs for other in runs), (1,))))
