"""The command that was copied, whole: nobody can know whether it has arrived in the clipboard."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.drawing.plain import plain
from tui.pane.confirm import ClosesOnce

_HEADING = "The command that does the same without the app"
_KEYS = "drag selects, ctrl+c copies   shift+drag: the terminal selects   esc closes"


class CopiedCommand(ModalScreen[None], ClosesOnce[None]):
    """Any of c, esc, q, space or enter closes it, and a click beside it."""

    DEFAULT_CSS = """
    CopiedCommand { align: center bottom; background: $background 60%; }
    CopiedCommand > VerticalScroll { width: 100%; height: auto; max-height: 100%; padding: 1 1; background: $panel; }
    CopiedCommand #heading { text-style: bold; }
    CopiedCommand #command { margin: 1 0; background: $background; }
    CopiedCommand #sent, CopiedCommand #keys { color: $foreground 80%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("c,escape,q,enter,space", "close", "Close")]

    def __init__(self, command: str) -> None:
        super().__init__()
        self._command = command

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(_HEADING, id="heading", markup=False)
            yield Static(plain(self._command), id="command", markup=False)
            yield Static(id="sent", markup=False)
            yield Static(_KEYS, id="keys", markup=False)

    def tell(self, said: str) -> None:
        """What came of the copying."""
        if self.is_mounted:
            self.query_one("#sent", Static).update(plain(said))

    def action_close(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside it
            self.dismiss(None)
