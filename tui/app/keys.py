"""Every key of a pane, from the one table of commands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.pane.commands import EVERYWHERE, PANES, commands_of, shown_key
from tui.pane.confirm import ClosesOnce

Section = tuple[str, Sequence[tuple[str, str]]]

_IN_A_FORM = (
    ("↑, ↓", "Row above, row below; page up, page down, home, end"),
    ("enter", "Edit the row; on a choice: the next one"),
    ("←, →", "Change a choice; step a number down or up"),
    ("esc", "Leave the form"),
)
_WHILE_TYPING = (
    ("enter", "Keep what was typed"),
    ("esc", "Restore the old value"),
    ("↑, ↓", "A number one step up or down; the next name"),
    ("tab, shift+tab", "Keep the text, and go to the next row or the row before"),
    ("space, ?", "In a number: as everywhere. In a list, a name or a path they are typed"),
    ("F1 to F7", "Go to a pane; what was typed is kept"),
)


def _commands(where: str) -> Sequence[tuple[str, str]]:
    return [(", ".join(map(shown_key, command.keys)), command.help) for command in commands_of(where)]


class Keys(ModalScreen[None], ClosesOnce[None]):
    """Any of ?, esc, q or enter closes it."""

    DEFAULT_CSS = """
    Keys { align: center middle; background: $background 60%; }
    Keys > VerticalScroll { width: 76; max-width: 96%; height: auto; max-height: 92%; padding: 1 2; }
    Keys > VerticalScroll { background: $panel; }
    """
    BINDINGS = [("question_mark,escape,q,enter", "close", "Close")]

    def __init__(self, pane: str, focused: Widget | None) -> None:
        """Of the pane with that id; the keys of what is `focused` stand first where they are its own."""
        super().__init__()
        self._pane = pane
        self._typing = bool(getattr(focused, "typing_hint", ""))
        self._in_form = bool(getattr(focused, "keys_hint", ""))

    def compose(self) -> ComposeResult:
        title = next(entry.title for entry in PANES if entry.id == self._pane)
        typing: Section = ("While something is typed", _WHILE_TYPING)
        form: Section = ("In a form, with the cursor on a row", _IN_A_FORM)
        panes: list[Section] = [(title, _commands(self._pane)), ("Everywhere", _commands(EVERYWHERE))]
        if self._typing:
            sections = [typing, *panes, form]
        else:
            sections = [form, *panes, typing] if self._in_form else [*panes, form, typing]
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold")
        table.add_column()
        for heading, rows in sections:
            table.add_row("", Text(heading, "underline"))
            for keys, what in rows:
                table.add_row(keys, what)
            table.add_row("", "")
        with VerticalScroll():
            yield Static(table)

    def action_close(self) -> None:
        self.dismiss(None)
