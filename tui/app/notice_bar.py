"""Notices that stay until they have been read."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.drawing.plain import plain

_MOST_LINES = 8


class NoticeBar(Widget):
    """Shows the oldest notice, and how many wait behind it. Not there when there is none."""

    DEFAULT_CSS = """
    NoticeBar { height: auto; max-height: 9; background: $warning 20%; color: $foreground; padding: 0 1; }
    NoticeBar { display: none; link-style: bold; link-background-hover: $primary 40%; }
    NoticeBar.-shown { display: block; }
    """

    notices: reactive[tuple[str, ...]] = reactive(())

    def add(self, text: str) -> None:
        """A notice of one or more lines; one that is already there is not repeated."""
        if text not in self.notices:
            self.notices = (*self.notices, text)

    def dismiss(self) -> None:
        """Puts away the one that is shown."""
        self.notices = self.notices[1:]

    def withdraw(self, text: str) -> None:
        """Puts away one that is no longer true, wherever it waits."""
        self.notices = tuple(notice for notice in self.notices if notice != text)

    def watch_notices(self) -> None:
        self.set_class(bool(self.notices), "-shown")
        self.refresh(layout=True)

    def render(self) -> Text:
        if not self.notices:
            return Text()
        lines = [plain(line) for line in self.notices[0].splitlines()[:_MOST_LINES]]
        text = Text("! " + "\n  ".join(lines), overflow="fold")
        more = len(self.notices) - 1
        click = Style(bold=True, meta={"@click": "app.dismiss_notice"})
        text.append(f"  x put away{f', {more} more' if more else ''}", click)
        return text
