"""A chart as lines of text with roles, built by plotext from a description.

plotext is given a unit square: scaling, logarithms, limits, ticks and gaps are decided in the layout, so that no value
makes it divide by zero, loop for long or raise, and nothing that it changes in its own data outlives a chart. Each
chart is built in a figure of its own. A role travels through plotext as a colour number and comes back as a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.drawing.chart_spec import ChartSpec
from tui.drawing.curves import Cell, decimated
from tui.drawing.legend import mark_of
from tui.drawing.plain import plain
from tui.drawing.plot_layout import Layout, Tick, laid_out
from tui.drawing.plot_signs import Signs, cloud, signs
from tui.drawing.spans import Line, Run, merged, text_of
from tui.drawing.square import Square, path, strokes


def chart_lines(spec: ChartSpec, width: int, height: int) -> list[Line]:
    """The chart in exactly `height` lines of `width` cells, whatever the data hold."""
    layout = laid_out(spec, width, height)
    return [(Run(" " * width, "text"),)] * height if layout is None else drawn(layout)


def drawn(layout: Layout) -> list[Line]:
    """The chart that was laid out."""
    spec, square, shown = layout.spec, layout.square, layout.curves
    figure = _figure(layout.width, layout.body)
    _set_axes(figure, square, layout.x_ticks, layout.y_ticks)
    for style in ("faint", "line"):
        for index, series in enumerate(spec.series):
            if series.style == style:
                _draw(figure, spec, index, shown[index], square)
    # What build() does, but for the canvas: the string with escape sequences, a third of its time, is not wanted.
    figure._set_sizes()
    figure._build_matrix()
    # Not by plotext: here dots lie below all else, and no sign covers another.
    _set_signs(figure, layout, cloud(layout), over=False)
    _set_signs(figure, layout, signs(layout), over=True)
    lines = _lines(figure, spec)
    # It refers to itself: else each chart would lie about until all of the program is looked through for garbage.
    vars(figure).clear()
    if layout.limits is None:
        lines[layout.body // 2 - 1] = _said(lines[layout.body // 2 - 1], spec.empty)
    return [*layout.heading, *lines]


def plain_chart(spec: ChartSpec, width: int, height: int) -> str:
    """The chart as text without colour."""
    return "\n".join(text_of(line) for line in chart_lines(spec, width, height))


def _set_signs(figure: Any, layout: Layout, found: Signs, *, over: bool) -> None:
    """Into the cells of the chart, the blank ones alone unless they go over what is there."""
    matrix = figure.monitor.matrix
    for (column, row), (sign, index) in found.items():
        down, right = row + layout.body - layout.square.rows, column + layout.left
        if over or matrix.marker[down][right] == " ":
            matrix.marker[down][right], matrix.fullground[down][right] = sign, index + 1


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


def _set_axes(figure: Any, square: Square, x_ticks: Sequence[Tick], y_ticks: Sequence[Tick]) -> None:
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
    elif not spec.braille:
        figure.plot(*path(cells, square.character), marker=mark, color=color)
    else:
        figure.plot(*path(cells, square.dot), marker="braille", color=color)


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
