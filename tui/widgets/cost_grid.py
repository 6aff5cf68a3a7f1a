"""A cost for every true class and every decision, edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from engine.contract.cost_matrix import CostRows
from engine.contract.errors import InputError
from tui.drawing.cost_cells import cell_words, cost_lines, cost_view
from tui.drawing.decide_question import COST, number_typed
from tui.drawing.form_text import at_field, written
from tui.drawing.matrix import MatrixCell, MatrixView
from tui.drawing.palette import DARK, Palette, blended
from tui.drawing.plain import padded
from tui.widgets.strips import role_style, style_of


class CostField(Input):
    """Lies over the cell that is edited, and owns every printable key."""

    DEFAULT_CSS = """
    CostField, CostField:focus {
        position: absolute; display: none; height: 1; padding: 0; border: none;
        background: $accent 30%; color: $foreground; text-style: bold underline;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,tab", "take(0, 1)", "next cell", show=False),
        Binding("shift+tab", "take(0, -1)", "cell before", show=False),
        Binding("up", "take(-1, 0)", "cell above", show=False),
        Binding("down", "take(1, 0)", "cell below", show=False),
        Binding("escape", "leave", "leave", show=False),
    ]
    typing_hint = "typing a cost: enter next cell, up and down other rows, esc leaves it as it was"

    class Taken(Message):
        """The text is done; the cell so many rows and columns away is wanted."""

        def __init__(self, down: int, right: int) -> None:
            super().__init__()
            self.down, self.right = down, right

    class Left(Message):
        """The cell is to stay as it was; `back` unless the focus has gone elsewhere already."""

        def __init__(self, back: bool) -> None:
            super().__init__()
            self.back = back

    def __init__(self) -> None:
        super().__init__(max_length=24, select_on_focus=False, compact=True)
        self.cursor_blink = False

    def action_take(self, down: int, right: int) -> None:
        self.post_message(self.Taken(down, right))

    def action_leave(self) -> None:
        self.post_message(self.Left(back=True))

    def on_blur(self) -> None:
        if self.app.app_focus:
            self.post_message(self.Left(back=False))


