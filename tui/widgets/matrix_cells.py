"""What a matrix of counts and one of costs have in common: walking in them, and how a cell is drawn."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region

from tui.drawing.matrix import MatrixCell, MatrixView
from tui.drawing.palette import Palette
from tui.widgets.strips import Painted, role_style


def walking(column: str) -> list[BindingType]:
    """The keys that call `move`, `page` and `column`; a column is a `column` class."""
    return [
        Binding("up", "move(-1, 0)", "true class above", show=False),
        Binding("down", "move(1, 0)", "true class below", show=False),
        Binding("left", "move(0, -1)", f"{column} before", show=False),
        Binding("right", "move(0, 1)", f"{column} after", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "column(0)", "first column", show=False),
        Binding("end", "column(-1)", "last column", show=False),
    ]


class Walked(Painted, can_focus=True):
    """A square of cells with a cursor. A subclass binds `walking`, moves the cursor, and says what it draws."""

    cursor: tuple[int, int] = (0, 0)

    @property
    def side(self) -> int:
        """The number of classes."""
        raise NotImplementedError

    def view(self) -> MatrixView:
        """The cells that are drawn."""
        raise NotImplementedError

    def move_to(self, row: int, column: int) -> None:
        """Puts the cursor on the nearest cell."""
        raise NotImplementedError

    def action_choose(self) -> None:
        """What enter and a double click do."""
        raise NotImplementedError

    def action_move(self, down: int, right: int) -> None:
        self.move_to(self.cursor[0] + down, self.cursor[1] + right)

    def action_page(self, step: int) -> None:
        if self.side:
            self.move_to(self.cursor[0] + step * self.view().rows, self.cursor[1])

    def action_column(self, column: int) -> None:
        self.move_to(self.cursor[0], column % max(1, self.side))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        cell = cell_at(self.view(), offset.x, offset.y) if offset is not None and self.side else None
        if cell is not None:
            self.move_to(*cell)
            if event.chain >= 2:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1, 0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1, 0)


def clamped(row: int, column: int, size: int) -> tuple[int, int]:
    """The cell within a matrix of so many rows and columns that is nearest."""
    last = max(0, size - 1)
    return max(0, min(row, last)), max(0, min(column, last))


def cell_at(view: MatrixView, x: int, y: int) -> tuple[int, int] | None:
    """The row and the column that are drawn at a place of the widget."""
    row, column = y - 1, (x - view.names - 1) // view.cell
    inside = 0 <= row < view.rows and 0 <= column < view.columns
    return (view.top + row, view.left + column) if inside else None


def region_of(view: MatrixView, cell: tuple[int, int]) -> Region:
    """Where a cell is drawn."""
    return Region(view.names + 1 + (cell[1] - view.left) * view.cell, 1 + cell[0] - view.top, view.cell, 1)


def hidden_words(classes: int, room: int) -> str:
    """What to say where not all of so many classes are seen (0 where they are), in so many cells or not at all."""
    for words in (f"   ({classes:,} classes, the view follows the cursor)", f"   ({classes:,} classes)"):
        if classes and len(words) <= room:
            return words
    return ""


def segment_of(
    cell: MatrixCell, y: int, cursor: tuple[int, int], focused: bool, base: Style, shade: Style, palette: Palette
) -> Segment:
    """A label in its role's colour, a cell on its `shade`, the one under the cursor marked as such."""
    if cell.share is None:
        return Segment(cell.text, base + role_style("muted" if y == 0 else "text", palette))
    if (cell.row, cell.column) == cursor:
        # Brackets for who sees no colours, reverse for everybody else.
        return Segment(f"[{cell.text[1:-1]}]", base + shade + Style(reverse=focused, bold=True))
    return Segment(cell.text, base + shade)
