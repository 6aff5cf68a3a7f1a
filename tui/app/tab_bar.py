"""The panes' names in one line, with the key that goes there."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.pane.commands import PANES


class TabBar(Widget):
    """While something is typed, digits go there and the bar shows F-keys instead."""

    DEFAULT_CSS = """
    TabBar { height: 1; background: $panel; color: $foreground 70%; link-style: none; link-style-hover: underline; }
    """

    active: reactive[str] = reactive("train")
    in_field: reactive[bool] = reactive(False)

    def render(self) -> Text:
        titles = [f"{'F' if self.in_field else ''}{pane.number} {pane.title}" for pane in PANES]
        taken = sum(len(title) + 2 for title in titles)
        text = Text(" ", no_wrap=True)
        for pane, title in zip(PANES, titles, strict=True):
            here = pane.id == self.active
            meta = Style(meta={"@click": f"app.show_pane('{pane.id}')"}, bold=here, reverse=here)
            text.append(f" {title} ", meta)
            if taken + len(PANES) < self.size.width:
                text.append(" ")
        return text
