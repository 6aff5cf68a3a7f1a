"""Is the most likely label always the answer? A threshold to move, costs to weigh, probabilities to trust or not."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Button

from engine.contract.commands import ShowMonitor
from engine.contract.cost_matrix import cheapest_threshold
from engine.contract.errors import InputError
from tui.decide.board import DecideBoard
from tui.decide.cost_grid import CostGrid
from tui.decide.costs_panel import costs_in_file
from tui.decide.monitor_query import monitor_words
from tui.decide.pictures_panel import PicturesPanel
from tui.decide.query import DecideQuery
from tui.decide.scenario import decide_command, number_typed
from tui.decide.source import DecideSource
from tui.decide.view_panel import DecidePage
from tui.decide.words import VIEWS, View
from tui.drawing.form_text import at_field
from tui.pane.base import DisplayOptions
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.hints import Offer
from tui.pane.live_run import LiveRun
from tui.pane.run_choice import TO_TRAIN
from tui.pane.source_pane import SourcePane
from tui.widgets.field import Field
from tui.widgets.file_field import FileField
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row import Row
from tui.widgets.row_list import RowList
from tui.widgets.view_names import ViewNames

_NO_CHEAPEST = (
    "A single cheapest threshold exists only when the costs are one miss and one false alarm. Press d for those."
)


class DecidePane(SourcePane[DecideSource, DecideQuery], can_focus=True):
    """Turns keys into a question, and asks the engine one at a time."""

    REFRESH_SECONDS = 5.0  # a live run stands still for a tenth of one
    NOTHING_TO_FREEZE = "Only a live run changes, so there is nothing to freeze."
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("decide")

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__("decide", engine, options, live, DecideSource(options.opened), DecideQuery())
        self._view: View = "threshold"
        self.board = DecideBoard(options, self.model_query, self._page)

    def compose(self) -> ComposeResult:
        yield self.board

    def focus(self, scroll_visible: bool = True) -> Self:
        front = self.board.front(self._view)
        if front is None:
            return super().focus(scroll_visible)
        front.focus(scroll_visible)
        return self

    @property
    def offer(self) -> Offer | None:
        return self.board.offer if self.model_query.decision is not None else TO_TRAIN.offer(what="decisions")

    def answers_seen(self) -> frozenset[str]:
        decision = self.model_query.decision
        flips = self._view == "costs" and decision is not None and bool(decision.costs.flipped)
        return frozenset({"3"} if flips else ())

    def headless_command(self) -> str:
        matrix = self.model_query.matrix
        rows = matrix.rows if matrix is not None else None
        monitored = monitor_words(self.model_query.monitor.question.question)
        return decide_command(self.model_query.question, rows, self.model_query.sets.question, monitored)

    # Asking, and drawing what is answered

    def draw(self) -> None:
        self.board.frames.now()

    def draw_answer(self) -> None:
        self.board.frames.soon()

    def _fetch(self) -> None:
        panel = self.board.panels[self._view]
        self.model_query.view = self._view
        if self.is_mounted:
            self.model_query.wants_images = panel.shows_pictures
            if isinstance(panel, PicturesPanel):
                self.model_query.capacity = panel.gallery.capacity
        super()._fetch()

    def _changed(self) -> None:
        """The question has: the fields show it at once, figures and charts when the answer comes."""
        if self.model_query.shown is not None:
            self.board.draw_fields(self._page())
        self._fetch()

    def _page(self) -> DecidePage:
        source, query = self._source, self.model_query
        shown, dataset = query.shown, query.dataset
        return DecidePage(
            view=self._view,
            style=self.style,
            source=source.words_after(shown.epoch if shown is not None else 0),
            together=source.together,
            seeds=bool(source.together) or (dataset is not None and not source.why_no_seeds(dataset)),
            invitation=source.invitation(self.refusal, self.engine_loads, what="decisions"),
            tour=self.tour,
        )

    # Views

    @on(ViewNames.Chosen)
    def _view_chosen(self, message: ViewNames.Chosen) -> None:
        self._show_view(message.view)  # type: ignore[arg-type]

    def action_show_view(self, view: View) -> None:
        self._show_view(view)

    def action_next_view(self, step: int) -> None:
        self._show_view(VIEWS[(VIEWS.index(self._view) + step) % len(VIEWS)])

    def _show_view(self, view: View) -> None:
        self._view = view
        self.board.frames.now()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """Once what is in front is laid out: the keys go there, and what it lacks is asked for."""
        self.focus()
        self._fetch()
        self.board.frames.now()

    def action_next_front(self) -> None:
        """The next figures of Threshold; from another view to that view first."""
        if self._view == "threshold":
            self.board.threshold.next_figures()
        self._show_view("threshold")

    def action_next_groups(self) -> None:
        """Groups made by something else."""
        if not self.model_query.next_groups() and (decision := self.model_query.decision) is not None:
            self.app.notify(decision.groups.why_none, markup=False, timeout=8)
        self._changed()

    @on(DecideBoard.Resized)
    @on(PictureGrid.CapacityChanged)
    def _other_room(self) -> None:
        self.call_after_refresh(self._fetch)

    # Numbers

    def action_next_positive(self, step: int) -> None:
        self.model_query.next_positive(step)
        self._changed()

    def action_move(self, step: int, coarse: bool = False) -> None:
        """The number of the view: the threshold, or what a referral costs."""
        self.board.panels[self._view].move(self.model_query, step, coarse)
        self._changed()

    def action_cheapest_threshold(self) -> None:
        matrix = self.model_query.matrix
        cheapest = cheapest_threshold(matrix, self.model_query.positive) if matrix is not None else math.nan
        if cheapest != cheapest:
            self.app.notify(_NO_CHEAPEST, markup=False, timeout=8)
            return
        self.model_query.change(replace(self.model_query.question, threshold=cheapest))
        self._changed()

    def action_edit(self) -> None:
        if self.model_query.shown is not None:
            self.board.panels[self._view].first_field.edit()

    @on(Row.Pressed)
    def _pressed(self, message: Row.Pressed) -> None:
        """One click edits; the class turns."""
        message.stop()
        if isinstance(message.widget, Field):
            message.widget.edit()

    @on(Field.Done)
    def _edited(self, message: Field.Done) -> None:
        """On to the field beside it, or back to the pane."""
        message.stop()
        if message.aside:
            return
        numbers = self.board.panels[self._view].numbers
        if message.rows:
            numbers[(numbers.index(message.widget) + message.rows) % len(numbers)].edit()
        else:
            self.focus()

    @on(Field.Edited)
    def _typed(self, message: Field.Edited) -> None:
        message.stop()
        field = message.widget
        panel = self.board.panels[self._view]
        if field.choices:
            panel.choose(self.model_query, field.setting.name, field.text)
            self._changed()
            return
        try:
            value = number_typed(field.setting, field.text)
            panel.type_number(self.model_query, field.setting.name, value)
        except InputError as error:
            field.show_message(at_field(field.setting, str(error)), default=False)
            return
        field.show_message("", default=value == field.setting.default)
        self._changed()

    def action_back(self) -> None:
        """Out of a field, out of the pictures."""
        panel = self.board.panels[self._view]
        if isinstance(panel, PicturesPanel) and panel.in_pictures and self.screen.focused is panel.front:
            self.action_toggle_pictures()
        else:
            self.focus()
            self.board.frames.now()

    # Costs

    @on(Button.Pressed, "#preset")
    def action_next_preset(self) -> None:
        self.model_query.change_costs(self.model_query.question.costs.next_preset())
        self._changed()
        self.focus()

    @on(CostGrid.Typed)
    def _cost_typed(self, message: CostGrid.Typed) -> None:
        matrix = self.model_query.matrix
        if matrix is not None:
            costs = self.model_query.question.costs.with_cell(matrix, message.row, message.column, message.cost)
            self.model_query.change_costs(costs)
            self._changed()

    def action_undo(self) -> None:
        if not self.model_query.undo_costs():
            self.app.notify("Nothing to undo.", markup=False)
        self._changed()

    def action_read_costs(self) -> None:
        if self.model_query.shown is not None:
            self._show_view("costs")
            self.call_after_refresh(self.board.costs.file.ask, self.model_query.question.costs.path or "costs.csv")

    @on(FileField.Named)
    def _file_named(self, message: FileField.Named) -> None:
        message.stop()
        self.run_worker(self._read_costs(message.name.strip()), exclusive=True, group="costs")

    async def _read_costs(self, name: str) -> None:
        names = self.model_query.names
        try:
            matrix = await costs_in_file(name, names)
        except InputError as error:
            self.board.costs.file.show_message(str(error))
            return
        if names == self.model_query.names:
            self.model_query.change_costs(self.model_query.question.costs.with_file(matrix, name))
        self.focus()
        self._changed()

    @on(FileField.Left)
    def _file_left(self) -> None:
        self.focus()

    # Sets

    @on(Button.Pressed, "#method")
    def action_next_method(self) -> None:
        """How sets are made; in Monitor how images change."""
        if self._view == "monitor":
            self._ask_monitor(self.model_query.monitor.next_change())
            return
        if self._view != "sets":
            self._show_view("sets")
            return
        self.model_query.ask_own("sets", self.model_query.sets.by_next_method())
        self._changed()
        self.focus()

    # Pictures

    def action_toggle_pictures(self) -> None:
        """Between the figures and the images of a view; the keys go there. From a view without images to the costs."""
        has_some = self.board.panels[self._view].toggle_pictures()
        self._show_view(self._view if has_some else "costs")

    @on(RowList.Highlighted, "#kinds")
    def _kind_chosen(self, message: RowList.Highlighted) -> None:
        self.model_query.choose_kind(message.index - 1 if message.index else None)
        self._fetch()
        self.board.frames.now()

    def action_next_size(self, step: int) -> None:
        """The images with larger sets (1) or smaller ones (−1); in Monitor a weaker or a stronger change."""
        if self._view == "monitor":
            self._ask_monitor(self.model_query.monitor.strengthened(-step))
        if self._view == "sets":
            self.board.sets.query_one("#sizes", RowList).action_move(step)

    @on(RowList.Highlighted, "#sizes")
    def _size_chosen(self, message: RowList.Highlighted) -> None:
        self.model_query.sets.choose_row(message.index)
        self._fetch()
        self.board.frames.now()

    @on(PictureGrid.Highlighted)
    @on(RowList.Highlighted, "#rows")
    def _moved(self, message: PictureGrid.Highlighted | RowList.Highlighted) -> None:
        self.model_query.move_cursor(message.index)
        self._fetch()

    # The stream

    def action_next_stream(self) -> None:
        if self._view == "monitor":
            self._ask_monitor(self.model_query.monitor.next_stream())
        else:
            self._show_view("monitor")

    def _ask_monitor(self, question: ShowMonitor) -> None:
        self.model_query.ask_own("monitor", question)
        self._changed()

    # Several models at once

    @on(Button.Pressed, "#seeds")
    def action_together(self) -> None:
        """The seeds of one setting after the other, then one run alone again."""
        self.run_worker(self._ask_together(), exclusive=True, group="runs")

    async def _ask_together(self) -> None:
        refusal = await self._learn_runs()
        dataset = self.model_query.dataset
        if not refusal:
            refusal = self._source.why_no_seeds(dataset) if dataset is not None else "No model is chosen yet."
        if refusal or dataset is None:
            self.app.notify(refusal, markup=False, timeout=10)
            return
        self._source.next_seeds(dataset)
        self._look()
        self.focus()
