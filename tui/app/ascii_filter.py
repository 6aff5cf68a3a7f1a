"""Every line of the app in ASCII, for a terminal to which nothing else comes through."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.drawing.signs import in_ascii


class AsciiFilter(LineFilter):
    """The last that a line goes through: the bars, scrollbars and messages of Textual's own as well as the panes."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same cells in the same styles."""
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]
