"""Vocabulary: softmax over 1,000 to 1,000,000 words, with each output layer: memory, time, and what sampling loses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from textual.app import ComposeResult
from textual.containers import Vertical

from engine.client import EngineGone
from engine.contract.engine_events import Heartbeat, Ready
from engine.contract.errors import InputError
from engine.contract.run_state import RunState
from engine.contract.vocabulary import METHODS, Method, VocabularyPlan, VocabularyQuestion
from engine.contract.wire import Event
from tui.commands import bindings_of
from tui.drawing.plain import plain
from tui.drawing.vocabulary_figures import FIRST_STOP, STOPS, sizes_up_to
from tui.drawing.vocabulary_page import Look
from tui.drawing.vocabulary_words import VIEWS, View, stop_at
from tui.engine_link import EngineLink
from tui.headless import vocabulary_command
from tui.panes.pane import Manner
from tui.panes.vocabulary_board import VocabularyBoard
from tui.panes.vocabulary_control import VocabularyControl
from tui.widgets.lines import Lines
from tui.widgets.vocabulary_form import VocabularyForm


class VocabularyPane(Vertical, can_focus=True):
    """Turns keys into plans and changes of the view; what was measured is told by the engine."""

    BINDINGS = bindings_of("vocabulary")  # type: ignore[assignment]

    def __init__(self, engine: EngineLink, manner: Manner) -> None:
        super().__init__(id="vocabulary")
        self._engine = engine
        self.control = VocabularyControl(engine)
        self.view: View = "table"
        self.stop = FIRST_STOP  # of the slider
        self._off: frozenset[Method] = frozenset()
        self._refusal = ""
        self._waiting: Callable[[], None] | None = None  # for the engine to be ready
        self.board = VocabularyBoard(manner, self._look)

    def compose(self) -> ComposeResult:
        yield self.board

    @property
    def words(self) -> int:
        """V, where the slider is."""
        return STOPS[self.stop]

    @property
    def chosen(self) -> tuple[Method, ...]:
        return tuple(method for method in METHODS if method not in self._off)

    # What the app tells

    def told(self, event: Event, run: RunState) -> None:
        """Takes note; drawing comes later and less often."""
        if isinstance(event, Heartbeat):
            return
        trouble = self.control.told(event)
        if self._engine.gone is not None:
            self._waiting = None
            self.control.gone()
        elif trouble:
            self._refuse(trouble)
            self.board.form.blame(trouble)
        elif isinstance(event, Ready):
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                waiting()
        self._learn_memory()
        self.board.frames.soon()

    def shown(self) -> None:
        self._learn_memory()
        self.board.frames.now()

    def going_on(self) -> str:
        """What leaving would end, as the first words of a question; "" for nothing."""
        doing = self.control.doing(False)
        return {"": "", "measure": "The vocabulary is being measured", "train": "The methods are still training"}[
            doing.what
        ]

    def headless_command(self) -> str:
        """What measures, or trains, the same."""
        try:
            return vocabulary_command(self._plan())
        except InputError:
            sizes = sizes_up_to(self.words)
            return vocabulary_command(VocabularyPlan(sizes=sizes, methods=self.chosen or METHODS))

    def _look(self) -> Look:
        question = self._question()
        control, race = self.control, self.control.results.race
        note = ""
        if self._engine.ready is None and self._engine.gone is None:
            note = "the engine is warming up"
        elif self.view == "training" and race is not None and race.words != self.words:
            note = f"shown: V = {race.words:,}"
        elif self.view != "training" and question is not None and control.results.measured:
            note = "" if control.results.of(question) else "measured with other settings"
        return Look(
            view=self.view,
            question=question,
            words=self.words,
            chosen=self.chosen,
            results=control.results,
            available=control.available,
            doing=control.doing(self._waiting is not None),
            trouble=plain(self._refusal) or (_restart(self._engine.gone) if self._engine.gone is not None else ""),
            note=note,
        )

    def _question(self) -> VocabularyQuestion | None:
        try:
            return self.board.form.form_text.question()
        except InputError:
            return None

    def _plan(self) -> VocabularyPlan:
        train = self.view == "training"
        sizes = (self.words,) if train else sizes_up_to(self.words)
        return self.board.form.form_text.plan(sizes, self.chosen, train=train)

    # Asking

    def _ask(self, question: Awaitable[object]) -> None:
        """A question never keeps the keys waiting; its refusal is a line."""
        self.run_worker(self._answered(question), group="vocabulary")

    async def _answered(self, question: Awaitable[object]) -> None:
        try:
            await question
        except InputError as error:
            self._refuse(str(error))
        except EngineGone as gone:
            self._refuse(_restart(gone))
        self.board.frames.now()

    def _learn_memory(self) -> None:
        """What is free decides what is refused; asked for once, and again for another device."""
        if not (self.is_attached and self.display and self._engine.ready is not None and self._engine.gone is None):
            return
        question = self._question()
        if question is not None and not self.control.knows_memory(question.device, question.memory):
            self._ask(self.control.learn_memory(question.device, question.memory))

    def _refuse(self, line: str) -> None:
        self._refusal = line

    def _blame(self, error: InputError) -> None:
        """A refusal of what was typed: shown at its field, which gets the focus."""
        self._refuse(str(error))
        name = self.board.form.blame(str(error))
        if name:
            self.board.show_form(True)
            self.call_after_refresh(self.board.form.focus_field, name)

    # Measuring and training

    def action_go(self) -> None:
        """Measures, or in the training view trains; ends either."""
        self._refusal = ""
        if self._waiting is not None:
            self._waiting = None
        elif self.control.plan is not None:
            self._ask(self.control.stop())
        else:
            self._begin()
        self.board.frames.now()

    def _begin(self) -> None:
        try:
            plan = self._plan()
        except InputError as error:
            self._blame(error)
            return
        self._fold()
        if self._engine.gone is not None:
            self._refuse(_restart(self._engine.gone))
        elif self._engine.ready is None:
            self._waiting = lambda: self._ask(self.control.run(plan))
        else:
            self._ask(self.control.run(plan))

    def _fold(self) -> None:
        """A form that covers everything makes room for the figures."""
        if self.board.form_covers:
            self.board.show_form(None)
        self.focus()

    # The form

    def on_vocabulary_form_changed(self) -> None:
        self._refusal = ""
        self._learn_memory()
        self.board.frames.soon()

    def on_vocabulary_form_left(self, message: VocabularyForm.Left) -> None:
        self.focus()

    def action_toggle_form(self) -> None:
        opened = not self.board.form_open
        self.board.show_form(opened)
        if opened:
            self.call_after_refresh(self.board.form.focus_field)
        else:
            self.focus()

    # How it is looked at

    def action_slide(self, by: int) -> None:
        """V to the next stop."""
        self._slide_to(self.stop + by)

    def action_slide_to_end(self, index: int) -> None:
        self._slide_to(index % len(STOPS))

    def _slide_to(self, stop: int) -> None:
        self.stop = max(0, min(stop, len(STOPS) - 1))
        self._refusal = ""
        self.board.frames.now()

    def action_toggle_method(self, index: int) -> None:
        """Leaves a method out, or takes it in again."""
        self._off ^= {METHODS[index]}
        self._refusal = ""
        self.board.frames.now()

    def action_show_table(self) -> None:
        self._show_view("table")

    def action_show_memory(self) -> None:
        self._show_view("memory")

    def action_show_time(self) -> None:
        self._show_view("time")

    def action_show_training(self) -> None:
        self._show_view("training")

    def action_next_view(self) -> None:
        views = [view for view, _, _ in VIEWS]
        self._show_view(views[(views.index(self.view) + 1) % len(views)])

    def _show_view(self, view: View) -> None:
        self.view, self._refusal = view, ""
        self._fold()
        self.board.frames.now()

    def action_back(self) -> None:
        """Out of the form, then to the table."""
        if self.board.form_covers:
            self._fold()
        elif self.view != "table":
            self._show_view("table")
        self.focus()
        self.board.frames.now()

    def on_lines_clicked(self, message: Lines.Clicked) -> None:
        message.stop()
        name = cast(str, message.lines.id)
        if name == "progress":
            self.action_go()
        elif name == "track" and (stop := stop_at(message.x, message.lines.size.width)) is not None:
            self._slide_to(stop)
        elif name == "table" and self.view != "training" and 1 <= message.y <= len(METHODS):
            self.action_toggle_method(message.y - 1)


def _restart(gone: EngineGone) -> str:
    return f"{gone}; ctrl+r starts it again"
