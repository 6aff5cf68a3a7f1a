"""Where values lie in the unit square that a chart is drawn in, and the ways through them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.drawing.curves import Cell

Range = tuple[float, float]


@dataclass(frozen=True)
class Square:
    """Maps the ranges onto 0…1, at the fineness of braille dots or at that of whole characters."""

    x_range: Range
    y_range: Range
    columns: int
    rows: int

    def dot(self, x: float, y: float) -> Range:
        """Where plotext puts a braille dot for a value, a little outside where the value is outside."""
        return _unit(x, self.x_range), _unit(y, self.y_range)

    def character(self, x: float, y: float) -> Range:
        """Where plotext must be told that a character stands for it to cover the dot.

        plotext rounds dots and characters to different grids, half a character apart: a mark would miss its line.
        """
        column, row = self.dot(x, y)
        return _centre(column, self.columns, 2), _centre(row, self.rows, 4)

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The column, and the row from below, in which a value lies; None for one outside, or one that is none."""
        across, up = self.character(x, y)
        if math.isnan(across) or math.isnan(up):
            return None
        column, row = round(across * (self.columns - 1)), round(up * (self.rows - 1))
        return (column, row) if 0 <= column < self.columns and 0 <= row < self.rows else None

    def column(self, x: float) -> int:
        """The column of a place, also where that is further left or right than is drawn."""
        share = (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        return math.floor(0.5 + (2 * self.columns - 1) * share) // 2

    def x_at(self, column: int) -> float:
        """The place in the middle of a column; the nearest end for one outside."""
        return _value_at(column, self.columns, self.x_range)

    def y_at(self, row: int) -> float:
        """The value in the middle of a row, which count from below; the nearest end for one outside."""
        return _value_at(row, self.rows, self.y_range)


def nearest_row(value: float, limits: Range, rows: int) -> int:
    """The row, counted from below, on which a character for that value stands."""
    return round(_centre(_unit(value, limits), rows, 4) * (rows - 1))


def _unit(value: float, limits: Range) -> float:
    # A little outside is outside enough: plotext walks cell by cell to wherever a line leads.
    share = (value - limits[0]) / (limits[1] - limits[0])
    return min(1.2, max(-0.2, share)) if math.isfinite(share) else math.nan


def _value_at(cell: int, cells: int, limits: Range) -> float:
    share = min(1.0, max(0.0, cell / (cells - 1))) if cells > 1 else 0.0
    return limits[0] * (1 - share) + limits[1] * share


def _centre(share: float, characters: int, dots: int) -> float:
    if math.isnan(share) or characters < 2:
        return share
    return (math.floor(0.5 + (dots * characters - 1) * share) // dots) / (characters - 1)


def widened(low: float, high: float, largest: float, share: float) -> Range:
    """Limits within ±`largest`; where they are the same, with that share of themselves (or 0.5) to either side."""
    low, high = max(-largest, min(largest, low)), max(-largest, min(largest, high))
    if low < high:
        return low, high
    room = abs(low) * share or 0.5
    return low - room, low + room


def strokes(cells: Sequence[Cell], square: Square) -> tuple[list[float], list[float]]:
    """A vertical stroke over the range of each column."""
    xs: list[float] = []
    ys: list[float] = []
    for cell in cells:
        x, low = square.character(cell.x, cell.low)
        xs += [x] * 3
        ys += [low, square.character(cell.x, cell.high)[1], math.nan]
    return xs, ys


def path(cells: Sequence[Cell], place: Callable[[float, float], Range]) -> tuple[list[float], list[float]]:
    """The way through both ends of every column, the nearer end first, broken where a mean is not finite."""
    xs: list[float] = []
    ys: list[float] = []
    for cell in cells:
        x, low = place(cell.x, cell.low)
        ends = [low, place(cell.x, cell.high)[1]]
        if ys and abs(ends[1] - ys[-1]) < abs(ends[0] - ys[-1]):
            ends.reverse()
        if ends[0] == ends[1]:
            ends = ends[:1]
        if not math.isfinite(cell.mean):
            ends.append(math.nan)
        xs += [x] * len(ends)
        ys += ends
    return xs, ys
