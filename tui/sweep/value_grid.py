"""A figure for every pair of two settings: numbers over shades, and a sentence about the one under the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from engine.verdicts.sweep_sentence import point_named, value_words
from tui.drawing.plain import padded
from tui.sweep.state import SweepState
from tui.sweep.table import (
    difference_words,
    effect_words,
    live_comparisons,
    live_summaries,
    loss_words,
)
from tui.widgets.strips import Painted, role_style


@dataclass(frozen=True)
class GridCell:
    """`share` is how good it is: 1 the lowest loss there is, 0 the highest; None where there is no figure."""

    text: str
    share: float | None
    sentence: str


@dataclass(frozen=True)
class Grid:
    """Rows are the first setting's values, columns the second's."""

    corner: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[GridCell, ...], ...]


def grid_of(sweep: SweepState) -> Grid | None:
    """The mean validation loss of each pair so far; None where no grid was swept."""
    config = sweep.config
    if config is None or not config.second_parameter:
        return None
    known = {one.values: one for one in live_summaries(sweep)}
    found = live_comparisons(sweep)
    losses = [one.validation_loss for one in known.values() if one.seeds]
    names = [name.replace("_", " ") for name in config.parameters]

    def cell(point: tuple[int | float, ...]) -> GridCell:
        where = point_named(config, point)
        one = known.get(point)
        if one is None:
            begun = any(values == point for values, _ in sweep.members)
            return GridCell("...", None, f"{'not all seeds have ended' if begun else 'not begun yet'}: {where}")
        if not one.seeds:
            return GridCell("!div", None, f"{one.diverged} diverged: {where}")
        # The figures first: where there is little room the cursor says which pair it is.
        said = f"validation {loss_words(one.validation_loss)}"
        said += f", {one.validation_accuracy:.1%}"
        compared = found.get(point)
        if compared is not None and not compared.reference and not one.diverged:
            said += f", {difference_words(compared)}"
        if one.diverged:
            said += f", {one.diverged} diverged"
        elif effect := effect_words(compared):
            said += f" ({effect})"
        said += f": {where}"
        sign = "!" if one.diverged else ""
        return GridCell(f"{sign}{_short(one.validation_loss)}", _share(one.validation_loss, losses), said)

    return Grid(
        corner=f"{names[0]} \\ {names[1]}",
        rows=tuple(value_words(config.values).values()),
        columns=tuple(value_words(config.second_values).values()),
        cells=tuple(tuple(cell((first, second)) for second in config.second_values) for first in config.values),
    )


def _short(loss: float) -> str:
    return f"{loss:.3f}" if loss < 100 else f"{loss:.2g}"


def _share(loss: float, losses: Sequence[float]) -> float:
    """On the scale of logarithms, because one bad pair would make all others look alike."""
    low, high = min(losses), max(losses)
    if low <= 0 or not math.isfinite(high) or high <= low:
        return 1.0
    return 1.0 - math.log(loss / low) / math.log(high / low)


_CELL = 8
_LABEL = 10
_HEADS = 2  # lines above the cells


class ValueGrid(Painted):
    """Its owner moves the cursor; the part of the grid around it is shown where not all has room."""

    DEFAULT_CSS = "ValueGrid { width: 1fr; height: 1fr; }"

    class Pointed(Message):
        """A cell was clicked; `twice` by a double click."""

        def __init__(self, row: int, column: int, twice: bool) -> None:
            super().__init__()
            self.row, self.column, self.twice = row, column, twice

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._grid: Grid | None = None
        self._cursor = (0, 0)

    def show(self, grid: Grid, cursor: tuple[int, int]) -> None:
        """Draw this from now on. Nothing happens where it looks the same."""
        if (grid, cursor) != (self._grid, self._cursor):
            self._grid, self._cursor = grid, cursor
            self.refresh()

    def render_line(self, y: int) -> Strip:
        grid, width, base = self._grid, self.size.width, self.rich_style
        if grid is None:
            return Strip.blank(width, base)
        top, left, rows, columns = self._view(grid)
        muted, text = base + role_style("muted", self.palette), base + role_style("text", self.palette)
        if y == 0:
            return Strip([Segment(padded(f" {grid.corner}", width), muted)], width)
        if y == 1:
            heads = [padded(grid.columns[one], _CELL - 1, right=True) + " " for one in range(left, left + columns)]
            return Strip([Segment(" " * _LABEL + "".join(heads), muted)]).adjust_cell_length(width, base)
        row = top + y - _HEADS
        if row < top + rows:
            segments = [Segment(padded(grid.rows[row], _LABEL - 1, right=True) + " ", muted)]
            segments += [self._segment(grid.cells[row][one], (row, one)) for one in range(left, left + columns)]
            return Strip(segments).adjust_cell_length(width, base)
        if y == self.size.height - 1:
            said = " " + grid.cells[self._cursor[0]][self._cursor[1]].sentence
            return Strip([Segment(padded(said, width), text)], width)
        return Strip.blank(width, base)

    def on_click(self, event: events.Click) -> None:
        if self._grid is None or event.x < _LABEL or event.y < _HEADS:
            return
        top, left, rows, columns = self._view(self._grid)
        row, column = event.y - _HEADS, (event.x - _LABEL) // _CELL
        if row < rows and column < columns:
            self.post_message(self.Pointed(top + row, left + column, event.chain >= 2))

    def _view(self, grid: Grid) -> tuple[int, int, int, int]:
        """First row, first column, and how many of each are shown."""
        rows = max(1, min(len(grid.rows), self.size.height - _HEADS - 1))
        columns = max(1, min(len(grid.columns), (self.size.width - _LABEL) // _CELL))
        top = min(max(0, self._cursor[0] - rows // 2), len(grid.rows) - rows)
        left = min(max(0, self._cursor[1] - columns // 2), len(grid.columns) - columns)
        return top, left, rows, columns

    def _segment(self, cell: GridCell, place: tuple[int, int]) -> Segment:
        text = padded(cell.text, _CELL - 1, right=True) + " "
        style = self.rich_style + self._shade(cell)
        if place == self._cursor:
            # Brackets for who sees no colours, reverse for everybody else.
            return Segment(f"[{text[1:-1]}]", style + Style(reverse=True, bold=True))
        return Segment(text, style)

    def _shade(self, cell: GridCell) -> Style:
        if cell.share is None:
            return role_style("muted", self.palette)
        shade = self.shade("heat-right", cell.share)
        return Style(bold=cell.share > 0.95) if shade is None else shade
