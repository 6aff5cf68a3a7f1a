"""What the panes with a form have in common: asking the engine, saying what it refused, and the way into the form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from engine.contract.errors import InputError
from engine.processes.client import EngineGone
from tui.drawing.plain import plain
from tui.pane.engine_link import EngineLink, how_to_restart
from tui.pane.frames import Frames
from tui.pane.heard import heard, outdated, silence_of
from tui.pane.lab_form import LabForm


class LabBoard(Protocol):
    """What a lab shows; in a wide terminal its form is in sight from the beginning."""

    form: LabForm[Any]
    frames: Frames

    @property
    def form_open(self) -> bool: ...

    @property
    def form_covers(self) -> bool:
        """Whether the form takes the place of everything else."""

    def show_form(self, opened: bool | None) -> None:
        """`None` leaves it to the room there is."""


class LabPane(Vertical, can_focus=True):
    """A subclass makes the board, which is a widget, and turns keys into questions and changes of the view."""

    board: LabBoard

    def __init__(self, engine: EngineLink, name: str) -> None:
        super().__init__(id=name)
        self._engine = engine
        self._refusal = ""
        self._waiting: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        assert isinstance(self.board, Widget)
        yield self.board

    def shown(self) -> None:
        self.board.frames.now()

    @property
    def trouble(self) -> str:
        """What was refused, or that there is no engine, as a line for the screen; "" where all is well."""
        return (
            silence_of(self)
            or plain(self._refusal)
            or (how_to_restart(self._engine.gone) if self._engine.gone is not None else "")
        )

    def ask(self, question: Coroutine[object, object, object]) -> None:
        """A question never keeps the keys waiting; its refusal is a line. An engine that is not heard gets none."""
        if heard(self):
            self.run_worker(self._answered(question), group=self.id or "")
        else:
            question.close()

    async def _answered(self, question: Coroutine[object, object, object]) -> None:
        try:
            await question
        except InputError as error:
            self.refuse(str(error))
        except EngineGone as gone:
            self.refuse(how_to_restart(gone))
        self.board.frames.now()

    def refuse(self, line: str) -> None:
        """Says so, until something else is asked for."""
        self._refusal = line

    def blame(self, error: InputError) -> None:
        """Refuses what was typed, at its field, which gets the focus."""
        line, form = str(error), self.board.form
        self._refusal = line
        faults = form.form_text.faults()
        name = next((name for name, fault in faults.items() if fault == line), "") or form.blame(line)
        if name:
            self.board.show_form(True)
            self.call_after_refresh(form.focus_field, name)

    def when_ready(self, begin: Callable[[], None]) -> None:
        """Now, or once an engine that warms up has done so; not in a silence."""
        if not heard(self):
            return
        if self._engine.gone is not None:
            self.refuse(how_to_restart(self._engine.gone))
        elif self._engine.ready is None:
            self._waiting = begin
        else:
            begin()
        self.board.frames.now()

    def forget_what_is_outdated(self) -> None:
        """In a silence nothing waits for the engine any more."""
        if self._waiting is not None and outdated(self):
            self._waiting = None

    def begin_what_waits(self) -> bool:
        """The engine is ready; whether something had waited for it."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting()
        return waiting is not None

    def fold(self) -> None:
        """A form that covers everything makes room for the figures."""
        if self.board.form_covers:
            self.board.show_form(None)
        self.focus()

    def action_toggle_form(self) -> None:
        """Into the form, which may be in sight already; once one has been in it, away with it."""
        into = not (self.board.form_open and self.board.form.visited)
        self.board.show_form(into)
        if into:
            self.call_after_refresh(self.board.form.focus_field)
        else:
            self.focus()

    def on_lab_form_changed(self) -> None:
        """What was refused before is out of date."""
        self._refusal = ""
        self.board.frames.soon()

    def on_lab_form_left(self) -> None:
        self.focus()
