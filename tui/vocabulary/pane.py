"""Vocabulary: softmax over 1,000 to 1,000,000 words, with each output layer: memory, time, and what sampling loses."""

from __future__ import annotations

from typing import cast

from engine.contract.engine_events import Ready, WarmingUp
from engine.contract.errors import InputError
from engine.contract.vocabulary import METHODS, Method, VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyStarted
from engine.contract.wire import Event
from engine.verdicts.vocabulary_text import unknown_note
from tui.pane.base import DisplayOptions
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.headless import vocabulary_command
from tui.pane.hearing import silence_of
from tui.pane.live_run import LiveRun
from tui.pane.measuring import MeasuringPane
from tui.vocabulary.board import VocabularyBoard
from tui.vocabulary.control import VocabularyControl
from tui.vocabulary.figures import FIRST_STOP, sizes_up_to, stops_of
from tui.vocabulary.form import texts_of
from tui.vocabulary.page import VocabularyPage
from tui.vocabulary.words import VIEWS, View, stop_at
from tui.widgets.lines import Lines


class VocabularyPane(MeasuringPane[VocabularyBoard, VocabularyControl, View]):
    """Output layers over a slider of vocabularies, measured and trained."""

    BINDINGS = bindings_of("vocabulary")

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__("vocabulary", engine, options, live, VocabularyControl(engine), VIEWS)
        self._stop = FIRST_STOP  # of the slider
        self._most_words: dict[str, int] = {}  # by text, once the engine has read it
        self._off: frozenset[Method] = frozenset()
        self._curves = False
        self.board = VocabularyBoard(options, self._page)

    @property
    def stops(self) -> tuple[int, ...]:
        """Where the slider can be: a text has so many words and no more."""
        return stops_of(self._most_words.get(self._text, 0))

    @property
    def stop(self) -> int:
        """Where the slider is, of `stops`."""
        return min(self._stop, len(self.stops) - 1)

    @property
    def words(self) -> int:
        """V, where the slider is."""
        return self.stops[self.stop]

    @property
    def _text(self) -> str:
        return self.board.form.form_text.texts["text"].strip()

    @property
    def chosen(self) -> tuple[Method, ...]:
        """The methods that are not left out."""
        return tuple(method for method in METHODS if method not in self._off)

    # What the app tells

    def on_engine_event(self, event: Event) -> bool:
        """Takes note; drawing comes later and less often."""
        if isinstance(event, WarmingUp):
            self._refusal = ""  # what was said of the engine before
        trouble = self.control.told(event)
        if isinstance(event, VocabularyStarted) and event.text is not None:
            self._most_words[event.plan.question.text] = event.text.most_words
        if self._engine.gone is not None:
            self.control.gone()
        elif trouble:
            self.refuse(trouble)
            self._most_words.pop(self._text, None)  # it may be another text by now
            self.board.form.blame(trouble)
        self.redraw()
        if isinstance(event, Ready):
            self.begin_what_waits()
        self._learn_memory()
        return bool(trouble) and self.display

    def shown(self) -> None:
        self._learn_memory()
        super().shown()

    def going_on(self) -> str:
        """What leaving would end, as the first words of a question; "" for nothing."""
        doing = self.control.doing()
        return {"": "", "measure": "The vocabulary is being measured", "train": "The methods are still training"}[
            doing.what
        ]

    def answers_seen(self) -> frozenset[str]:
        page = self._page()
        told = page.view == "table" and bool(page.chosen) and page.question is not None and not page.trouble
        return frozenset({"4"} if told and not self.board.form_covers else ())

    def headless_command(self) -> str:
        """What measures, or trains, the same.

        Raises:
            InputError: with the first line that is wrong in the form.
        """
        return vocabulary_command(self._plan(whole=True))

    def _page(self) -> VocabularyPage:
        plan = self.control.plan
        measuring = plan is not None and not plan.train
        question = plan.question if plan is not None and measuring else self._question()
        control, race = self.control, self.control.results.race
        note = ""
        if self._engine.ready is None and self._engine.gone is None:
            note = "the engine is starting"
        elif self.view == "training" and race is not None and race.words != self.words:
            note = f"shown: V = {race.words:,}"
        elif self.view != "training" and question is not None and control.results.measured:
            note = "" if control.results.of(question) else "measured with other settings"
        if not note and control.results.ended is not None and control.results.ended.status == "stopped":
            note = "stopped; the measured figures are kept"
        if not note and self.view == "training" and race is not None and race.whole:
            note = unknown_note(next(iter(race.trained.values())).unknown_share)
        if not note and self._text in self._most_words and self.stop == len(self.stops) - 1:
            note = "all words of the text"
        return VocabularyPage(
            view=self.view,
            question=question,
            stops=self.stops,
            stop=self.stop,
            sizes=self._sizes(question),
            chosen=self.chosen,
            results=control.results,
            available=control.available,
            ranks=self._engine.ready.ranks if self._engine.ready is not None else 1,
            curves=self._curves,
            doing=control.doing(),
            trouble=self.trouble,
            note=note,
            started_with=self._started_with(),
            tour=self.tour,
        )

    def _started_with(self) -> dict[str, str]:
        """Figures that were measured are always of the form's settings; what is going on, and training, is not."""
        plan, race = self.control.plan, self.control.results.race
        if plan is not None and plan.train == (self.view == "training"):
            return texts_of(plan.question)
        return texts_of(race.question) if self.view == "training" and race is not None else {}

    def _question(self) -> VocabularyQuestion | None:
        try:
            return self.board.form.form_text.question()
        except InputError:
            return None

    def _plan(self, whole: bool = False) -> VocabularyPlan:
        """What space does; `whole` is all that comes to the figures in front."""
        unread = bool(self._text) and self._text not in self._most_words
        sizes = sizes_up_to(self.words) if whole and self.view != "training" else self._sizes(self._question())
        return self.board.form.form_text.plan(sizes, self.chosen, train=self.view == "training", up_to_text=unread)

    def _sizes(self, question: VocabularyQuestion | None) -> tuple[int, ...]:
        """What is measured by space: what is not measured yet up to the slider, or once more where that is."""
        if self.view == "training":
            return (self.words,)
        known = self.control.results.of(question) if question is not None else ()
        done = {(one.vocabulary_size, one.method) for one in known}
        left = [size for size in sizes_up_to(self.words) if any((size, method) not in done for method in self.chosen)]
        return tuple(left) or (self.words,)

    # Asking

    def _learn_memory(self) -> None:
        """What is free decides what is refused; asked for once, and again for another device."""
        if not (self.is_attached and self.display and self._engine.ready is not None and self._engine.gone is None):
            return
        question = self._question() if not silence_of(self) else None
        if question is not None and not self.control.knows_memory(question.device, question.memory):
            self.ask(self.control.learn_memory(question.device, question.memory))

    # Measuring and training

    def begin_or_end(self) -> None:
        if self.control.plan is not None:
            self.ask(self.control.stop())
        else:
            self._begin()

    def _begin(self) -> None:
        self.board.form.keep()
        try:
            plan = self._plan()
        except InputError as error:
            self.blame(str(error))
            return
        self.fold()
        self.when_ready(lambda: self.ask(self.control.run(plan)))

    # The form

    def on_lab_form_changed(self) -> None:
        self._learn_memory()

    # How it is looked at

    def action_slide(self, by: int) -> None:
        """V to the next stop."""
        self._slide_to(self.stop + by)

    def action_slide_to_end(self, index: int) -> None:
        self._slide_to(index % len(self.stops))

    def _slide_to(self, stop: int) -> None:
        self._stop = max(0, min(stop, len(self.stops) - 1))
        self._refusal = ""
        self.board.frames.now()

    def action_toggle_method(self, index: int) -> None:
        """Leaves a method out, or takes it in again."""
        self._off ^= {METHODS[index]}
        self._refusal = ""
        self.board.frames.now()

    def action_show_memory(self) -> None:
        self.show_view("memory")

    def action_show_training(self) -> None:
        """Again: its curves, where a low terminal has the table in their place."""
        self._curves = self.view == "training" and not self._curves
        super().action_show_training()

    def on_lines_clicked(self, message: Lines.Clicked) -> None:
        message.stop()
        name = cast(str, message.widget.id)
        if name == "progress":
            self.action_go()
        elif name == "track" and (stop := stop_at(message.x, message.widget.size.width, self.stops)) is not None:
            self._slide_to(stop)
        elif name == "table" and self.view != "training" and 1 <= message.y <= len(METHODS):
            self.action_toggle_method(message.y - 1)
