"""Gallery, matrix and large view on one board: which of them is seen, and which has the keys."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.mistakes.example_view import ExampleView
from tui.mistakes.filling import Drawn, MistakesPage, draw, draw_heading, offer_of
from tui.mistakes.heatmap import Heatmap, PairList
from tui.mistakes.query import MistakesQuery
from tui.pane.hints import Offer
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList

_TIGHT = 100  # columns: below, gallery and matrix take turns


class MistakesBoard(Vertical):
    """Draws what a query knows,. While there is nothing to draw it has the keys itself."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text()

    class Resized(Message):
        """There is another room now: draw again."""

    def __init__(self) -> None:
        super().__init__(id="board")
        self._drawn = Drawn()
        self.offer: Offer | None = None  # the hint that is shown
        self._large = False
        self._cursor_drawn = 0
        self._matrix_shown = {True: False, False: True}  # by whether the room is tight
        self.in_matrix = False  # whether the arrow keys walk in the matrix

    def compose(self) -> ComposeResult:
        yield Static(id="heading", markup=False)
        yield Static(id="nothing", markup=False)
        with Horizontal(id="body"):
            yield PictureGrid(id="gallery")
            yield RowList(id="table")
            with Vertical(id="side"):
                yield Heatmap(id="matrix")
                yield PairList(id="pairs")
        yield ExampleView(id="example")
        yield Static(id="sentence", markup=False)

    @property
    def list(self) -> PictureGrid | RowList:
        """The gallery, or the table of what has no pictures."""
        return self.query_one(RowList) if self.has_class("-rows") else self.query_one(PictureGrid)

    @property
    def tight(self) -> bool:
        """Whether gallery and matrix take turns."""
        return self.has_class("-tight")

    def draw(self, query: MistakesQuery, page: MistakesPage) -> None:
        """Everything; the keys go to what is in front."""
        if query.cursor == self._cursor_drawn and query.settled and not query.large:
            query.move_to(self.list.cursor)  # a key may have moved it whose message is still on its way
        self._large = query.large
        rows = self.has_class("-rows")
        draw(self, query, page, self._drawn)
        self.offer = offer_of(query, page)
        if rows != self.has_class("-rows"):  # how many fit is known once the other one is laid out
            self.call_after_refresh(self.post_message, self.Resized())
        if not query.large:
            self._cursor_drawn = query.cursor
        query.capacity = self.list.capacity
        self.set_class(self._matrix_shown[self.tight], "-matrix")
        self.can_focus = self.has_class("-nothing")
        focused = self.screen.focused
        if focused is not self.front and (focused is None or focused is self or self in focused.ancestors):
            self.focus()

    def moved(self, query: MistakesQuery, page: MistakesPage, rank: int) -> bool:
        """The cursor of the gallery has moved: only the heading changes. False where it has moved on since."""
        if rank != self.list.cursor or not query.settled or not query.move_to(rank):
            return False
        self._cursor_drawn = rank
        draw_heading(self, query, page)
        return True

    @property
    def front(self) -> Widget:
        """What the keys go to."""
        if self.has_class("-nothing"):
            return self
        if self._large:
            return self.query_one(ExampleView)
        return self.query_one(Heatmap) if self.in_matrix else self.list

    def focus(self, scroll_visible: bool = True) -> Self:
        front = self.front
        if front is self:
            return super().focus(scroll_visible)
        front.focus(scroll_visible)
        return self

    def walk(self, in_matrix: bool) -> None:
        """Into the matrix, or back to the gallery, which takes its place where the room is tight."""
        self.in_matrix = in_matrix
        if in_matrix:
            self._matrix_shown[self.tight] = True
        else:
            self._matrix_shown[True] = False

    def toggle_matrix(self) -> None:
        """Into the matrix; from there out of it, and away with it."""
        inside = self.in_matrix and self._matrix_shown[self.tight]
        self._matrix_shown[self.tight] = self.in_matrix = not inside

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if not self._large:
            self.in_matrix = isinstance(event.widget, Heatmap)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < _TIGHT, "-tight")
        if self.in_matrix:
            self.walk(True)
        self.post_message(self.Resized())
