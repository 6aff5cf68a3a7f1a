"""A square matrix of counts to walk in: rows are true classes, columns predicted ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.drawing.matrix import (
    Counts,
    MatrixCell,
    MatrixView,
    cell_sentence,
    digits_of,
    matrix_lines,
    view_of,
)
from tui.drawing.palette import DARK, Palette, blended
from tui.drawing.plain import padded
from tui.widgets.strips import role_style, style_of


class Heatmap(Widget, can_focus=True):
    """Numbers over shades, with a sentence about the cell under the cursor. Scrolls where classes do not fit."""

    DEFAULT_CSS = "Heatmap { width: 1fr; height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "true class above", show=False),
        Binding("down", "move(1, 0)", "true class below", show=False),
        Binding("left", "move(0, -1)", "predicted class before", show=False),
        Binding("right", "move(0, 1)", "predicted class after", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "column(0)", "first column", show=False),
        Binding("end", "column(-1)", "last column", show=False),
        Binding("enter", "choose", "choose", show=False),
    ]

    class CellHighlighted(Message):
        """The cursor moved to the cell of a true class `row` and a predicted class `column`."""

        def __init__(self, heatmap: Heatmap, row: int, column: int) -> None:
            super().__init__()
            self.heatmap = heatmap
            self.row = row
            self.column = column

        @property
        def control(self) -> Heatmap:
            return self.heatmap

    class CellChosen(CellHighlighted):
        """The cell was chosen, by enter or a double click."""

    palette: reactive[Palette] = reactive(DARK, init=False)
    ascii_only: reactive[bool] = reactive(False, init=False)

    def __init__(
        self,
        *,
        palette: Palette = DARK,
        ascii_only: bool = False,
        empty: str = "no counts yet",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor = (0, 0)
        self._counts: Counts = ()
        self._labels: Sequence[str] = ()
        self._digits = 1
        self._empty = empty
        self._corner = (0, 0)
        self._lines: list[list[MatrixCell]] = []
        self._built_for: object = None
        self.set_reactive(Heatmap.palette, palette)
        self.set_reactive(Heatmap.ascii_only, ascii_only)

    def show(self, counts: Counts, labels: Sequence[str], cursor: tuple[int, int] | None = None) -> None:
        """Show counts (classes, classes) with a label for each class. The cursor stays where it is by default."""
        self._counts, self._labels, self._digits = counts, labels, digits_of(counts)
        row, column = self.cursor if cursor is None else cursor
        last = max(0, len(counts) - 1)
        self.cursor = (max(0, min(row, last)), max(0, min(column, last)))
        self._forget()

    def move_to(self, row: int, column: int) -> None:
        """Put the cursor on a cell and say so."""
        last = len(self._counts) - 1
        cursor = (max(0, min(row, last)), max(0, min(column, last)))
        if last >= 0 and cursor != self.cursor:
            before, self.cursor = self.cursor, cursor
            view = self._view()
            if self._corner == (view.top, view.left):
                sentence = Region(0, view.rows + 1, self.size.width, 1)
                self.refresh(_cell_region(view, before), _cell_region(view, cursor), sentence)
            else:
                self._forget()
            self.post_message(self.CellHighlighted(self, *cursor))

    def action_move(self, down: int, right: int) -> None:
        self.move_to(self.cursor[0] + down, self.cursor[1] + right)

    def action_page(self, step: int) -> None:
        self.move_to(self.cursor[0] + step * self._view().rows, self.cursor[1])

    def action_column(self, column: int) -> None:
        self.move_to(self.cursor[0], column % max(1, len(self._counts)))

    def action_choose(self) -> None:
        if self._counts:
            self.post_message(self.CellChosen(self, *self.cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        view = self._view()
        if offset is None or not self._counts or offset.y < 1 or offset.x <= view.names:
            return
        row, column = offset.y - 1, (offset.x - view.names - 1) // view.cell
        if row < view.rows and column < view.columns:
            self.move_to(view.top + row, view.left + column)
            if event.chain >= 2:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1, 0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1, 0)

    def watch_palette(self) -> None:
        self._forget()

    def watch_ascii_only(self) -> None:
        self._forget()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if not self._counts:
            text = padded(f" {self._empty}" if y == 0 else "", width, ascii_only=self.ascii_only)
            return Strip([Segment(text, base + role_style("muted", self.palette))], width)
        if self._built_for != self.size:
            self._built_for = self.size
            view = self._view()
            self._corner = (view.top, view.left)
            self._lines = matrix_lines(self._counts, self._labels, view, ascii_only=self.ascii_only)
        if y < len(self._lines):
            return Strip([self._segment(cell, y) for cell in self._lines[y]]).adjust_cell_length(width, base)
        if y == len(self._lines):
            sentence = padded(self._sentence(), width, ascii_only=self.ascii_only)
            return Strip([Segment(sentence, base + role_style("text", self.palette))], width)
        return Strip.blank(width, base)

    def _view(self) -> MatrixView:
        # One line below is for the sentence.
        width, height = self.size.width, self.size.height - 1
        return view_of(self._labels, self._digits, width, height, self.cursor, self._corner)

    def _sentence(self) -> str:
        hidden = len(self._counts) - (len(self._lines) - 1)
        more = f"   ({len(self._counts)} classes, the view follows the cursor)" if hidden > 0 else ""
        return " " + cell_sentence(self._counts, self._labels, *self.cursor) + more

    def _segment(self, cell: MatrixCell, y: int) -> Segment:
        base = self.rich_style
        if cell.share is None:
            return Segment(cell.text, base + role_style("muted" if y == 0 else "text", self.palette))
        style = base + self._shade(cell)
        if (cell.row, cell.column) == self.cursor:
            # Brackets for who sees no colours, reverse for everybody else.
            return Segment(f"[{cell.text[1:-1]}]", style + Style(reverse=self.has_focus, bold=True))
        return Segment(cell.text, style)

    def _shade(self, cell: MatrixCell) -> Style:
        share, diagonal = cell.share or 0.0, cell.row == cell.column
        base, top = self.palette.get("heat-base"), self.palette.get("heat-right" if diagonal else "heat-wrong")
        if base is None or top is None:
            return Style(bold=diagonal, dim=share == 0)
        if share == 0:
            return style_of(self.palette.get("muted"), base)
        # The root lifts the few per cent that an error usually is out of the dark.
        return style_of(
            self.palette.get("text"), blended(base, top, share if diagonal else min(1.0, 1.6 * sqrt(share)))
        )

    def _forget(self) -> None:
        self._built_for = None
        self.refresh()


def _cell_region(view: MatrixView, cell: tuple[int, int]) -> Region:
    column = view.names + 1 + (cell[1] - view.left) * view.cell
    return Region(column, 1 + cell[0] - view.top, view.cell, 1)
