"""A figure for every pair of two settings: numbers over shades, and a sentence about the one under the cursor."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.drawing.palette import blended
from tui.drawing.plain import padded
from tui.sweep.grid import Grid, GridCell
from tui.widgets.painted import Painted
from tui.widgets.strips import role_style, style_of

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
        low, high = self.palette.get("heat-base"), self.palette.get("heat-right")
        if cell.share is None:
            return role_style("muted", self.palette)
        if low is None or high is None:
            return Style(bold=cell.share > 0.95)
        return style_of(self.palette.get("text"), blended(low, high, cell.share))
