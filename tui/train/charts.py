"""A run as charts: the loss of its minibatches, raw and smoothed, and what the validation set says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from engine.contract.history import LossCell
from engine.contract.run_state import RunState
from tui.drawing.chart_spec import LOSS, SHARE, ChartSpec, Series, Style
from tui.drawing.curves import Cell, points, smoothed
from tui.train.axis import Axis, axis_of

SMOOTHINGS: tuple[tuple[str, float], ...] = (("smoothed", 0.01), ("raw", 0.0), ("very smooth", 0.05))  # share of a run
OVERLAY_MARKS = ("◆", "■", "▲")
OVERLAY_ROLES = ("line-3", "line-4", "line-5")
_MOST_CELLS = 512  # more than a screen has columns; what is beyond would cost time and show nothing
_RECENT = 0.2  # of what has been seen
_STEPS, _STEP_CELLS, _STEP_TICKS = 40, 8, 10  # minibatches in sight while they are taken one by one, and between ticks
_SECONDS_LATER = "the seconds are known after the first epoch"


@dataclass(frozen=True)
class ChartsView:
    """How the charts are looked at. `smoothing` is an index into `SMOOTHINGS`.

    `stepping` shows the last minibatches, one by one; `seconds` has the seconds of computing along the axis.
    """

    log: bool = True
    recent: bool = False
    smoothing: int = 0
    stepping: bool = False
    seconds: bool = False

    def smoother(self) -> ChartsView:
        """The next of the smoothings."""
        return replace(self, smoothing=(self.smoothing + 1) % len(SMOOTHINGS))


def loss_cells(run: RunState, *, last: bool = False) -> tuple[Cell, ...]:
    """The loss of the minibatches over epochs. A stretch that holds a non-finite one is a gap in the mean.

    Of all of them, some together in a stretch where they are many; or of the `last` as finely as they are known.
    """
    if not run.minibatches_per_epoch:
        return ()
    losses = run.losses[-_MOST_CELLS:] if last else run.losses
    stride = math.ceil(len(losses) / _MOST_CELLS) or 1
    width = run.cell_width * stride
    groups = [losses[start : start + stride] for start in range(0, len(losses), stride)]
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
    cells = loss_cells(run, last=view.stepping)
    axis = axis_of(run, view.seconds)
    words, share = SMOOTHINGS[view.smoothing]
    series = []
    if cells:
        smooth = smoothed(cells, share * run.config.epochs) if share else ()
        shape: tuple[Style, str, str] = ("marks", "train", "×") if view.stepping else ("cloud", "train-faint", "")
        series.append(Series("minibatch", _along(axis, cells), *shape))
        if share:
            series.append(Series(words, _along(axis, smooth), "line", "train"))
    series += _overlaid(overlays, "validation_loss", view)
    series.append(Series("validation", _validation(run, "validation_loss", view), "marks", "validation", "●"))
    return ChartSpec(
        tuple(series),
        x_label="minibatch of its epoch" if view.stepping and not view.seconds else axis.label,
        y_label="loss, log" if view.log else "loss",
        y_log=view.log,
        y_within=LOSS,
        x_range=_x_range(run, view, overlays),
        x_ticks=_minibatch_ticks(run) if view.stepping and not view.seconds else (),
        x_words=axis,
        empty=_SECONDS_LATER if view.seconds and cells and not run.epochs else empty,
    )


def accuracy_chart(run: RunState, view: ChartsView, overlays: Mapping[str, RunState]) -> ChartSpec:
    """The share of right answers after each epoch, on the training and on the validation set."""
    view = replace(view, stepping=False)  # it has nothing to say of single minibatches
    axis = axis_of(run, view.seconds)
    return ChartSpec(
        (
            Series("train", _validation(run, "train_accuracy", view), "line", "train"),
            *_overlaid(overlays, "validation_accuracy", view),
            Series("validation", _validation(run, "validation_accuracy", view), "marks", "validation", "●"),
        ),
        x_label=axis.label,
        y_label="accuracy",
        y_within=SHARE,
        x_range=_x_range(run, view, overlays),
        x_words=axis,
        empty="the first epoch has not ended yet" if run.status == "running" else "",
    )


def _along(axis: Axis, cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """The cells where they stand on the axis, without those of which that is not known."""
    placed = (cell._replace(x=axis.at(cell.x)) for cell in cells)
    return tuple(cell for cell in placed if not math.isnan(cell.x))


def _validation(run: RunState, what: str, view: ChartsView) -> tuple[Cell, ...]:
    return _along(axis_of(run, view.seconds), points((epoch.epoch, getattr(epoch, what)) for epoch in run.epochs))


def _minibatch_ticks(run: RunState) -> tuple[tuple[float, str], ...]:
    """Every tenth minibatch, counted within its epoch."""
    size = run.minibatches_per_epoch
    if not size:
        return ()
    apart = _STEP_TICKS * math.ceil(_steps_in_sight(run) / _STEPS)
    first, last = max(0, run.position - _steps_in_sight(run)), max(run.position, _steps_in_sight(run))
    ticks = [number for number in range(first, last + 1) if number and ((number - 1) % size + 1) % apart == 0]
    return tuple((number / size, f"{(number - 1) % size + 1}") for number in ticks)


def _steps_in_sight(run: RunState) -> int:
    return max(_STEPS, _STEP_CELLS * run.cell_width)


def _overlaid(overlays: Mapping[str, RunState], what: str, view: ChartsView) -> list[Series]:
    looks = zip(OVERLAY_ROLES, OVERLAY_MARKS, strict=True)
    return [
        Series(label, _validation(run, what, view), "line", role, mark)
        for (label, run), (role, mark) in zip(overlays.items(), looks, strict=False)
    ]


def _x_range(run: RunState, view: ChartsView, overlays: Mapping[str, RunState]) -> tuple[float, float]:
    runs: Sequence[RunState] = [run, *overlays.values()]
    axis, here = axis_of(run, view.seconds), run.epoch_fraction
    if view.stepping and run.minibatches_per_epoch:
        span = _steps_in_sight(run) / run.minibatches_per_epoch
        return _ends(axis.at(max(0.0, here - span)), axis.at(max(here, span)))
    if view.recent and run.position:
        return _ends(axis.at(max(0.0, here - max(1.0, here * _RECENT))), axis.at(here))
    ends = [axis_of(other, view.seconds).at(float(other.config.epochs)) for other in runs]
    return 0.0, max(chain((end for end in ends if end > 0), (1.0,) if not view.seconds else (1e-3,)))


def _ends(left: float, right: float) -> tuple[float, float]:
    return (left, right) if left < right else (0.0, 1.0)  # a place in seconds that is not known yet
