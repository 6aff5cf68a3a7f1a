"""What is drawn in the colours of a palette."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widget import Widget

from tui.drawing.palette import DARK, Palette


class Painted(Widget):
    """A subclass that keeps what it has drawn says in `_forget` how to draw it anew."""

    palette: reactive[Palette] = reactive(DARK, init=False)

    def __init__(self, *, palette: Palette = DARK, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(Painted.palette, palette)

    def watch_palette(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """What was drawn is out of date."""
        self.refresh()
