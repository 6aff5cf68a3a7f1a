"""A few lines of roles, drawn again only where they have changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.drawing.palette import DARK, Palette
from tui.drawing.spans import Line
from tui.widgets.strips import line_strip


class TextLines(Widget):
    """As high as its lines, unless its style says otherwise. A click on it is posted as `Clicked`."""

    DEFAULT_CSS = "TextLines { width: 1fr; height: auto; }"

    palette: reactive[Palette] = reactive(DARK)

    class Clicked(Message):
        def __init__(self, lines: TextLines) -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> TextLines:
            return self.lines

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these from now on. Nothing happens where they are the same."""
        before, self._lines = self._lines, tuple(lines)
        if len(before) != len(self._lines):
            self.refresh(layout=True)
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._lines, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else ()
        return line_strip(line, self.palette, self.rich_style, self.size.width)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Clicked(self))
