"""The characters that stand for values and curves on a chart, each in a cell of its own, and the dots around them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tui.drawing.curves import Cell, log10
from tui.drawing.legend import mark_of
from tui.drawing.plot_layout import Layout
from tui.drawing.square import Square

Place = tuple[int, int]  # a column, and a row from below
Signs = dict[Place, tuple[str, int]]  # the character, and the number of its curve

BEYOND = "▲"  # at the upper edge: the curve is above it
_MOST_SIGNS, _MOST_OF_ALL = 6, 30  # along a curve, and along all of them
_DENSE = 3
_LEAST_APART = 8  # columns between two of a curve
# A data point whose cell is taken stands beside it.
_NEXT_TO = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (2, 0), (-2, 0))
_BRAILLE = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))  # by column and row from below


def cloud(layout: Layout) -> Signs:
    """A dot for each value of the curves drawn as clouds, one in a cell: several would look like a line."""
    found: dict[Place, list[Place]] = {}
    of: dict[Place, int] = {}
    for index, series in enumerate(layout.spec.series):
        if series.style == "cloud":
            for place, dot in _dots(series.cells, layout):
                found.setdefault(place, []).append(dot)
                of[place] = index
    return {place: (_dot_sign(place, dots, layout.spec.braille), of[place]) for place, dots in found.items()}


def signs(layout: Layout) -> Signs:
    """The data points, then the signs along lines, none of them over another curve's."""
    taken: Signs = {}
    for index, series in reversed(list(enumerate(layout.spec.series))):  # the last is the one that stands in its place
        if series.style == "marks":
            _set_marks(taken, layout, index)
    lines = [
        index
        for index, series in enumerate(layout.spec.series)
        if series.style == "line" and series.mark and layout.spec.braille and layout.curves[index]
    ]
    for number, index in enumerate(lines):
        _set_signs(taken, layout, index, number, len(lines))
    for index, series in enumerate(layout.spec.series):
        if series.style == "line":
            for place in _beyond(layout.curves[index], layout.square):
                taken.setdefault(place, (BEYOND, index))
    return taken


def _set_marks(taken: Signs, layout: Layout, index: int) -> None:
    mark = mark_of(layout.spec.series[index], index, layout.spec.braille)
    here: set[Place] = set()  # a curve may cover its own
    # Where they are so many that they are a line, it may have gaps.
    ways = _NEXT_TO if len(layout.curves[index]) < layout.square.columns // _DENSE else _NEXT_TO[:1]
    for cell in layout.curves[index]:
        place = _edge_cell(cell, layout.square)
        if place is None or place in here:
            continue
        free = [(place[0] + right, place[1] + up) for right, up in ways]
        free = [one for one in free if one not in taken and _inside(one, layout.square)]
        if free:
            taken[free[0]] = (mark, index)
            here.add(place)


def _set_signs(taken: Signs, layout: Layout, index: int, number: int, lines: int) -> None:
    """Evenly along the line, each line's at other places; one at least, wherever there is room."""
    mark = mark_of(layout.spec.series[index], index, True)
    places = list(dict.fromkeys(_along(layout.curves[index], layout.square)))
    if not places:
        return
    first, last = places[0][0], places[-1][0]
    wanted = min(max(2, min(_MOST_SIGNS, _MOST_OF_ALL // lines)), 1 + (last - first) // _LEAST_APART)
    apart = (last - first) / wanted
    found = False
    for step in range(wanted):
        middle = first + apart * (step + (number + 0.5) / lines)
        near = sorted(places, key=lambda place: abs(place[0] - middle))
        free = next((place for place in near if place not in taken and abs(place[0] - middle) <= apart / 2), None)
        if free is not None:
            taken[free], found = (mark, index), True
    if not found:
        on_line = _between_points(layout.curves[index], layout.square)
        free = next((place for place in (*places, *on_line) if place not in taken), None)
        if free is not None:
            taken[free] = (mark, index)


def _along(curve: Sequence[Cell], square: Square) -> Iterator[Place]:
    for cell in curve:
        if (place := _edge_cell(cell, square)) is not None:
            yield place


def _between_points(curve: Sequence[Cell], square: Square) -> Iterator[Place]:
    """The places on the way from point to point, the middle of each way first."""
    for before, after in pairwise(curve):
        columns = range(square.column(before.x) + 1, square.column(after.x))
        for column in sorted(columns, key=lambda one: abs(one - (columns.start + columns.stop) / 2)):
            x = square.x_at(column)
            share = (x - before.x) / (after.x - before.x)
            mean = before.mean * (1 - share) + after.mean * share
            if (place := _edge_cell(Cell(x, mean, mean, mean), square)) is not None:
                yield place


def _edge_cell(cell: Cell, square: Square) -> Place | None:
    """Where the mean lies; at the upper edge where it lies above it."""
    if not math.isfinite(cell.mean):
        return None
    place = square.cell(cell.x, min(cell.mean, square.y_range[1]))
    return place if place is None or cell.mean <= square.y_range[1] else (place[0], square.rows - 1)


def _beyond(curve: Sequence[Cell], square: Square) -> Iterator[Place]:
    for cell in curve:
        if cell.mean > square.y_range[1] and (place := _edge_cell(cell, square)) is not None:
            yield place


def _inside(place: Place, square: Square) -> bool:
    return 0 <= place[0] < square.columns and 0 <= place[1] < square.rows


def _dots(cells: Sequence[Cell], layout: Layout) -> Iterator[tuple[Place, Place]]:
    """Each value's cell, and the dot within it. Least and greatest of a stretch, which says where its values lie."""
    square, log = layout.square, layout.spec.y_log
    (left, right), (bottom, top) = square.x_range, square.y_range
    across, up = (2 * square.columns - 1) / (right - left), (4 * square.rows - 1) / (top - bottom)
    for cell in cells:
        if not left <= cell.x <= right:
            continue
        column = math.floor(0.5 + (cell.x - left) * across)
        for value in {cell.low, cell.high}:
            place = log10(value) if log else value
            if bottom <= place <= top:
                row = math.floor(0.5 + (place - bottom) * up)
                yield (column // 2, row // 4), (column % 2, row % 4)


def _dot_sign(place: Place, dots: Sequence[Place], braille: bool) -> str:
    # Any of them, but not always the first: dots at the same height of their cells would look like a grid.
    column, row = dots[(3 * place[0] + 5 * place[1]) % len(dots)]
    if not braille:
        return "'" if row > 1 else "."
    return chr(0x2800 + _BRAILLE[column][row])
