"""Net benefit as lines and as a decision curve."""

from __future__ import annotations

import math

from engine.contract.decisions import ThresholdView
from engine.contract.interval import Interval
from engine.verdicts.net_benefit import interval_words, options_words, range_words
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import Cell, points
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table

_BELOW = 0.25  # of the height above 0: treating all falls on and on
_ROWS = 4
_SIDE = 76  # columns: from here on the ranges stand beside the figures


def decision_curve_chart(view: ThresholdView) -> ChartSpec:
    """Net benefit against the threshold: the model with its interval, treating all, treating none, and here.

    What lies far below 0 is left out: there treating none is better, and by how much no longer matters.
    """
    curve, here = view.net_benefit.curve, view.net_benefit.here
    top = max(*curve.model_high, *curve.treat_all, 0.01)
    floor = -_BELOW * top
    across = curve.thresholds
    band = tuple(
        Cell(x, max(low, floor), (max(low, floor) + high) / 2, high)
        for x, low, high in zip(across, curve.model_low, curve.model_high, strict=True)
        if high > floor
    )
    return ChartSpec(
        (
            Series("", band, "faint", "train-faint"),
            Series("none", points((x, 0.0) for x in across), "line", "muted", "-"),
            Series("all", _above(across, curve.treat_all, floor), "line", "line-3", "a"),
            Series("model", _above(across, curve.model, floor), "line", "line-1"),
            Series("here", _above((view.threshold,), (here.model,), floor), "marks", "line-2", "●"),
        ),
        x_label="threshold",
        y_label="net benefit",
        x_range=(0.0, 1.0),
        y_range=(floor, 1.1 * top),
    )


def _above(across: tuple[float, ...], values: tuple[float, ...], floor: float) -> tuple[Cell, ...]:
    return points((x, y) for x, y in zip(across, values, strict=True) if y >= floor)


def benefit_lines(view: ThresholdView, width: int) -> list[Line]:
    """The figures at the threshold, and beside or below them where each way to decide is best."""
    here = view.net_benefit.here
    figures = table(
        (f"net benefit at {view.threshold:.3g}", "", "95 %"),
        [
            ("model", _number(here.model), _interval(here.model_interval)),
            ("treat all", _number(here.treat_all), ""),
            ("treat none", "0.000", ""),
            ("avoided per 100", _number(here.avoided, 1), _interval(here.avoided_interval, 1)),
        ],
    )
    ranges = _ranges(view)
    if width < _SIDE:
        return [_text(line, index in (0, len(figures))) for index, line in enumerate((*figures, *ranges))]
    room = max(map(len, figures)) + 3
    beside = [*ranges, *[""] * (len(figures) - len(ranges))]
    return [
        _text(f"{one:<{room}}{other}".rstrip(), index == 0)
        for index, (one, other) in enumerate(zip(figures, beside, strict=True))
    ]


def _ranges(view: ThresholdView) -> list[str]:
    """Which way is best at which thresholds, in at most as many rows as the figures have; the widest ranges first."""
    ranges = view.net_benefit.curve.ranges
    shown = ranges if len(ranges) <= _ROWS else sorted(ranges, key=lambda one: one.low - one.high)[: _ROWS - 1]
    rows = [(range_words(one), options_words(one.options)) for one in sorted(shown, key=lambda one: one.low)]
    left = len(ranges) - len(shown)
    lines = table(("thresholds", "best"), rows, left=2)
    return [*(line.rstrip() for line in lines), *([f"and {left} narrower ranges"] if left else [])]


def _number(value: float, digits: int = 3) -> str:
    return "-" if math.isnan(value) else f"{value:z.{digits}f}"


def _interval(of: Interval, digits: int = 3) -> str:
    if math.isnan(of.low):
        return "-"
    return interval_words(of) if digits == 3 else f"{of.low:z.1f}{' to ' if of.low < 0 else '–'}{of.high:z.1f}"


def _text(line: str, heading: bool) -> Line:
    return (Run(f" {line}", "muted" if heading else "text"),)
