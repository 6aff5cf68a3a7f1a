"""Where everything of a chart lies among its cells: data to cell and cell to data, before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tui.drawing.chart_spec import ChartSpec
from tui.drawing.curves import Cell, decimated, logarithmic, value_range
from tui.drawing.legend import heading
from tui.drawing.plain import plain
from tui.drawing.spans import Line
from tui.drawing.square import Range, Square, widened
from tui.drawing.y_axis import linear_limits, linear_marks, linear_ticks, log_limits, log_marks, tick_labels

# What can be drawn: beyond, the distance between two limits would leave the floats.
LARGEST = 1e300
LARGEST_EXPONENT = 300.0
LEAST_WIDTH, LEAST_HEIGHT = 20, 5
_FEET = 2  # rows: the axis and its labels
# Nine points of ten are squeezed where they have less than this part of the axis.
_MOST, _SQUEEZED = 0.9, 0.6
_LEAST_CURVES = 4  # of fewer none is an exception

Tick = tuple[float, str]


@dataclass(frozen=True)
class Layout:
    """`curves` are the series in cells of the screen, in decades on a log axis, as `square` is; `limits` the data's."""

    spec: ChartSpec
    width: int
    heading: tuple[Line, ...]
    curves: tuple[Sequence[Cell], ...]
    square: Square
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    limits: Range | None

    @property
    def left(self) -> int:
        """Columns before the first of the data: the labels of the y axis, and the axis."""
        return len(self.y_ticks[0][1]) + 1

    @property
    def body(self) -> int:
        """Rows below the heading."""
        return self.square.rows + _FEET

    def line_of(self, row: int) -> int:
        """The line of the chart, from above, that holds a row of the square, which count from below."""
        return len(self.heading) + self.square.rows - 1 - row

    def holds(self, column: int, line: int) -> bool:
        """Whether a cell of the chart is one of the data's."""
        inside = self.left <= column < self.left + self.square.columns
        return inside and len(self.heading) <= line < len(self.heading) + self.square.rows

    def x_at(self, column: int) -> float:
        """The middle of what lies in a column of the chart; outside of the data the nearest end."""
        return self.square.x_at(column - self.left)

    def y_at(self, line: int) -> float:
        """The same for a line; a value, not a decade."""
        place = self.square.y_at(len(self.heading) + self.square.rows - 1 - line)
        return 10.0**place if self.spec.y_log else place


def laid_out(spec: ChartSpec, width: int, height: int) -> Layout | None:
    """None where there is no room."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return None
    head = heading(spec.y_label, spec.x_label, spec.series, width, _most_heading(height), spec.braille)
    x_range = whole_x_range(spec)
    shown = [decimated(one.cells, *x_range, 2 * width) for one in spec.series]
    if spec.y_log:
        shown = [logarithmic(curve) for curve in shown]
    data = value_range(cell for curve in shown for cell in curve)
    rows = height - len(head) - _FEET
    limits = y_range_of(spec, _without_exceptions(spec, shown, data), rows)
    y_ticks = _y_ticks(spec, limits, rows)
    if data is None and spec.y_range is None and spec.y_log:  # powers of ten that nothing was found at
        y_ticks = [(place, " " * len(label)) for place, label in y_ticks]
    # One column is the axis.
    square = Square(x_range, limits, width - len(y_ticks[0][1]) - 1, rows)
    x_ticks = _x_ticks(spec, x_range, max(2, width // 10))
    return Layout(spec, width, tuple(head), tuple(shown), square, tuple(x_ticks), tuple(y_ticks), data)


def whole_x_range(spec: ChartSpec) -> Range:
    """From where to where a chart is drawn."""
    curves = [series.cells for series in spec.series if series.cells]
    ends = [cell.x for cells in curves for cell in (cells[0], cells[-1])]
    low, high = spec.x_range or (min(ends, default=0.0), max(ends, default=1.0))
    return widened(low, high, LARGEST, 0.05)


def _most_heading(height: int) -> int:
    return 1 if height < 12 else 2 if height < 18 else 3


def _without_exceptions(spec: ChartSpec, shown: Sequence[Sequence[Cell]], data: Range | None) -> Range | None:
    """The range of the data, or that of all but the few highest points, which would squeeze the others."""
    if not spec.robust or data is None or sum(map(bool, shown)) < _LEAST_CURVES:
        return data
    points = sorted(cell.mean for curve in shown for cell in curve if math.isfinite(cell.mean))
    low, top = data[0], points[math.ceil(len(points) * _MOST) - 1] if points else data[1]
    if top <= low or top - low >= _SQUEEZED * (data[1] - low):
        return data
    return low, top + (top - low) / 10


def y_range_of(spec: ChartSpec, data: Range | None, rows: int) -> Range:
    """The limits of an axis of so many rows for data of that range, in decades on a log axis."""
    if spec.y_range is not None and spec.y_log:
        low, high = (math.log10(value) if value > 0 else -LARGEST_EXPONENT for value in spec.y_range)
    else:
        low, high = spec.y_range or data or (-1.0, 0.0) if spec.y_log else spec.y_range or data or (0.0, 1.0)
    low, high = widened(low, high, LARGEST_EXPONENT, 0.0) if spec.y_log else widened(low, high, LARGEST, 0.05)
    if spec.y_range is not None:
        return low, high
    return log_limits(low, high, rows) if spec.y_log else _bounded(spec, data, linear_limits(low, high, rows))


def _bounded(spec: ChartSpec, data: Range | None, limits: Range) -> Range:
    least, most = spec.y_within
    low, high = data or limits
    return max(limits[0], least) if low >= least else limits[0], min(limits[1], most) if high <= most else limits[1]


def _y_ticks(spec: ChartSpec, limits: Range, rows: int) -> list[Tick]:
    """Places on the axis and their labels, which are all equally long."""
    ticks = [value for value, _ in spec.y_ticks]
    ticks = ticks or (log_marks if spec.y_log else linear_marks)(limits, rows, min(8, max(3, rows // 2)))
    labels = [plain(text, 12) for _, text in spec.y_ticks] or tick_labels(ticks)
    # Five characters at least, so that the curve does not move sideways whenever a label grows.
    longest = max(5, *map(len, labels))
    places = [math.log10(tick) if spec.y_log else tick for tick in ticks]
    return [(place, f"{label:>{longest}}") for place, label in zip(places, labels, strict=True)]


def _x_ticks(spec: ChartSpec, limits: Range, most: int) -> list[Tick]:
    if named := [(place, plain(text, 12)) for place, text in spec.x_ticks if limits[0] <= place <= limits[1]]:
        return named
    ticks = linear_ticks(*limits, most)
    if spec.x_ticks:  # an axis whose places have names, and none of them in sight
        return []
    return list(zip(ticks, tick_labels(ticks), strict=True))
