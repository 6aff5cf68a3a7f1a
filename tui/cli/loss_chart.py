"""A run's losses as a small chart in text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.run_state import RunState
from tui.cli.page import Page
from tui.drawing.curves import Cell, points
from tui.drawing.plot import ChartSpec, Series

_HEIGHT = 13
_FEWEST = 3  # losses that make a curve
_LOG_FROM = 3.0  # the largest loss over the smallest; less is seen as well on a linear axis
_MARKS = ("●", "×", "◆", "▲")


def write_loss_chart(run: RunState, page: Page) -> None:
    """The loss of each minibatch and of the validation set over the epochs, nothing where they make no curve."""
    if sum(cell.count > 0 for cell in run.losses) < _FEWEST:
        return
    epoch = run.cell_width / max(1, run.minibatches_per_epoch)
    train = tuple(
        Cell((cell.index + 0.5) * epoch, cell.low, cell.mean if not cell.non_finite else math.nan, cell.high)
        for cell in run.losses
    )
    validation = points((done.epoch, done.validation_loss) for done in run.epochs)
    series = (
        Series("minibatch", train, "faint", "train-faint"),
        Series("validation", validation, "marks", "validation", "●"),
    )
    _write(series if validation else series[:1], page)


def write_validation_chart(runs: Sequence[RunState], page: Page) -> None:
    """The validation losses of several runs over the epochs."""
    series = tuple(
        Series(
            run.run_id,
            points((done.epoch, done.validation_loss) for done in run.epochs),
            "line",
            f"line-{index % len(_MARKS) + 1}",
            _MARKS[index % len(_MARKS)],
        )
        for index, run in enumerate(runs)
        if run.epochs
    )
    if series:
        _write(series, page)


def _write(series: tuple[Series, ...], page: Page) -> None:
    values = [value for one in series for cell in one.cells for value in cell[1:] if math.isfinite(value)]
    spec = ChartSpec(
        series,
        x_label="epoch",
        y_label="loss",
        y_log=bool(values) and min(values) > 0 and max(values) / min(values) > _LOG_FROM,
    )
    page.drawn(*page.chart(spec, min(page.width - 1, 100), _HEIGHT))
    page.line()
