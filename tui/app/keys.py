"""Every key of a pane, from the one table of commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.pane.commands import EVERYWHERE, PANES, commands_of, shown_key
from tui.pane.confirm import ClosesOnce
from tui.widgets.readable_chart import CHART_KEYS, ReadableChart

Section = tuple[str, Sequence[tuple[str, str]]]

_IN_A_FORM = (
    ("↑, ↓", "Row above, row below; page up, page down, home, end"),
    ("enter", "Edit the row; on a choice: the next value"),
    ("←, →", "Change a choice, or a number by one step"),
    ("esc", "Leave the form"),
)
_WHILE_TYPING = (
    ("enter", "Keep the new value"),
    ("esc", "Restore the old value"),
    ("↑, ↓", "Change a number by one step; take the next name"),
    ("tab, shift+tab", "Keep the new value, and go to the next or previous row"),
    ("space, ?", "In a number: as everywhere. In a list, a name or a path: typed"),
    ("F1 to F7", "Go to a pane; the typed text is kept"),
)


_ON_A_CHART, _TO_CHARTS = "On a chart, after tab", "to_figures"


def _commands(where: str) -> Sequence[tuple[str, str]]:
    return [(", ".join(map(shown_key, command.keys)), command.help) for command in commands_of(where)]


_TO_WORDS = "tab shows what the words on the screen mean."


class Keys(ModalScreen[bool], ClosesOnce[bool]):
    """Any of ?, esc, q or enter closes it; ends with whether the words are to be shown instead."""

    DEFAULT_CSS = """
    Keys { align: center middle; background: $background 60%; }
    Keys > VerticalScroll { width: 76; max-width: 96%; height: auto; max-height: 92%; padding: 1 2; }
    Keys > VerticalScroll { background: $panel; }
    Keys #to-words { color: $primary; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,escape,q,enter", "close(False)", "Close", show=False),
        Binding("tab", "close(True)", "Words", show=False, priority=True),
    ]

    def __init__(self, pane: str, focused: Widget | None) -> None:
        """Of the pane with that id; the keys of what is `focused` stand first where they are its own."""
        super().__init__()
        self._pane = pane
        self._typing = bool(getattr(focused, "typing_hint", ""))
        self._on_chart = isinstance(focused, ReadableChart)
        self._in_form = bool(getattr(focused, "keys_hint", "")) and not self._on_chart

    def compose(self) -> ComposeResult:
        title = next(entry.title for entry in PANES if entry.id == self._pane)
        typing: Section = ("While something is typed", _WHILE_TYPING)
        form: Section = ("In a form, with the cursor on a row", _IN_A_FORM)
        charts: Section = (_ON_A_CHART, CHART_KEYS)
        sections: list[Section] = [(title, _commands(self._pane)), ("Everywhere", _commands(EVERYWHERE))]
        sections += [charts] if any(one.action == _TO_CHARTS for one in commands_of(self._pane)) else []
        sections += [form, typing]
        own = typing if self._typing else form if self._in_form else charts if self._on_chart else None
        if own is not None:  # what has the focus stands first
            sections = [own, *(section for section in sections if section is not own)]
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold")
        table.add_column()
        for heading, rows in sections:
            table.add_row("", Text(heading, "underline"))
            for keys, what in rows:
                table.add_row(keys, what)
            table.add_row("", "")
        with VerticalScroll():
            yield Static(_TO_WORDS, id="to-words", markup=False)
            yield Static(table)

    def action_close(self, to_words: bool) -> None:
        self.dismiss(to_words)
