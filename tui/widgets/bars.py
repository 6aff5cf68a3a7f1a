"""A distribution as horizontal bars."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tui.drawing.bars import Bar, bar_lines
from tui.drawing.palette import Palette
from tui.drawing.spans import Line
from tui.widgets.strips import Painted, line_strip


class Bars(Painted):
    """Draws the bars that fit and counts the others; their order is the owner's."""

    DEFAULT_CSS = "Bars { width: 1fr; height: 1fr; }"

    def __init__(self, *, palette: Palette | None = None, id: str | None = None) -> None:
        super().__init__(palette=palette, id=id)
        self._bars: Sequence[Bar] = ()
        self._limit: float | None = None
        self._lines: tuple[object, list[Line]] = (None, [])

    def show(self, bars: Sequence[Bar], limit: float | None = None) -> None:
        """Show these; a bar of `limit` (the greatest magnitude by default) takes all the room."""
        self._bars, self._limit = bars, limit
        self._lines = (None, [])
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        drawn_for = (width, height)
        if self._lines[0] != drawn_for:
            lines = bar_lines(self._bars, width, height, self._limit)
            self._lines = (drawn_for, lines)
        lines = self._lines[1]
        return line_strip(lines[y] if y < len(lines) else (), self.palette, self.rich_style, width)
