"""What the model gets wrong: a gallery, the confusion matrix to walk in, and each image large."""

from __future__ import annotations

from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from engine.contract.engine_events import Ready
from engine.contract.run_state import RunState
from engine.contract.wire import Event
from tui.drawing.pixels import PIXEL_STYLES, PixelStyle
from tui.mistakes.board import MistakesBoard
from tui.mistakes.example_view import ExampleView
from tui.mistakes.filling import Look
from tui.mistakes.heatmap import Heatmap
from tui.mistakes.pair_list import PairList
from tui.mistakes.query import Inquiry
from tui.mistakes.words import following_pair, mistakes_command
from tui.pane.base import Manner
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.fetcher import Conversation
from tui.pane.run_choice import RunChoice
from tui.pane.themes import palette_of
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList

_REFRESH_SECONDS = 1.0  # of a live run; thrice as long over a slow line


class MistakesPane(Vertical):
    """Owns what is looked at; asks the engine for pages just around it, one question at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("mistakes")]

    def __init__(self, engine: EngineLink, manner: Manner) -> None:
        super().__init__(id="mistakes")
        self._engine, self._manner = engine, manner
        self._inquiry = Inquiry()
        self._choice = RunChoice(manner.opened)
        self.board = MistakesBoard()
        self._style: PixelStyle = "ascii"
        self._frozen = False
        self._conversation = Conversation(engine, self._inquiry)
        self._from_matrix = False  # whether the filter was chosen there, so that esc leads back
        self._asked_at: object = None  # how far the live run was when it was last asked

    def compose(self) -> ComposeResult:
        yield self.board

    def focus(self, scroll_visible: bool = True) -> Self:
        self.board.focus(scroll_visible)
        return self

    def on_mount(self) -> None:
        self.set_interval(_REFRESH_SECONDS * (3 if self._manner.slow else 1), self.follow)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())
        if self._choice.file:
            self._look()
        self._draw()

    # What the app tells

    def told(self, event: Event, run: RunState) -> None:
        another = run.run_id != self._choice.live.run_id
        self._choice.live = run
        if isinstance(event, Ready):
            self._inquiry.refresh()
            self._list_runs()
        if another and self._choice.following:
            self._look()
        elif isinstance(event, Ready):
            self._inquire()

    def shown(self) -> None:
        self._list_runs()
        self.follow()
        self._draw()

    def look_at(self, source: str) -> None:
        """A stored run, or a predictions file."""
        self._choice.chosen = source
        self._look()

    def follow(self) -> None:
        """Asks again where the live run has moved on since, unless it is frozen or nobody looks."""
        live = self._choice.live
        now = (live.run_id, live.position, live.status)
        if self.display and self._choice.following and live.run_id and not self._frozen and now != self._asked_at:
            self._asked_at = now
            self._inquiry.refresh()
        self._inquire()

    def headless_command(self) -> str:
        return mistakes_command(self._inquiry.question, self._inquiry.capacity, self._style)

    # The conversation with the engine

    def _look(self) -> None:
        """At the run chosen, from the start."""
        self._frozen, self._asked_at, self._from_matrix = False, None, False
        self._inquiry.look_at(self._choice.run_id, self._choice.dataset)
        self._draw()
        self.follow()

    def _inquire(self) -> None:
        if self.display and not self._conversation.under_way:
            self.run_worker(self._conversation.go_on(lambda: bool(self.display), self._draw), group="pages")

    def _list_runs(self, step: int = 0) -> None:
        if step or self._engine.ready is not None:
            self.run_worker(self._learn_runs(step), exclusive=True, group="runs")

    async def _learn_runs(self, step: int) -> None:
        """Which runs are stored; then so many steps on in their circle."""
        refusal = await self._conversation.learn_runs(self._choice)
        if step and not refusal and self._choice.turn(step):
            self._look()
        elif step:
            self.app.notify(refusal or "There is no other run to look at.", markup=False)
        self._draw()

    def _draw(self) -> None:
        if self.is_mounted and self.display:
            self.board.draw(self._inquiry, self._look_now())

    def _changed(self) -> None:
        self._draw()
        self._inquire()

    def _look_now(self) -> Look:
        choice, ready = self._choice, self._engine.ready is not None
        run = choice.words(self._frozen)
        invitation = choice.invitation(self._inquiry.refusal, ready)
        return Look(palette_of(self.app.theme), self._style, run, invitation)

    # What is pressed and clicked

    @on(PictureGrid.Highlighted)
    @on(RowList.Highlighted)
    def _moved(self, message: PictureGrid.Highlighted | RowList.Highlighted) -> None:
        if self.board.moved(self._inquiry, self._look_now(), message.index):
            self._inquire()

    @on(PictureGrid.PageWanted)
    def _past_an_end(self, message: PictureGrid.PageWanted) -> None:
        message.grid.move_to(0 if message.direction < 0 else self._inquiry.album.matching - 1)

    @on(PictureGrid.CapacityChanged)
    @on(MistakesBoard.Resized)
    def _other_room(self) -> None:
        self.call_after_refresh(self._changed)

    @on(ExampleView.Step)
    def _to_a_neighbour(self, message: ExampleView.Step) -> None:
        self._inquiry.step(message.step)
        self._changed()

    @on(Heatmap.CellChosen)
    def _cell_chosen(self, message: Heatmap.CellChosen) -> None:
        self._filter(message.row, message.column)
        self._from_matrix = True

    @on(PairList.Chosen)
    def _pair_chosen(self, message: PairList.Chosen) -> None:
        self._filter(message.true, message.predicted)

    def _filter(self, true: int | None, predicted: int | None) -> None:
        self._inquiry.filter_by(true, predicted)
        self._from_matrix = False
        self.board.walk(in_matrix=False)
        if true is not None and predicted is not None:
            self.query_one(Heatmap).move_to(true, predicted)
        self._changed()

    @on(PictureGrid.Opened)
    @on(RowList.Opened)
    def action_enlarge(self) -> None:
        if self._inquiry.large:
            return
        if self.board.in_matrix:
            self.query_one(Heatmap).action_choose()
            return
        self._inquiry.move_to(self.board.list.cursor)
        self._inquiry.enlarge()
        self._changed()

    def action_back(self) -> None:
        """Out of the large view, out of the matrix, out of the filter: to where one came from."""
        question = self._inquiry.question
        if self._inquiry.large:
            self._inquiry.reduce()
        elif self.board.in_matrix:
            self.board.walk(in_matrix=False)
        elif question.true is not None or question.predicted is not None:
            back_to_matrix = self._from_matrix
            self._filter(None, None)
            self.board.walk(in_matrix=back_to_matrix)
        self._changed()

    def action_next_style(self) -> None:
        self._style = PIXEL_STYLES[(PIXEL_STYLES.index(self._style) + 1) % len(PIXEL_STYLES)]
        self._draw()

    def action_next_sort(self) -> None:
        self._inquiry.next_sort()
        self._changed()

    def action_reverse(self) -> None:
        self._inquiry.reverse()
        self._changed()

    def action_suspects(self) -> None:
        """The mistakes that the model is surest of: the label may be wrong."""
        self._inquiry.sort_by("confidence", True)
        self._filter(None, None)

    def action_toggle_matrix(self) -> None:
        self._inquiry.reduce()
        self.board.toggle_matrix()
        self._changed()

    def action_clear_filter(self) -> None:
        self._filter(None, None)

    def action_filter_side(self, true: int) -> None:
        """By the true class (else the predicted one) of the image, or of the cell, under the cursor."""
        image = self._inquiry.image
        row, column = self.query_one(Heatmap).cursor
        if not self.board.in_matrix and image is not None:
            row, column = image.true, image.predicted
        if self._inquiry.head is not None:
            self._filter(row if true else None, None if true else column)

    def action_next_pair(self) -> None:
        if (pair := following_pair(self._inquiry.pairs, self._inquiry.question)) is not None:
            self._filter(pair.true, pair.predicted)

    def action_next_side(self) -> None:
        if self._inquiry.large:
            self.query_one(ExampleView).action_next_side(1)

    def action_freeze(self) -> None:
        if not self._choice.following:
            self.app.notify("A stored run holds still by itself.", markup=False)
            return
        self._frozen = not self._frozen
        self.follow()
        self._draw()

    def action_other_run(self, step: int) -> None:
        self._list_runs(step)
