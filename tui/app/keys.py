"""Every key of a pane, from the one table of commands."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.pane.commands import EVERYWHERE, PANES, commands_of, shown_key
from tui.pane.confirm import ClosesOnce

_IN_A_FIELD = (
    ("esc", "Leave the field; then digits switch panes again"),
    ("up, down", "One step up or down, or the next choice"),
    ("tab, shift+tab", "Next field, field before"),
    ("enter", "Next field"),
)


class Keys(ModalScreen[None], ClosesOnce[None]):
    """Any of ?, esc, q or enter closes it."""

    DEFAULT_CSS = """
    Keys { align: center middle; background: $background 60%; }
    Keys > VerticalScroll { width: 76; max-width: 96%; height: auto; max-height: 92%; padding: 1 2; }
    Keys > VerticalScroll { background: $panel; }
    """
    BINDINGS = [("question_mark,escape,q,enter", "close", "Close")]

    def __init__(self, pane: str) -> None:
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        title = next(entry.title for entry in PANES if entry.id == self._pane)
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold")
        table.add_column()
        for heading, where in ((title, self._pane), ("Everywhere", EVERYWHERE)):
            table.add_row("", Text(heading, "underline"))
            for command in commands_of(where):
                table.add_row(", ".join(map(shown_key, command.keys)), command.help)
            table.add_row("", "")
        table.add_row("", Text("In a field, which owns every printable key", "underline"))
        for keys, what in _IN_A_FIELD:
            table.add_row(keys, what)
        with VerticalScroll():
            yield Static(table)

    def action_close(self) -> None:
        self.dismiss(None)
