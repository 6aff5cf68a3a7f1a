"""The last look at a line before it goes to the terminal, whichever widget has drawn it."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class Harmless(LineFilter):
    """Leaves out what a terminal would obey or not show: it takes no cell, so every line keeps its width.

    Names and sentences from outside are made plain where they are drawn, and show their escapes there; this is for one
    that was forgotten.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(text.isprintable() for text, _, _ in segments):
            return segments
        return [Segment("".join(filter(str.isprintable, text)), style, control) for text, style, control in segments]
