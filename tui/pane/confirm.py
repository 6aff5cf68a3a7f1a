"""A question that is asked once, in a screen that closes once."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widgets import Button, Static


class ClosesOnce(Screen[ScreenResultType]):
    """A screen over the panes, which only its first dismissal ends. Later ones would end whatever lies below.

    It stands after the screen's own base: Textual takes styles and component classes from the first one.
    """

    _was_dismissed = False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """As any screen's, the first time; then nothing."""
        if self._was_dismissed or not self.is_active:
            return AwaitComplete()
        self._was_dismissed = True
        return super().dismiss(result)


class Confirm(ModalScreen[bool], ClosesOnce[bool]):
    """y or the left button says yes; n, esc or the right button say no."""

    DEFAULT_CSS = """
    Confirm { align: center middle; background: $background 60%; }
    Confirm > Vertical { width: 60; max-width: 90%; height: auto; padding: 1 2; background: $panel; }
    Confirm Horizontal { height: auto; align-horizontal: right; margin-top: 1; }
    Confirm Button { margin-left: 2; }
    """
    AUTO_FOCUS = "#no"
    BINDINGS = [
        ("y", "answer(True)", "Yes"),
        ("n", "answer(False)", "No"),
        ("escape", "answer(False)", "No"),
    ]

    def __init__(self, question: str, yes: str, no: str) -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            with Horizontal():
                yield Button(f"y  {self._yes}", id="yes", variant="warning")
                yield Button(f"n  {self._no}", id="no")

    def on_key(self, event: events.Key) -> None:
        """Any other letter is not taken for an answer, and not passed over in silence."""
        if event.is_printable and event.character not in ("y", "n", " "):
            self.notify("y or n answers the question.", markup=False, timeout=3)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
