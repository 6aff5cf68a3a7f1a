"""The views of a pane by letter and name, each to be clicked, and beside them what is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.drawing.plain import plain


class ViewNames(Widget):
    """One line. The view in front is shown in reverse."""

    DEFAULT_CSS = """
    ViewNames { height: 1; background: $surface; link-style: none; link-style-hover: underline; }
    """

    active: reactive[str] = reactive("")
    beside: reactive[str] = reactive("")

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def __init__(self, tabs: Sequence[tuple[str, str, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = tabs

    def render(self) -> Text:
        text = Text(" ", no_wrap=True)
        for view, letter, title in self._tabs:
            here = view == self.active
            text.append(f" {letter} {title} ", Style(meta={"@click": f"choose('{view}')"}, bold=here, reverse=here))
            text.append(" ")
        beside = plain(self.beside, max(0, self.size.width - text.cell_len - 1))
        text.append(" " * max(0, self.size.width - text.cell_len - cell_len(beside) - 1))
        text.append(beside)
        return text

    def action_choose(self, view: str) -> None:
        self.post_message(self.Chosen(view))
