"""Lines as high as their style says, drawn as their roles are, without emphasis."""

from __future__ import annotations

from textual.geometry import Size
from textual.strip import Strip

from tui.drawing.spans import Line
from tui.widgets.lines import Lines
from tui.widgets.strips import line_strip


class TextLines(Lines):
    """As high as its lines, unless its style says otherwise."""

    DEFAULT_CSS = "TextLines { width: 1fr; height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)

    def _fit(self) -> None:
        self.refresh(layout=True)

    def _strip(self, line: Line) -> Strip:
        return line_strip(line, self.palette, self.rich_style, self.size.width)
