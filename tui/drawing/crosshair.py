"""Reading a chart off: where a cross-hair can stand, the values of all curves there, and how it is drawn."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import Cell, log10
from tui.drawing.legend import mark_of
from tui.drawing.numbers import number
from tui.drawing.plain import padded, plain
from tui.drawing.plot_layout import Layout, whole_x_range
from tui.drawing.spans import Line, Run, merged
from tui.drawing.square import Square

_HAIR = "│"
_WIDEST = 24  # columns of a curve's name


@dataclass(frozen=True)
class Value:
    """A curve at the cross-hair. `low` and `high` differ where the place stands for a stretch of the curve.

    `between` two points of a line, where it is read off the line.
    """

    name: str
    sign: str
    role: str
    low: float
    high: float
    between: bool = False

    @property
    def words(self) -> str:
        """The figure, or both ends of a stretch; "≈" before one that was not measured there."""
        low, high = number(self.low, 7), number(self.high, 7)
        return f"{low} to {high}" if low != high else ("≈ " if self.between else "") + low


@dataclass(frozen=True)
class Reading:
    """What stands at the place `x`."""

    x: float
    place: str
    values: tuple[Value, ...]


def stops(spec: ChartSpec, square: Square) -> list[float]:
    """The places of values, ascending, one for each column of the chart that holds any.

    Of several in a column it is that of the curve with the fewest points: the end of an epoch, not a minibatch by it.
    """
    found: dict[int, float] = {}
    left, right = whole_x_range(spec)
    for series in sorted(filter(_is_read, spec.series), key=lambda one: len(one.cells), reverse=True):
        for cell in series.cells:
            if left <= cell.x <= right and (math.isfinite(cell.low) or math.isfinite(cell.high)):
                found[square.column(cell.x)] = cell.x
    return sorted(found.values())


def reading(spec: ChartSpec, square: Square, x: float) -> Reading:
    """All curves at a place. A line has a value between its points as well, marks have none there."""
    read = ((index, one) for index, one in enumerate(spec.series) if _is_read(one))
    values = [value for index, one in read if (value := _value(spec, square, index, one, x)) is not None]
    place = spec.x_words(x) if spec.x_words is not None else f"{spec.x_label} {number(x, 7)}"
    return Reading(x, place, tuple(values))


def with_crosshair(lines: Sequence[Line], layout: Layout, read: Reading) -> list[Line]:
    """The chart with a line through the place, and beside it the values, where they cover least."""
    column = layout.left + layout.square.column(read.x)
    top = len(layout.heading)
    grid = [[(character, run.role) for run in line for character in run.text] for line in lines]
    rows = range(top, top + layout.square.rows)
    for row in rows:
        if grid[row][column][0] == " ":
            grid[row][column] = (_HAIR, "accent")
    foot = grid[top + layout.square.rows]
    foot[column] = ("┼", "accent")
    box = _box(read, len(rows), max(column - layout.left - 1, layout.width - column - 3))
    at = _best_place(grid, box, column, layout)
    for down, line in enumerate(box):
        cells = [(character, run.role) for run in line for character in run.text]
        grid[at[0] + down][at[1] : at[1] + len(cells)] = cells
    changed = range(top, top + layout.square.rows + 1)
    return [merged(grid[row]) if row in changed else line for row, line in enumerate(lines)]


def _is_read(series: Series) -> bool:
    return bool(series.name and series.cells) and series.style != "faint"


def _value(spec: ChartSpec, square: Square, index: int, series: Series, x: float) -> Value | None:
    sign = mark_of(series, index, spec.braille) or series.spare or "─"
    found = _at(series, square, x, spec.y_log)
    if found is None:
        return None
    low, high, between = found
    return Value(plain(series.name, _WIDEST), sign, series.role, low, high, between)


def _at(series: Series, square: Square, x: float, log: bool) -> tuple[float, float, bool] | None:
    """Least and greatest value there, and whether it lies between two points; None where there is none."""
    cells, column = series.cells, square.column(x)
    place = bisect_left(cells, x, key=lambda cell: cell.x)
    if series.style == "cloud":
        here = _in_column(cells, place, square, column)
        ends = [end for cell in here for end in (cell.low, cell.high) if math.isfinite(end)]
        return (min(ends), max(ends), False) if ends else None
    near = min(cells[max(0, place - 1) : place + 1], key=lambda cell: abs(cell.x - x))
    if square.column(near.x) == column:
        return (near.mean, near.mean, False) if math.isfinite(near.mean) else None
    if series.style == "marks" or not 0 < place < len(cells):
        return None
    value = _between(cells[place - 1], cells[place], x, log)
    return (value, value, True) if math.isfinite(value) else None


def _in_column(cells: Sequence[Cell], place: int, square: Square, column: int) -> list[Cell]:
    first = last = place
    while first > 0 and square.column(cells[first - 1].x) == column:
        first -= 1
    while last < len(cells) and square.column(cells[last].x) == column:
        last += 1
    return list(cells[first:last])


def _between(before: Cell, after: Cell, x: float, log: bool) -> float:
    """On the line as it is drawn."""
    share = (x - before.x) / (after.x - before.x)
    if log:
        return math.pow(10.0, log10(before.mean) * (1 - share) + log10(after.mean) * share)
    return before.mean * (1 - share) + after.mean * share


def _box(read: Reading, rows: int, width: int) -> list[Line]:
    """The place, and below it the values, in as many columns as the rows ask for; at most `width` wide."""
    per_column = max(1, rows - 1)
    groups = [read.values[start : start + per_column] for start in range(0, len(read.values), per_column)]
    blocks = [_block(group) for group in groups]
    height = max([len(block) for block in blocks], default=0)
    body = []
    for row in range(height):
        runs: list[Run] = []
        for block in blocks:
            blank = (Run(" " * sum(cell_len(run.text) for run in block[0]), "text"),)
            runs += block[row] if row < len(block) else blank
        body.append(_fitted(tuple(runs), width))
    widest = max([cell_len(read.place) + 2, *(sum(cell_len(run.text) for run in line) for line in body)])
    widest = min(width, widest)
    return [(Run(padded(f" {read.place}", widest), "accent"),), *(_filled(line, widest) for line in body)]


def _block(values: Sequence[Value]) -> list[Line]:
    name = max(cell_len(value.name) for value in values)
    figure = max(len(value.words) for value in values)
    return [
        (
            Run(f" {value.sign} ", value.role),
            Run(f"{padded(value.name, name)}  {value.words:<{figure}} ", "text"),
        )
        for value in values
    ]


def _fitted(line: Line, width: int) -> Line:
    cells = [(character, run.role) for run in line for character in run.text]
    return merged(cells[:width])


def _filled(line: Line, width: int) -> Line:
    return (*line, Run(" " * (width - sum(cell_len(run.text) for run in line)), "text"))


def _best_place(
    grid: Sequence[Sequence[tuple[str, str]]], box: Sequence[Line], column: int, layout: Layout
) -> tuple[int, int]:
    """Row and column of the box: right or left of the cross-hair, above or below, over as little as can be."""
    width, top = sum(cell_len(run.text) for run in box[0]), len(layout.heading)
    sides = [side for side in (column + 1, column - width) if layout.left <= side and side + width <= layout.width]
    rows = (top, top + layout.square.rows - len(box))

    def covered(place: tuple[int, int]) -> int:
        row, side = place
        return sum(cell[0] != " " for line in grid[row : row + len(box)] for cell in line[side : side + width])

    return min(((row, side) for side in sides or [layout.left] for row in rows), key=covered)
