"""A cost for every true class and every decision, edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from engine.contract.cost_matrix import CostRows
from engine.contract.errors import InputError
from tui.decide.cost_cells import cell_words, cost_lines, cost_view
from tui.decide.cost_field import CostField
from tui.decide.scenario import COST, number_typed
from tui.drawing.form_text import at_field, written
from tui.drawing.matrix import MatrixCell, MatrixView
from tui.drawing.plain import padded
from tui.widgets.matrix_cells import Walked, clamped, hidden_words, region_of, segment_of, walking
from tui.widgets.strips import role_style


class RefusedCost(NamedTuple):
    """A text that is no cost stays at its cell, with what is wrong about it, until it is typed over."""

    cell: tuple[int, int]
    text: str
    line: str


class CostGrid(Walked):
    """Scrolls where the classes do not fit. A number that is typed is posted; its owner gives the new matrix."""

    DEFAULT_CSS = "CostGrid { width: 1fr; height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        *walking("decision"),
        Binding("enter", "choose", "type a cost", show=False),
        Binding("minus", "edit('-')", "type a negative cost", show=False),
    ]

    class Typed(Message):
        """This cost is wanted for the true class `row` and the decision `column`."""

        def __init__(self, row: int, column: int, cost: float) -> None:
            super().__init__()
            self.row, self.column, self.cost = row, column, cost

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: CostRows = ()
        self._names: Sequence[str] = ()
        self._corner = (0, 0)
        self._built: tuple[object, list[list[MatrixCell]]] | None = None
        self._edited: tuple[int, int] | None = None  # the cell that the field lies over
        self._found = ""  # what stood in the field when it was opened
        self._refused: RefusedCost | None = None

    def compose(self) -> ComposeResult:
        yield CostField()

    @property
    def field(self) -> CostField:
        """The one field, which lies over the cell that is edited."""
        return self.query_one(CostField)

    @property
    def complaint(self) -> str:
        """What is wrong with the text at the cell in front, "" where nothing is."""
        refused = self._refused
        return refused.line if refused is not None and refused.cell == (self._edited or self.cursor) else ""

    def show(self, rows: CostRows, names: Sequence[str]) -> None:
        """Show these costs (classes, classes). Nothing happens where they are the same."""
        if rows is not self.rows or names is not self._names:
            if self._refused is not None and _at(rows, self._refused.cell) != _at(self.rows, self._refused.cell):
                self._refused = None
            self.rows, self._names = rows, names
            self.move_to(*self.cursor)

    # Walking

    @property
    def side(self) -> int:
        return len(self.rows)

    def move_to(self, row: int, column: int) -> None:
        self.cursor = clamped(row, column, len(self.rows))
        self._changed()

    def action_choose(self) -> None:
        self.action_edit()

    # Typing

    def action_edit(self, text: str | None = None) -> None:
        """Opens the field over the cell under the cursor: with this text, what was refused there, or its cost."""
        if not self.rows:
            return
        row, column = self._edited = self.cursor
        refused, field = self._refused, self.field
        found = refused.text if refused is not None and refused.cell == self.cursor else written(self.rows[row][column])
        field.display = True
        self._found = found
        self._changed()
        field.value = found if text is None else text
        field.action_end()
        field.focus()
        if text is None:
            field.select_all()

    def on_cost_field_taken(self, message: CostField.Taken) -> None:
        message.stop()
        if self._edited is None or not self._take(self._edited):
            return
        (row, column), size = self._edited, len(self.rows)
        if message.right:
            row, column = divmod((row * size + column + message.right) % size**2, size)
        self.move_to(row + message.down, column)
        # Once the owner has given the new matrix, which the next cell is read from.
        self.call_after_refresh(self.action_edit)

    def _take(self, cell: tuple[int, int]) -> bool:
        """Whether the text is a cost; it is wanted then, and stays at the cell else."""
        try:
            cost = number_typed(COST, self.field.value)
        except InputError as error:
            self._refused = RefusedCost(cell, self.field.value, at_field(COST, str(error)))
            self.refresh()
            return False
        self._forgive(cell)
        if cost != self.rows[cell[0]][cell[1]]:
            self.post_message(self.Typed(*cell, cost))
        return True

    def on_cell_field_left(self, message: CostField.Left) -> None:
        """At esc the cell is as it was found, but for what was refused there meanwhile; aside, the text is taken."""
        message.stop()
        cell, self._edited = self._edited, None
        if cell is None:
            return
        self.field.display = False
        untouched = self.field.value == self._found
        if message.aside and not untouched and self.field.value.strip():
            self._take(cell)
        elif not message.aside:
            if untouched:
                self._forgive(cell)
            self.focus()
        self.refresh()

    def _forgive(self, cell: tuple[int, int]) -> None:
        if self._refused is not None and self._refused.cell == cell:
            self._refused = None
            self.refresh()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._edited is not None and self._refused is not None and event.value != self._refused.text:
            self._forgive(self._edited)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()

    # Drawing

    def on_resize(self) -> None:
        self._changed()

    def on_focus(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if not self.rows or width < 8:
            return Strip.blank(width, base)
        view = self.view()
        key = (view, self.rows)
        if self._built is None or self._built[0] != key:
            self._built = (key, cost_lines(self.rows, self._names, view))
        lines = self._built[1]
        if y < len(lines):
            return Strip([self._segment(cell, y) for cell in lines[y]]).adjust_cell_length(width, base)
        if y == len(lines):
            complaint = self.complaint
            text, role = (f" ! {complaint}", "wrong") if complaint else (self._words(view), "text")
            shown = padded(text, width)
            return Strip([Segment(shown, base + role_style(role, self.palette) + Style(bold=bool(complaint)))], width)
        return Strip.blank(width, base)

    def _words(self, view: MatrixView) -> str:
        words = f" {cell_words(self.rows, self._names, *self.cursor)}. Enter edits."
        hidden = view.rows < len(self.rows) or view.columns < len(self.rows)
        return words + hidden_words(len(self.rows) if hidden else 0, self.size.width - cell_len(words))

    def _segment(self, cell: MatrixCell, y: int) -> Segment:
        shade, refused = self._shade(cell.share or 0.0), self._refused
        if refused is not None and refused.cell == (cell.row, cell.column):
            # The sign is for who sees no colours.
            text = padded(f"!{refused.text}", len(cell.text) - 1, right=True) + " "
            cell, shade = cell._replace(text=text), role_style("wrong", self.palette) + Style(underline=True)
        return segment_of(cell, y, self.cursor, self.has_focus, self.rich_style, shade, self.palette)

    def _shade(self, share: float) -> Style:
        shade = self.shade("heat-wrong", 0.15 + 0.85 * share) if share else self.shade("heat-wrong", 0.0, "muted")
        return Style(dim=share == 0, bold=share > 0.5) if shade is None else shade

    def view(self) -> MatrixView:
        room = (self.size.width, max(2, self.size.height - 1))  # one line below is for the sentence
        view = cost_view(self.rows, self._names, room, self.cursor, self._corner)
        self._corner = (view.top, view.left)
        return view

    def _changed(self) -> None:
        if self.rows and self.is_mounted and self._edited is not None:
            region = region_of(self.view(), self._edited)
            self.field.styles.width, self.field.styles.offset = region.width, region.offset
        self.refresh()


def _at(rows: CostRows, cell: tuple[int, int]) -> float | None:
    return rows[cell[0]][cell[1]] if max(cell) < len(rows) else None
