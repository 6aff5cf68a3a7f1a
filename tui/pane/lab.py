"""What the panes with a form have in common: asking the engine, saying what it refused, and the way into the form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Generic, Self, TypeVar

from textual.app import ComposeResult

from engine.contract.commands import Command, Stop
from engine.contract.errors import InputError
from engine.contract.progress import Progress
from engine.processes.client import Engine, EngineGone
from tui.drawing.plain import plain
from tui.pane.base import DisplayOptions, Pane
from tui.pane.engine_link import EngineLink, how_to_restart, refusal_of
from tui.pane.form_board import FormBoard
from tui.pane.hearing import heard, outdated, silence_of
from tui.pane.hints import Offer
from tui.pane.live_run import LiveRun
from tui.pane.one_job import in_its_place


class JobControl:
    """What a pane tells the engine, and what is known of how it obeys.

    Every method that asks raises InputError for a refusal, and EngineGone. `waiting` is a start that waits for the
    engine to be ready, `progress` how far the preparation of a job has come.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.waiting: Callable[[], None] | None = None
        self.progress: Progress | None = None
        self._loading = False

    def take_waiting(self) -> Callable[[], None] | None:
        """The start that waits, which does so no longer."""
        waiting, self.waiting = self.waiting, None
        return waiting

    async def _begin(self, command: Command) -> None:
        """Has a job prepared; where that is refused, none is."""
        self._loading, self.progress = True, None
        try:
            await self._engine.ask(command)
        except BaseException:
            self._loading = False
            raise

    async def _stop(self, name: str) -> None:
        """Ends the job of that name; one that is being prepared has none yet."""
        await self._engine.ask(Stop(of="" if self._loading else name))
        self._loading = False

    def _prepared(self) -> None:
        """The job has begun, or has ended before that."""
        self._loading, self.progress = False, None


BoardT = TypeVar("BoardT", bound=FormBoard)
ControlT = TypeVar("ControlT", bound=JobControl)


class LabPane(Pane, Generic[BoardT, ControlT], can_focus=True):
    """A subclass makes the board and turns keys into questions and changes of the view."""

    board: BoardT

    def __init__(
        self, pane_id: str, engine: EngineLink, options: DisplayOptions, live: LiveRun, control: ControlT
    ) -> None:
        super().__init__(pane_id, engine, options, live)
        self.control = control
        self._refusal = ""

    def compose(self) -> ComposeResult:
        yield self.board

    def focus(self, scroll_visible: bool = True) -> Self:
        """The keys go to the form where that is all there is to see."""
        form = self.board.form
        if self.board.form_covers and form.is_mounted:
            form.focus(scroll_visible)
            return self
        return super().focus(scroll_visible)

    def redraw(self) -> None:
        """In a silence nothing waits for the engine any more. Drawing comes later and less often."""
        if self.control.waiting is not None and outdated(self):
            self.control.waiting = None
        self.board.frames.soon()

    def shown(self) -> None:
        self.board.frames.now()

    @property
    def offer(self) -> Offer | None:
        return self.board.offer

    def put(self, setting: str, text: str) -> None:
        self.board.form.keep()
        self.board.form.write(setting, text)

    @property
    def trouble(self) -> str:
        """What was refused, or that there is no engine, as a line for the screen; "" where all is well."""
        return (
            silence_of(self)
            or plain(self._refusal)
            or (how_to_restart(self._engine.gone) if self._engine.gone is not None else "")
        )

    # Asking

    def ask(self, question: Coroutine[object, object, object]) -> None:
        """A question never keeps the keys waiting; its refusal is a line. An engine that is not heard gets none."""
        if heard(self):
            self.run_worker(self._answered(question), group=self.id or "")
        else:
            question.close()

    async def _answered(self, question: Coroutine[object, object, object]) -> None:
        try:
            await question
        except (InputError, EngineGone) as error:
            self.refuse(refusal_of(error))
        self.board.frames.now()

    def refuse(self, line: str) -> None:
        """Says so, until something else is asked for."""
        self._refusal = line

    def blame(self, line: str) -> None:
        """Refuses what was typed, at its field, which gets the focus."""
        self._refusal = line
        faults = self.board.form.form_text.faults()
        name = next((name for name, fault in faults.items() if fault == line), "") or self.board.form.blame(line)
        if name:
            self.board.show_form(True)
            self.call_after_refresh(self.board.form.take_focus, name)

    # Starting

    def begin(self, start: Callable[[], Coroutine[object, object, object]], to_do_what: str) -> None:
        """Starts a job in the place of the one that is going on, if somebody says so, once the engine is ready."""
        in_its_place(self, lambda: self.when_ready(lambda: self.ask(start())), to_do_what)

    def when_ready(self, begin: Callable[[], None]) -> None:
        """Now, or once an engine that warms up has done so; not in a silence."""
        if not heard(self):
            return
        if self._engine.gone is not None:
            self.refuse(how_to_restart(self._engine.gone))
        elif self._engine.ready is None:
            self.control.waiting = begin
        else:
            begin()
        self.board.frames.now()

    def begin_what_waits(self) -> bool:
        """The engine is ready; whether something had waited for it."""
        waiting = self.control.take_waiting()
        if waiting is not None:
            waiting()
        return waiting is not None

    # The form

    def fold(self) -> None:
        """A form that covers everything makes room for the figures."""
        if self.board.form_covers:
            self.board.show_form(None)
        self.focus()

    def action_toggle_form(self) -> None:
        """The cursor goes into the form, which is shown; from within the form it is put away."""
        form = self.board.form
        into = not (self.board.form_open and form.has_focus_within)
        self.board.show_form(into)
        if into and form.is_mounted:
            form.take_focus()
        else:
            self.focus()

    def on_lab_form_changed(self) -> None:
        """What was refused before is out of date."""
        self._refusal = ""
        self.board.frames.soon()

    def on_descendant_focus(self) -> None:
        """What is said names the keys that hold where the focus is."""
        self.board.frames.soon()

    def on_descendant_blur(self) -> None:
        self.board.frames.soon()

    def on_lab_form_left(self) -> None:
        self.fold()
