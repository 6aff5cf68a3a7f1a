"""Rows of logits with a cursor, edited in place."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip

from engine.contract.errors import InputError
from tui.drawing.numbers import parsed_logit, typed
from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run
from tui.softmax.logit_field import LogitField
from tui.softmax.sheet import Sheet
from tui.softmax.table import Columns, columns_for, heading_line, logit_lines
from tui.widgets.lines import emphasised
from tui.widgets.strips import Painted


class LogitTable(Painted, can_focus=True):
    """Draws a sheet, a heading above and a note below. While a cell is edited a field lies over it.

    What is typed is announced key by key, to be read from `number`; what is no number is said below the cell.
    """

    DEFAULT_CSS = "LogitTable { height: 3; }"

    class Picked(Message):
        """A cell was pressed."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row, self.column = row, column

    class Typed(Message):
        """The text in the field has changed."""

    class Rolled(Message):
        """The mouse wheel was turned over a cell: `by` is to be added to its logit."""

        def __init__(self, row: int, column: int, by: float) -> None:
            super().__init__()
            self.row, self.column, self.by = row, column, by

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet
        self._note = ""
        self._complaint = ""

    def compose(self) -> ComposeResult:
        yield LogitField()

    @property
    def field(self) -> LogitField:
        """The one field, which lies over the logit that is edited."""
        return self.query_one(LogitField)

    @property
    def editing(self) -> bool:
        """Whether a logit is being typed."""
        return self.is_mounted and bool(self.field.display)

    @property
    def number(self) -> float | None:
        """The text in the field as a number, `None` while it is none."""
        try:
            return parsed_logit(self.field.value)
        except InputError:
            return None

    @property
    def columns(self) -> Columns:
        """Where the classes stand."""
        return columns_for(self.size.width, self._sheet.classes, self._sheet.column)

    def show(self, sheet: Sheet, note: str) -> None:
        """Draw this sheet, and the note below it."""
        if (sheet, note) == (self._sheet, self._note) and self.styles.height is not None:
            return
        self._sheet, self._note = sheet, note
        self.styles.height = len(sheet.rows) + 2
        self._place_field()
        self.refresh()

    def edit(self, text: str | None = None) -> None:
        """Opens the field over the cell under the cursor, with its logit selected or with this text."""
        field = self.field
        field.display = True
        self._place_field()
        self.set_text(typed(self._sheet.logit) if text is None else text)
        field.focus()
        if text is None:
            field.select_all()

    def set_text(self, text: str) -> None:
        """Puts a text into the field, the cursor at its end."""
        self.field.value = text
        self.field.action_end()

    def close(self) -> None:
        """Takes the field away; rubbish in it is forgotten."""
        self.field.display = False
        self._complain("")

    def on_input_changed(self, event: LogitField.Changed) -> None:
        event.stop()
        if not self.editing:
            return
        try:
            parsed_logit(event.value)
        except InputError as error:
            self._complain(str(error))
        else:
            self._complain("")
        self.post_message(self.Typed())

    def _complain(self, text: str) -> None:
        self._complaint = text
        self.field.set_class(bool(text), "-rubbish")
        self.refresh()

    def _place_field(self) -> None:
        columns = self.columns
        self.field.styles.width = columns.cell - 1
        self.field.styles.offset = (columns.left_of(self._sheet.column) + 1, self._sheet.row + 1)

    def on_resize(self) -> None:
        self._place_field()

    def render_line(self, y: int) -> Strip:
        columns = self.columns
        rows = len(self._sheet.rows)
        if y == 0:
            line: Line = heading_line(columns, self._sheet.column)
        elif y <= rows:
            line = logit_lines(self._sheet, columns)[y - 1]
        else:
            line = self._below(columns)
        return emphasised(line, self.palette, self.rich_style, self.size.width)

    def _below(self, columns: Columns) -> Line:
        if not self._complaint:
            return (Run(f" {self._note}", "muted"),)
        text = plain(f"↑ {self._complaint}", self.size.width - 1)
        start = min(columns.left_of(self._sheet.column) + 1, self.size.width - len(text) - 1)
        return (Run(" " * max(0, start), "text"), Run(text, "wrong"))

    def on_click(self, event: events.Click) -> None:
        if (cell := self._cell_at(event)) is not None:
            self.post_message(self.Picked(*cell))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._roll(event, 1.0)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._roll(event, -1.0)

    def _roll(self, event: events.MouseEvent, by: float) -> None:
        if (cell := self._cell_at(event)) is not None:
            event.stop()
            self.post_message(self.Rolled(*cell, by))

    def _cell_at(self, event: events.MouseEvent) -> tuple[int, int] | None:
        column = self.columns.at(event.x)
        return None if column is None or not 1 <= event.y <= len(self._sheet.rows) else (event.y - 1, column)
