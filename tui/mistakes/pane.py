"""What the model gets wrong: a gallery, the confusion matrix to walk in, and each image large."""

from __future__ import annotations

from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from tui.mistakes.board import MistakesBoard
from tui.mistakes.example_view import ExampleView
from tui.mistakes.filling import MistakesPage
from tui.mistakes.heatmap import Heatmap, PairList
from tui.mistakes.query import MistakesQuery
from tui.mistakes.words import following_pair, mistakes_command
from tui.pane.base import DisplayOptions
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.hints import Offer
from tui.pane.live_run import LiveRun
from tui.pane.run_choice import TO_TRAIN, RunChoice
from tui.pane.source_pane import SourcePane
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList


class MistakesPane(SourcePane[RunChoice, MistakesQuery]):
    """Owns what is looked at; asks the engine for pages just around it, one question at a time."""

    REFRESH_SECONDS = 1.0
    NOTHING_TO_FREEZE = "Stored runs do not change, so there is nothing to freeze."
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("mistakes")

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__("mistakes", engine, options, live, RunChoice(options.opened), MistakesQuery())
        self.board = MistakesBoard()
        self._from_matrix = False  # whether the filter was chosen there, so that esc leads back

    def compose(self) -> ComposeResult:
        yield self.board

    def focus(self, scroll_visible: bool = True) -> Self:
        self.board.focus(scroll_visible)
        return self

    @property
    def offer(self) -> Offer | None:
        return self.board.offer if self.model_query.head is not None else TO_TRAIN.offer(what="mistakes")

    def headless_command(self) -> str:
        return mistakes_command(self.model_query.question, self.model_query.capacity, self.style)

    def _look(self) -> None:
        self._from_matrix = False
        super()._look()

    def draw(self) -> None:
        if self.is_mounted and self.display:
            self.board.draw(self.model_query, self._page())

    def _changed(self) -> None:
        self.draw()
        self._fetch()

    def _page(self) -> MistakesPage:
        invitation = self._source.invitation(self.refusal, self.engine_loads)
        return MistakesPage(self.style, self._source.words(), invitation, self.tour)

    # What is pressed and clicked

    @on(PictureGrid.Highlighted)
    @on(RowList.Highlighted)
    def _moved(self, message: PictureGrid.Highlighted | RowList.Highlighted) -> None:
        if self.board.moved(self.model_query, self._page(), message.index):
            self._fetch()

    @on(PictureGrid.PageWanted)
    def _past_an_end(self, message: PictureGrid.PageWanted) -> None:
        message.widget.move_to(0 if message.direction < 0 else self.model_query.album.matching - 1)

    @on(PictureGrid.CapacityChanged)
    @on(MistakesBoard.Resized)
    def _other_room(self) -> None:
        self.call_after_refresh(self._changed)

    @on(ExampleView.Step)
    def _to_a_neighbour(self, message: ExampleView.Step) -> None:
        self.model_query.step(message.step)
        self._changed()

    @on(Heatmap.CellChosen)
    def _cell_chosen(self, message: Heatmap.CellChosen) -> None:
        self._filter(message.row, message.column)
        self._from_matrix = True

    @on(PairList.Chosen)
    def _pair_chosen(self, message: PairList.Chosen) -> None:
        self._filter(message.true, message.predicted)

    def _filter(self, true: int | None, predicted: int | None) -> None:
        self.model_query.filter_by(true, predicted)
        self._from_matrix = False
        self.board.walk(in_matrix=False)
        if true is not None and predicted is not None:
            self.query_one(Heatmap).move_to(true, predicted)
        self._changed()

    @on(PictureGrid.Opened)
    @on(RowList.Opened)
    def action_enlarge(self) -> None:
        if self.model_query.large:
            return
        if self.board.in_matrix:
            self.query_one(Heatmap).action_choose()
            return
        self.model_query.move_to(self.board.list.cursor)
        self.model_query.enlarge()
        self._changed()

    def action_back(self) -> None:
        """Out of the large view, out of the matrix, out of the filter: to where one came from."""
        if self.model_query.large:
            self.model_query.reduce()
        elif self.board.in_matrix:
            self.board.walk(in_matrix=False)
        elif self.model_query.is_filtered:
            back_to_matrix = self._from_matrix
            self._filter(None, None)
            self.board.walk(in_matrix=back_to_matrix)
        self._changed()

    def action_next_sort(self) -> None:
        self.model_query.next_sort()
        self._changed()

    def action_reverse(self) -> None:
        self.model_query.reverse()
        self._changed()

    def action_suspects(self) -> None:
        """The mistakes whose label may be wrong."""
        self.model_query.suspect()
        self._from_matrix = False
        self.board.walk(in_matrix=False)
        self._changed()

    def action_toggle_matrix(self) -> None:
        self.model_query.reduce()
        self.board.toggle_matrix()
        self._changed()

    def action_clear_filter(self) -> None:
        self._filter(None, None)

    def action_filter_side(self, true: int) -> None:
        """By the true class (else the predicted one) of the image, or of the cell, under the cursor."""
        image = self.model_query.image
        row, column = self.query_one(Heatmap).cursor
        if not self.board.in_matrix and image is not None:
            row, column = image.true, image.predicted
        if self.model_query.head is not None:
            self._filter(row if true else None, None if true else column)

    def action_next_pair(self) -> None:
        if (pair := following_pair(self.model_query.pairs, self.model_query.question)) is not None:
            self._filter(pair.true, pair.predicted)

    def action_next_side(self) -> None:
        if self.model_query.large:
            self.query_one(ExampleView).action_next_side(1)