class CostGrid(Widget, can_focus=True):
    """Scrolls where the classes do not fit. A number that is typed is posted; its owner gives the new matrix."""

    DEFAULT_CSS = "CostGrid { width: 1fr; height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "true class above", show=False),
        Binding("down", "move(1, 0)", "true class below", show=False),
        Binding("left", "move(0, -1)", "decision before", show=False),
        Binding("right", "move(0, 1)", "decision after", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "column(0)", "first column", show=False),
        Binding("end", "column(-1)", "last column", show=False),
        Binding("enter", "edit", "type a cost", show=False),
        Binding("minus", "edit('-')", "type a negative cost", show=False),
    ]

    palette: reactive[Palette] = reactive(DARK, init=False)

    class Typed(Message):
        """This cost is wanted for the true class `row` and the decision `column`."""

        def __init__(self, row: int, column: int, cost: float) -> None:
            super().__init__()
            self.row, self.column, self.cost = row, column, cost

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = (0, 0)
        self.complaint = ""
        self._ascii_only = ascii_only
        self.rows: CostRows = ()
        self._names: Sequence[str] = ()
        self._corner = (0, 0)
        self._built: tuple[object, list[list[MatrixCell]]] | None = None

    def compose(self) -> ComposeResult:
        yield CostField()

    @property
    def field(self) -> CostField:
        return self.query_one(CostField)

    def show(self, rows: CostRows, names: Sequence[str]) -> None:
        """Show these costs (classes, classes). Nothing happens where they are the same."""
        if rows is not self.rows or names is not self._names:
            self.rows, self._names = rows, names
            last = max(0, len(rows) - 1)
            self.cursor = (min(self.cursor[0], last), min(self.cursor[1], last))
            self._changed()

    def move_to(self, row: int, column: int) -> None:
        last = max(0, len(self.rows) - 1)
        self.cursor = (max(0, min(row, last)), max(0, min(column, last)))
        self._changed()

    def action_move(self, down: int, right: int) -> None:
        self.move_to(self.cursor[0] + down, self.cursor[1] + right)

    def action_page(self, step: int) -> None:
        if self.rows:
            self.move_to(self.cursor[0] + step * self._view().rows, self.cursor[1])

    def action_column(self, column: int) -> None:
        self.move_to(self.cursor[0], column % max(1, len(self.rows)))

    def action_edit(self, text: str | None = None) -> None:
        """Opens the field over the cell under the cursor, with its cost selected or with this text."""
        if not self.rows:
            return
        row, column = self.cursor
        field = self.field
        field.display = True
        self._place_field()
        field.value = written(self.rows[row][column]) if text is None else text
        field.action_end()
        field.focus()
        if text is None:
            field.select_all()

    def on_cost_field_taken(self, message: CostField.Taken) -> None:
        message.stop()
        row, column = self.cursor
        if not self.field.display:
            return
        try:
            cost = number_typed(COST, self.field.value)
        except InputError as error:
            self._complain(at_field(COST, str(error)))
            return
        self._complain("")
        if cost != self.rows[row][column]:
            self.post_message(self.Typed(row, column, cost))
        place = row * len(self.rows) + column + message.right if message.right else -1
        if message.right:
            row, column = divmod(place % len(self.rows) ** 2, len(self.rows))
        else:
            row = max(0, min(row + message.down, len(self.rows) - 1))
        self.move_to(row, column)
        # Once the owner has given the new matrix, which the next cell is read from.
        self.call_after_refresh(self.action_edit)

    def on_cost_field_left(self, message: CostField.Left) -> None:
        message.stop()
        self.field.display = False
        self._complain("")
        if message.back:
            self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._complain("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()

    def on_click(self, event: events.Click) -> None:
        if not self.rows:
            return
        view = self._view()
        row, column = event.y - 1, (event.x - view.names - 1) // view.cell
        if event.x > view.names and 0 <= row < view.rows and 0 <= column < view.columns:
            self.move_to(view.top + row, view.left + column)
            if event.chain >= 2:
                self.action_edit()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1, 0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1, 0)

    def on_resize(self) -> None:
        self._changed()

    def on_focus(self) -> None:
        self.refresh()

    def watch_palette(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if not self.rows or width < 8:
            return Strip.blank(width, base)
        view = self._view()
        key = (view, self.rows)
        if self._built is None or self._built[0] != key:
            self._built = (key, cost_lines(self.rows, self._names, view, ascii_only=self._ascii_only))
        lines = self._built[1]
        if y < len(lines):
            return Strip([self._segment(cell, y) for cell in lines[y]]).adjust_cell_length(width, base)
        if y == len(lines):
            text, role = (f" ! {self.complaint}", "wrong") if self.complaint else (self._words(view), "text")
            shown = padded(text, width, ascii_only=self._ascii_only)
            return Strip(
                [Segment(shown, base + role_style(role, self.palette) + Style(bold=bool(self.complaint)))], width
            )
        return Strip.blank(width, base)

    def _words(self, view: MatrixView) -> str:
        hidden = view.rows < len(self.rows) or view.columns < len(self.rows)
        more = f"   ({len(self.rows)} classes, the view follows the cursor)" if hidden else ""
        return f" {cell_words(self.rows, self._names, *self.cursor)}: enter types another.{more}"

    def _segment(self, cell: MatrixCell, y: int) -> Segment:
        base = self.rich_style
        if cell.share is None:
            return Segment(cell.text, base + role_style("muted" if y == 0 else "text", self.palette))
        style = base + self._shade(cell.share)
        if (cell.row, cell.column) == self.cursor:
            # Brackets for who sees no colours, reverse for everybody else.
            return Segment(f"[{cell.text[1:-1]}]", style + Style(reverse=self.has_focus, bold=True))
        return Segment(cell.text, style)

    def _shade(self, share: float) -> Style:
        low, high = self.palette.get("heat-base"), self.palette.get("heat-wrong")
        if low is None or high is None:
            return Style(dim=share == 0, bold=share > 0.5)
        if share == 0:
            return style_of(self.palette.get("muted"), low)
        return style_of(self.palette.get("text"), blended(low, high, 0.15 + 0.85 * share))

    def _view(self) -> MatrixView:
        room = (self.size.width, max(2, self.size.height - 1))  # one line below is for the sentence
        view = cost_view(self.rows, self._names, room, self.cursor, self._corner)
        self._corner = (view.top, view.left)
        return view

    def _place_field(self) -> None:
        view = self._view()
        self.field.styles.width = view.cell
        left = view.names + 1 + (self.cursor[1] - view.left) * view.cell
        self.field.styles.offset = (left, 1 + self.cursor[0] - view.top)

    def _complain(self, line: str) -> None:
        if line != self.complaint:
            self.complaint = line
            self.refresh()

    def _changed(self) -> None:
        if self.rows and self.is_mounted and self.field.display:
            self._place_field()
        self.refresh()
