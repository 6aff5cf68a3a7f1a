"""A chart as lines of text with roles, built by plotext from a description.

plotext is given a unit square: scaling, logarithms, limits, ticks and gaps are decided here, so that no value makes
it divide by zero, loop for long or raise, and nothing that it changes in its own data outlives a chart. Each chart
is built in a figure of its own. A role travels through plotext as a colour number and comes back as a name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tui.drawing.curves import Cell, decimated, logarithmic, value_range
from tui.drawing.legend import heading, mark_of
from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run, merged, text_of
from tui.drawing.square import Range, Square, means, path, strokes, widened
from tui.drawing.y_axis import linear_limits, linear_marks, linear_ticks, log_limits, log_marks, tick_labels

# What can be drawn: beyond, the distance between two limits would leave the floats.
LARGEST = 1e300
LARGEST_EXPONENT = 300.0
LEAST_WIDTH, LEAST_HEIGHT = 20, 5
SHARE, LOSS = (0.0, 1.0), (0.0, math.inf)  # what a share and a loss cannot leave


@dataclass(frozen=True)
class Series:
    """One curve: `faint` fills its range with dots, `line` joins its means, `marks` sets `mark` at each.

    `mark` on a `line` is set along it, so that lines can be told apart without colour; `spare` is the
    sign of a line that has none where there is no braille. `cells` ascend in x.
    """

    label: str
    cells: tuple[Cell, ...]
    style: Literal["faint", "line", "marks"] = "line"
    role: str = "line-1"
    mark: str = ""
    spare: str = ""


@dataclass(frozen=True)
class ChartSpec:
    """What a chart shows. A range left out is that of the data; `empty` is said where there is nothing to draw.

    A linear y axis goes beyond a bound of `y_within` only as far as the data do.

    Ticks are `(value, label)` pairs, for an axis that is not to scale or has places with names; without them round
    numbers are chosen. Without `braille` each line is drawn with a sign of its own.
    """

    series: tuple[Series, ...]
    x_label: str = ""
    y_label: str = ""
    y_log: bool = False
    x_range: Range | None = None
    y_range: Range | None = None
    y_within: Range = (-math.inf, math.inf)
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    empty: str = "nothing to draw yet"
    braille: bool = True


def chart_lines(spec: ChartSpec, width: int, height: int) -> list[Line]:
    """The chart in exactly `height` lines of `width` cells, whatever the data hold."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return [(Run(" " * width, "text"),)] * height
    head = heading(spec.y_label, spec.x_label, spec.series, width, 2 if height >= 14 else 1, spec.braille)
    body = height - len(head)
    x_range = _x_range(spec)
    shown = [decimated(one.cells, *x_range, 2 * width) for one in spec.series]
    if spec.y_log:
        shown = [logarithmic(curve) for curve in shown]
    y_range = value_range(cell for curve in shown for cell in curve)
    rows = body - 2  # one is the axis and one its labels
    limits = _y_range(spec, y_range, rows)
    y_ticks = _y_ticks(spec, limits, rows)
    if y_range is None and spec.y_range is None and spec.y_log:  # powers of ten that nothing was found at
        y_ticks = [(place, " " * len(label)) for place, label in y_ticks]
    # One column is the axis.
    square = Square(x_range, limits, width - len(y_ticks[0][1]) - 1, rows)
    figure = _figure(width, body)
    _set_axes(figure, square, _x_ticks(spec, x_range, max(2, width // 10)), y_ticks)
    order = ("faint", "line", "marks")
    for index in sorted(range(len(shown)), key=lambda index: order.index(spec.series[index].style)):
        _draw(figure, spec, index, shown[index], square)
    # After all lines: where lines run together the signs of each are still seen.
    for index, series in enumerate(spec.series):
        if series.style == "line" and series.mark and spec.braille:
            _draw_signs(figure, spec, index, shown[index], square)
    # What build() does, but for the canvas: the string with escape sequences, a third of its time, is not wanted.
    figure._set_sizes()
    figure._build_matrix()
    lines = _lines(figure, spec)
    # It refers to itself: else each chart would lie about until all of the program is looked through for garbage.
    vars(figure).clear()
    if y_range is None:
        lines[body // 2 - 1] = _said(lines[body // 2 - 1], spec.empty)
    return head + lines


def plain_chart(spec: ChartSpec, width: int, height: int) -> str:
    """The chart as text without colour."""
    return "\n".join(text_of(line) for line in chart_lines(spec, width, height))


def _x_range(spec: ChartSpec) -> Range:
    curves = [series.cells for series in spec.series if series.cells]
    ends = [cell.x for cells in curves for cell in (cells[0], cells[-1])]
    low, high = spec.x_range or (min(ends, default=0.0), max(ends, default=1.0))
    return widened(low, high, LARGEST, 0.05)


def _y_range(spec: ChartSpec, data: Range | None, rows: int) -> Range:
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


def _figure(width: int, height: int) -> Any:
    # On first use: importing plotext costs a tenth of a second that the first frame should not wait for.
    from plotext._figure import _figure_class

    figure = _figure_class()
    # Else it cuts itself down to what it takes for the size of the terminal.
    figure._limit_size(False, False)
    figure.plot_size(width, height)
    figure.canvas_color("default")
    figure.axes_color("default")
    return figure


def _y_ticks(spec: ChartSpec, limits: Range, rows: int) -> list[tuple[float, str]]:
    """Places on the axis and their labels, which are all equally long."""
    ticks = [value for value, _ in spec.y_ticks]
    ticks = ticks or (log_marks if spec.y_log else linear_marks)(limits, rows, min(8, max(3, rows // 2)))
    labels = [plain(text, 12) for _, text in spec.y_ticks] or tick_labels(ticks)
    # Five characters at least, so that the curve does not move sideways whenever a label grows.
    longest = max(5, *map(len, labels))
    places = [math.log10(tick) if spec.y_log else tick for tick in ticks]
    return [(place, f"{label:>{longest}}") for place, label in zip(places, labels, strict=True)]


def _x_ticks(spec: ChartSpec, limits: Range, most: int) -> list[tuple[float, str]]:
    if spec.x_ticks:
        return [(place, plain(text, 12)) for place, text in spec.x_ticks]
    ticks = linear_ticks(*limits, most)
    return list(zip(ticks, tick_labels(ticks), strict=True))


def _set_axes(figure: Any, square: Square, x_ticks: list[tuple[float, str]], y_ticks: list[tuple[float, str]]) -> None:
    figure.xlim(0, 1)
    figure.ylim(0, 1)
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    bottom, left = square.y_range[0], square.x_range[0]
    figure.yticks([square.character(left, place)[1] for place, _ in y_ticks], [label for _, label in y_ticks])
    figure.xticks([square.character(place, bottom)[0] for place, _ in x_ticks], [label for _, label in x_ticks])
    figure.ticks_color(0)
    # Without any point plotext draws no axes, and without finite ones it raises.
    figure.scatter([-1], [-1], marker=" ", color=0)


def _draw(figure: Any, spec: ChartSpec, index: int, cells: Sequence[Cell], square: Square) -> None:
    series = spec.series[index]
    mark = mark_of(series, index, spec.braille)
    color = index + 1
    if series.style == "faint":
        figure.plot(*strokes(decimated(cells, *square.x_range, square.columns), square), marker=mark, color=color)
    elif series.style == "marks":
        figure.scatter(*means(cells, square), marker=mark, color=color)
    elif not spec.braille:
        figure.plot(*path(cells, square.character), marker=mark, color=color)
    else:
        figure.plot(*path(cells, square.dot), marker="braille", color=color)


def _draw_signs(figure: Any, spec: ChartSpec, index: int, cells: Sequence[Cell], square: Square) -> None:
    """A line's sign along it, each line's at other places, so that they do not cover each other's."""
    mark = mark_of(spec.series[index], index, spec.braille)
    apart = max(1, len(cells) // 6)
    figure.scatter(*means(cells[index * apart // 4 % apart :: apart], square), marker=mark, color=index + 1)


def _lines(figure: Any, spec: ChartSpec) -> list[Line]:
    roles = {0: "axis", **{index + 1: series.role for index, series in enumerate(spec.series)}}
    matrix = figure.monitor.matrix
    lines = []
    for markers, colors in zip(reversed(matrix.marker), reversed(matrix.fullground), strict=True):
        lines.append(merged((text, roles.get(color, "axis")) for text, color in zip(markers, colors, strict=True)))
    return lines


def _said(line: Line, text: str) -> Line:
    """The line with a text in its middle."""
    if not text:
        return line
    whole = "".join(run.text for run in line)
    text = plain(text, len(whole) - 12)
    start = max(8, (len(whole) - len(text)) // 2 + 3)
    return (Run(whole[:start], "axis"), Run(text, "muted"), Run(whole[start + len(text) :], "axis"))
