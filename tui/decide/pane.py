"""Is the most likely label always the answer? A threshold to move, costs to weigh, probabilities to trust or not."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Button

from engine.contract.engine_events import Ready
from engine.contract.errors import InputError
from engine.contract.run_state import RunState
from engine.contract.wire import Event
from tui.decide.board import DecideBoard, Look
from tui.decide.cost_grid import CostGrid
from tui.decide.costs_file import costs_in_file
from tui.decide.query import DecideInquiry
from tui.decide.question import decide_command, moved, number_typed
from tui.decide.source import DecideSource
from tui.decide.words import VIEWS, View
from tui.drawing.form_text import at_field
from tui.drawing.pixels import PIXEL_STYLES, PixelStyle
from tui.pane.base import Manner
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.fetcher import Conversation
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.file_field import FileField
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList
from tui.widgets.view_names import ViewNames

_REFRESH_SECONDS = 5.0  # of a live run, which stands still for a tenth of one; thrice as long over a slow line


class DecidePane(Vertical, can_focus=True):
    """Turns keys into a question, and asks the engine one at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("decide")]

    def __init__(self, engine: EngineLink, manner: Manner) -> None:
        super().__init__(id="decide")
        self._engine, self._manner = engine, manner
        self.inquiry = DecideInquiry()
        self._source = DecideSource(manner.opened)
        self._conversation = Conversation(engine, self.inquiry)
        self._view: View = "threshold"
        self._style: PixelStyle = "ascii"
        self.board = DecideBoard(manner, self.inquiry, self._look_now)

    def compose(self) -> ComposeResult:
        yield self.board

    def focus(self, scroll_visible: bool = True) -> Self:
        front = self.board.front(self._view)
        if front is None:
            return super().focus(scroll_visible)
        front.focus(scroll_visible)
        return self

    def on_mount(self) -> None:
        self.set_interval(_REFRESH_SECONDS * (3 if self._manner.slow else 1), self.follow)
        self._look()

    # What the app tells

    def told(self, event: Event, run: RunState) -> None:
        another = self._source.told(run)
        if isinstance(event, Ready):
            self.inquiry.refresh()
            self._list_runs()
        if another:
            self._look()
        elif isinstance(event, Ready):
            self._inquire()

    def shown(self) -> None:
        self._list_runs()
        self.follow()
        self.board.frames.now()

    def look_at(self, source: str) -> None:
        """A stored run, or a predictions file."""
        self._source.look_at(source)
        self._look()

    def follow(self) -> None:
        """Asks again where the live run has moved on since, unless it is frozen or nobody looks."""
        if self.display and self._source.moved_on():
            self.inquiry.refresh()
        self._inquire()

    def headless_command(self) -> str:
        matrix = self.inquiry.matrix
        return decide_command(self.inquiry.question, matrix.rows if matrix is not None else None)

    # The conversation with the engine

    def _look(self) -> None:
        """At what is chosen, from the start."""
        source = self._source
        source.begin()
        self.inquiry.look_at(source.choice.run_id, source.choice.dataset, source.members)
        self.follow()
        self.board.frames.now()

    def _inquire(self) -> None:
        if not self.display or not self.is_mounted:
            return
        costs = self.board.costs
        self.inquiry.wants_images = self._view == "costs" and costs.shows_pictures
        self.inquiry.capacity = costs.list.capacity
        if not self._conversation.under_way:
            self.run_worker(
                self._conversation.go_on(lambda: bool(self.display), self.board.frames.soon), group="decide"
            )

    def _list_runs(self, step: int = 0) -> None:
        if step or self._engine.ready is not None:
            self.run_worker(self._learn_runs(step), exclusive=True, group="runs")

    async def _learn_runs(self, step: int) -> None:
        """Which runs are stored; then so many steps on in their circle."""
        refusal = await self._conversation.learn_runs(self._source.choice)
        if step and not refusal and self._source.turn(step):
            self._look()
        elif step:
            self.app.notify(refusal or "There is no other run to look at.", markup=False)
        self.board.frames.now()

    def _changed(self) -> None:
        """The question has: the fields show it at once, figures and charts when the answer comes."""
        if self.inquiry.shown is not None:
            self.board.draw_fields(self._look_now())
        self._inquire()

    def _look_now(self) -> Look:
        source, inquiry = self._source, self.inquiry
        ready, shown, dataset = self._engine.ready is not None, inquiry.shown, inquiry.dataset
        return Look(
            view=self._view,
            style=self._style,
            source=source.words(shown.epoch if shown is not None else 0),
            together=source.together,
            seeds=bool(source.together) or (dataset is not None and not source.why_no_seeds(dataset)),
            invitation=source.choice.invitation(inquiry.refusal, ready, what="decisions"),
        )

    # Views

    @on(ViewNames.Chosen)
    def _view_chosen(self, message: ViewNames.Chosen) -> None:
        self._show_view(message.view)  # type: ignore[arg-type]

    def action_next_view(self, step: int) -> None:
        self._show_view(VIEWS[(VIEWS.index(self._view) + step) % len(VIEWS)])

    def _show_view(self, view: View) -> None:
        self._view = view
        self.board.frames.now()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """Once what is in front is laid out: the keys go there, and what it lacks is asked for."""
        self.focus()
        self._inquire()
        self.board.frames.now()

    @on(DecideBoard.Resized)
    @on(PictureGrid.CapacityChanged)
    def _other_room(self) -> None:
        self.call_after_refresh(self._inquire)

    # Numbers

    def action_next_positive(self, step: int) -> None:
        self.inquiry.next_positive(step)
        self._changed()

    @on(Choice.Chosen)
    def _class_chosen(self, message: Choice.Chosen) -> None:
        message.stop()
        positive = self.board.threshold.class_of(message.value)
        if message.choice.has_focus and positive is not None:
            self.inquiry.choose_positive(positive)
            self._changed()

    def action_move(self, step: int, coarse: bool = False) -> None:
        """The number of the view: the threshold, or what a referral costs."""
        question = self.inquiry.question
        if self._view == "threshold":
            self.inquiry.change(replace(question, threshold=moved(question.threshold, step, coarse)))
        elif self._view == "trust":
            self.inquiry.change(replace(question, referral=moved(question.referral, step, coarse)))
        self._changed()

    def action_cheapest_threshold(self) -> None:
        matrix = self.inquiry.matrix
        if matrix is None or matrix.threshold != matrix.threshold:
            self.app.notify("Only a miss and a false alarm have one cheapest threshold: d goes there.", markup=False)
            return
        self.inquiry.change(replace(self.inquiry.question, threshold=matrix.threshold))
        self._changed()

    def action_edit(self) -> None:
        if self.inquiry.shown is not None:
            self.board.first_field(self._view).focus_control()

    @on(Field.Edited)
    def _typed(self, message: Field.Edited) -> None:
        message.stop()
        field = message.field
        if not field.has_focus_within:  # a key has written it
            return
        try:
            value = number_typed(field.setting, message.text)
        except InputError as error:
            field.show_message(at_field(field.setting, str(error)), default=False)
            return
        field.show_message("", default=value == field.setting.default)
        self.inquiry.type_number(field.setting.name, value)
        self._changed()

    def action_back(self) -> None:
        """Out of a field, out of the pictures."""
        if self.board.costs.in_pictures and self._view == "costs" and self.screen.focused is self.board.costs.front:
            self.action_toggle_pictures()
        else:
            self.focus()
            self.board.frames.now()

    # Costs

    @on(Button.Pressed, "#preset")
    def action_next_preset(self) -> None:
        self.inquiry.change_costs(self.inquiry.question.costs.next_preset())
        self._changed()
        self.focus()

    @on(CostGrid.Typed)
    def _cost_typed(self, message: CostGrid.Typed) -> None:
        matrix = self.inquiry.matrix
        if matrix is not None:
            costs = self.inquiry.question.costs.with_cell(matrix, message.row, message.column, message.cost)
            self.inquiry.change_costs(costs)
            self._changed()

    def action_undo(self) -> None:
        if not self.inquiry.undo_costs():
            self.app.notify("Nothing to take back.", markup=False)
        self._changed()

    def action_read_costs(self) -> None:
        if self.inquiry.shown is not None:
            self._show_view("costs")
            self.call_after_refresh(self.board.costs.file.ask, self.inquiry.question.costs.path or "costs.csv")

    @on(FileField.Named)
    def _file_named(self, message: FileField.Named) -> None:
        message.stop()
        self.run_worker(self._read_costs(message.name.strip()), exclusive=True, group="costs")

    async def _read_costs(self, name: str) -> None:
        names = self.inquiry.names
        try:
            matrix = await costs_in_file(name, names)
        except InputError as error:
            self.board.costs.file.show_message(str(error))
            return
        if names == self.inquiry.names:
            self.inquiry.change_costs(self.inquiry.question.costs.with_file(matrix, name))
        self.focus()
        self._changed()

    @on(FileField.Left)
    def _file_left(self) -> None:
        self.focus()

    # Pictures

    def action_toggle_pictures(self) -> None:
        """Between the matrix and the images that flip; the keys go there."""
        costs = self.board.costs
        costs.in_pictures = self._view == "costs" and not costs.in_pictures
        costs.fit(costs.has_class("-tight"))
        self._show_view("costs")

    @on(RowList.Highlighted, "#kinds")
    def _kind_chosen(self, message: RowList.Highlighted) -> None:
        self.inquiry.choose_kind(message.index - 1 if message.index else None)
        self._inquire()
        self.board.frames.now()

    @on(PictureGrid.Highlighted)
    @on(RowList.Highlighted, "#rows")
    def _moved(self, message: PictureGrid.Highlighted | RowList.Highlighted) -> None:
        self.inquiry.cursor = message.index
        self._inquire()

    def action_next_style(self) -> None:
        self._style = PIXEL_STYLES[(PIXEL_STYLES.index(self._style) + 1) % len(PIXEL_STYLES)]
        self.board.frames.now()

    # Sources

    def action_other_run(self, step: int) -> None:
        self._list_runs(step)

    def action_freeze(self) -> None:
        if not self._source.choice.following:
            self.app.notify("Only a live run has to be held still.", markup=False)
            return
        self._source.frozen = not self._source.frozen
        self.follow()
        self.board.frames.now()

    @on(Button.Pressed, "#seeds")
    def action_together(self) -> None:
        """The seeds of one setting after the other, then one run alone again."""
        self.run_worker(self._ask_together(), exclusive=True, group="runs")

    async def _ask_together(self) -> None:
        refusal = await self._conversation.learn_runs(self._source.choice)
        dataset = self.inquiry.dataset
        if not refusal:
            refusal = self._source.why_no_seeds(dataset) if dataset is not None else "Nothing is looked at yet."
        if refusal or dataset is None:
            self.app.notify(refusal, markup=False, timeout=10)
            return
        self._source.next_seeds(dataset)
        self._look()
        self.focus()
