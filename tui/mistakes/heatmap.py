"""A square matrix of counts to walk in, rows true classes, columns predicted ones; and its fullest cells as a list."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from tui.drawing.confusions import ConfusedPair, pair_words
from tui.drawing.matrix import (
    Counts,
    MatrixCell,
    MatrixView,
    cell_sentence,
    digits_of,
    matrix_lines,
    view_of,
)
from tui.drawing.palette import Palette
from tui.drawing.plain import padded
from tui.widgets.matrix_cells import Walked, clamped, hidden_words, region_of, segment_of, walking
from tui.widgets.messages import FromWidget
from tui.widgets.strips import Painted, role_style


class Heatmap(Walked):
    """Numbers over shades, with a sentence about the cell under the cursor. Scrolls where classes do not fit."""

    DEFAULT_CSS = "Heatmap { width: 1fr; height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        *walking("predicted class"),
        Binding("enter", "choose", "choose", show=False),
    ]

    class CellHighlighted(FromWidget["Heatmap"]):
        """The cursor moved to the cell of a true class `row` and a predicted class `column`."""

        def __init__(self, heatmap: Heatmap, row: int, column: int) -> None:
            super().__init__(heatmap)
            self.row = row
            self.column = column

    class CellChosen(CellHighlighted):
        """The cell was chosen, by enter or a double click."""

    def __init__(self, *, palette: Palette | None = None, empty: str = "no counts yet", id: str | None = None) -> None:
        super().__init__(palette=palette, id=id)
        self._counts: Counts = ()
        self._labels: Sequence[str] = ()
        self._digits = 1
        self._empty = empty
        self._corner = (0, 0)
        self._lines: list[list[MatrixCell]] = []
        self._built_for: object = None

    def show(self, counts: Counts, labels: Sequence[str], cursor: tuple[int, int] | None = None) -> None:
        """Show counts (classes, classes) with a label for each class. The cursor stays where it is by default."""
        self._counts, self._labels, self._digits = counts, labels, digits_of(counts)
        self.cursor = clamped(*(self.cursor if cursor is None else cursor), len(counts))
        self._forget()

    @property
    def side(self) -> int:
        return len(self._counts)

    def move_to(self, row: int, column: int) -> None:
        """Put the cursor on a cell and say so."""
        cursor = clamped(row, column, len(self._counts))
        if self._counts and cursor != self.cursor:
            before, self.cursor = self.cursor, cursor
            view = self.view()
            if self._corner == (view.top, view.left):
                sentence = Region(0, view.rows + 1, self.size.width, 1)
                self.refresh(region_of(view, before), region_of(view, cursor), sentence)
            else:
                self._forget()
            self.post_message(self.CellHighlighted(self, *cursor))

    def action_choose(self) -> None:
        if self._counts:
            self.post_message(self.CellChosen(self, *self.cursor))

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if not self._counts:
            text = padded(f" {self._empty}" if y == 0 else "", width)
            return Strip([Segment(text, base + role_style("muted", self.palette))], width)
        if self._built_for != self.size:
            self._built_for = self.size
            view = self.view()
            self._corner = (view.top, view.left)
            self._lines = matrix_lines(self._counts, self._labels, view)
        if y < len(self._lines):
            return Strip([self._segment(cell, y) for cell in self._lines[y]]).adjust_cell_length(width, base)
        if y == len(self._lines):
            sentence = padded(self._sentence(), width)
            return Strip([Segment(sentence, base + role_style("text", self.palette))], width)
        return Strip.blank(width, base)

    def view(self) -> MatrixView:
        # One line below is for the sentence.
        width, height = self.size.width, self.size.height - 1
        return view_of(self._labels, self._digits, width, height, self.cursor, self._corner)

    def _sentence(self) -> str:
        words = " " + cell_sentence(self._counts, self._labels, *self.cursor)
        hidden = len(self._counts) - (len(self._lines) - 1)
        return words + hidden_words(len(self._counts) if hidden > 0 else 0, self.size.width - cell_len(words))

    def _segment(self, cell: MatrixCell, y: int) -> Segment:
        return segment_of(cell, y, self.cursor, self.has_focus, self.rich_style, self._shade(cell), self.palette)

    def _shade(self, cell: MatrixCell) -> Style:
        share, diagonal = cell.share or 0.0, cell.row == cell.column
        # The root lifts the few per cent that an error usually is out of the dark.
        strength = share if diagonal else min(1.0, 1.6 * sqrt(share))
        shade = self.shade("heat-right" if diagonal else "heat-wrong", strength, "text" if share else "muted")
        return Style(bold=diagonal, dim=share == 0) if shade is None else shade

    def _forget(self) -> None:
        self._built_for = None
        self.refresh()


class PairList(Painted):
    """As many pairs as fit, with their counts; the one that is looked at is marked."""

    DEFAULT_CSS = """
    PairList { width: 1fr; height: 1fr; link-style: none; link-color: $foreground; link-style-hover: bold; }
    """

    class Chosen(Message):
        """A pair was clicked."""

        def __init__(self, true: int, predicted: int) -> None:
            super().__init__()
            self.true = true
            self.predicted = predicted

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pairs: Sequence[ConfusedPair] = ()
        self._names: Sequence[str] = ()
        self._chosen: tuple[int | None, int | None] = (None, None)

    def show(self, pairs: Sequence[ConfusedPair], names: Sequence[str], chosen: tuple[int | None, int | None]) -> None:
        """Show these; `chosen` is the (true, predicted) that is looked at."""
        self._pairs, self._names, self._chosen = pairs, names, chosen
        self.refresh()

    def render(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        if not self._pairs or self.size.height < 2:
            return text
        text.append(" most confused, n for the next\n", role_style("muted", self.palette))
        digits = len(f"{self._pairs[0].images:,}")
        for pair in self._pairs[: self.size.height - 1]:
            chosen = (pair.true, pair.predicted) == self._chosen
            words = pair_words(self._names, pair.true, pair.predicted, self.size.width - digits - 5)
            style = role_style("text", self.palette) + Style(
                bold=chosen, meta={"@click": f"choose({pair.true}, {pair.predicted})"}
            )
            text.append(f" {'>' if chosen else ' '} {pair.images:>{digits},}  {words}\n", style)
        return text

    def action_choose(self, true: int, predicted: int) -> None:
        self.post_message(self.Chosen(true, predicted))
