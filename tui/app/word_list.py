"""What the words on the screen mean, found by typing; those of the pane in front first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.pane.commands import PANES
from tui.pane.confirm import ClosesOnce
from tui.pane.glossary import Word, words_for
from tui.widgets.plain_input import PlainInput

_KEYS = "type to filter   ↑ ↓ page up, page down scroll   tab keys   esc closes"
_NOTHING = "No word has these letters. Backspace deletes the last letter."
_TERM = 17  # columns of the longest terms, which are broken at their blanks


class WordList(ModalScreen[bool], ClosesOnce[bool]):
    """Ends with whether the keys are to be shown instead. `pane` is the id of the pane in front."""

    DEFAULT_CSS = """
    WordList { align: center middle; background: $background 60%; }
    WordList > Vertical { width: 100; max-width: 100%; height: 92%; padding: 0 1; background: $panel; }
    WordList PlainInput { border: none; height: 1; padding: 0; margin-bottom: 1; background: $surface; }
    WordList VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    WordList #words { padding-right: 1; }
    WordList #keys { color: $foreground 70%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close(False)", "close", show=False),
        Binding("enter", "close(False)", "close", show=False, priority=True),
        Binding("tab", "close(True)", "keys", show=False, priority=True),
        *(
            Binding(key, f"scroll('{way}')", key, show=False, priority=True)
            for key, way in (("up", "up"), ("down", "down"), ("pageup", "page_up"), ("pagedown", "page_down"))
        ),
    ]

    def __init__(self, pane: str) -> None:
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        with Vertical():
            yield PlainInput(placeholder="type a word, such as perplexity", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(id="words")
            yield Static(_KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(PlainInput).focus()
        self._draw("")

    @on(Input.Changed)
    def _seek(self, message: Input.Changed) -> None:
        message.stop()
        self._draw(message.value)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _draw(self, letters: str) -> None:
        here, elsewhere = words_for(self._pane, letters)
        title = next(pane.title for pane in PANES if pane.id == self._pane)
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=_TERM, style="bold")
        table.add_column()
        for heading, words in ((f"Words of {title}", here), ("Other words", elsewhere)):
            if words:
                _add(table, heading, words)
        if not here and not elsewhere:
            table.add_row("", _NOTHING)
        self.query_one("#words", Static).update(table)

    def action_scroll(self, way: str) -> None:
        getattr(self.query_one(VerticalScroll), f"scroll_{way}")(animate=False)

    def action_close(self, to_keys: bool) -> None:
        self.dismiss(to_keys)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside it
            self.dismiss(False)


def _add(table: Table, heading: str, words: Iterable[Word]) -> None:
    table.add_row("", Text(heading, "underline"))
    for word in words:
        text = Text(word.text)
        if word.book:
            text.append(f" Book: {word.book}.", "dim")
        table.add_row(Text(word.term), text)
    table.add_row("", "")
