"""Lines of text whose runs play roles."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip

from tui.drawing.palette import Palette
from tui.drawing.spans import Line
from tui.widgets.messages import FromWidget
from tui.widgets.strips import Painted, line_strip, role_style

# What must be seen without colour too: a role of the palette, and a style over it.
_EMPHASIS = {
    "first-bad": ("wrong", Style(bold=True, reverse=True)),
    "wrong": ("wrong", Style(bold=True)),
    "unsure": ("validation", Style()),
    "cursor": ("accent", Style(bold=True, reverse=True)),
    "title": ("text", Style(bold=True)),
    "changed": ("text", Style(italic=True)),
}


def emphasised(line: Line, palette: Palette, base: Style, width: int) -> Strip:
    """A line, exactly `width` cells wide, in the roles of the palette and those above."""
    segments = []
    for text, role in line:
        name, over = _EMPHASIS.get(role, (role, Style()))
        segments.append(Segment(text, base + role_style(name, palette) + over))
    return Strip(segments).adjust_cell_length(width, base)


class Lines(Painted):
    """As high as the lines it was given. Only lines that changed are sent to the terminal."""

    DEFAULT_CSS = "Lines { height: 0; }"

    class Clicked(FromWidget["Lines"]):
        """A press at cell `x` of line `y`."""

        def __init__(self, lines: Lines, x: int, y: int) -> None:
            super().__init__(lines)
            self.x, self.y = x, y

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these from now on."""
        before, self._lines = self._lines, tuple(lines)
        if len(before) != len(lines):
            self._fit()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, lines, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, max(1, self.size.width), 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        return self._strip(self._lines[y] if y < len(self._lines) else ())

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Clicked(self, event.x, event.y))

    def _fit(self) -> None:
        """There is another number of lines now."""
        self.styles.height = len(self._lines)
        self.refresh(layout=True)

    def _strip(self, line: Line) -> Strip:
        return emphasised(line, self.palette, self.rich_style, self.size.width)


class TextLines(Lines):
    """As high as its lines, unless its style says otherwise."""

    DEFAULT_CSS = "TextLines { width: 1fr; height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)

    def _fit(self) -> None:
        self.refresh(layout=True)

    def _strip(self, line: Line) -> Strip:
        return line_strip(line, self.palette, self.rich_style, self.size.width)
