"""A long list of one-line rows with a cursor, drawn as one widget; only what is seen is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from tui.drawing.plain import padded
from tui.widgets.messages import FromWidget
from tui.widgets.strips import Painted, role_style


class RowList(Painted, can_focus=True):
    """Rows under a heading. They may be any sequence; each is asked for when it is drawn."""

    DEFAULT_CSS = "RowList { width: 1fr; height: 1fr; }"
    CLICKS_TO_OPEN: ClassVar[int] = 2

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "row above", show=False),
        Binding("down", "move(1)", "row below", show=False),
        Binding("pageup", "page(-1)", "page before", show=False),
        Binding("pagedown", "page(1)", "page after", show=False),
        Binding("home", "move(-1000000000)", "first", show=False),
        Binding("end", "move(1000000000)", "last", show=False),
        Binding("enter", "open", "open", show=False),
    ]

    class Highlighted(FromWidget["RowList"]):
        """The cursor moved to row `index`."""

        def __init__(self, rows: RowList, index: int) -> None:
            super().__init__(rows)
            self.index = index

    class Opened(Highlighted):
        """Row `index` was chosen, by enter or by clicks."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._heading = ""
        self._rows: Sequence[str] = ()
        self._top = 0

    @property
    def capacity(self) -> int:
        """How many rows can be seen at once, at least one."""
        return max(1, self.size.height - 1)

    @property
    def shows_cursor(self) -> bool:
        """Whether keys move it."""
        return self.has_focus

    def show(self, heading: str, rows: Sequence[str], cursor: int = 0) -> None:
        """Show these from now on, the cursor on number `cursor`."""
        self._heading, self._rows = heading, rows
        self.cursor = max(0, min(cursor, len(rows) - 1))
        self._scroll()
        self.refresh()

    def action_move(self, step: int) -> None:
        target = max(0, min(self.cursor + step, len(self._rows) - 1))
        if self._rows and target != self.cursor:
            top, lines = self._top, (self.cursor, target)
            self.cursor = target
            self._scroll()
            regions = [Region(0, 1 + line - top, max(1, self.size.width), 1) for line in lines]
            self.refresh(*(regions if top == self._top else ()))
            self.post_message(self.Highlighted(self, target))

    def action_page(self, step: int) -> None:
        self.action_move(step * self.capacity)

    def action_open(self) -> None:
        if self._rows:
            self.post_message(self.Opened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y < 1 or self._top + offset.y - 1 >= len(self._rows):
            return
        self.action_move(self._top + offset.y - 1 - self.cursor)
        if event.chain >= self.CLICKS_TO_OPEN:
            self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1)

    def on_resize(self) -> None:
        self._top = 0
        self._scroll()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y == 0:
            text = padded(f"  {self._heading}", width)
            return Strip([Segment(text, base + role_style("muted", self.palette))], width)
        index = self._top + y - 1
        if index >= len(self._rows):
            return Strip.blank(width, base)
        chosen = index == self.cursor
        text = padded(f"{'>' if chosen else ' '} {self._rows[index]}", width)
        style = role_style("text", self.palette) + Style(bold=chosen, reverse=chosen and self.shows_cursor)
        return Strip([Segment(text, base + style)], width)

    def _scroll(self) -> None:
        below = min(max(self._top, self.cursor - self.capacity + 1), self.cursor)
        self._top = max(0, min(below, len(self._rows) - self.capacity))
