"""What is drawn in the colours of a palette: that of the app's theme, or one that it is given."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widget import Widget

from tui.drawing.palette import DARK, Palette
from tui.widgets.themes import palette_of


class Painted(Widget):
    """A subclass that keeps what it has drawn says in `_forget` how to draw it anew."""

    palette: reactive[Palette] = reactive(DARK, init=False)

    def __init__(self, *, palette: Palette | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._follows_theme = palette is None
        self.set_reactive(Painted.palette, DARK if palette is None else palette)

    def on_mount(self) -> None:
        if self._follows_theme:
            self.watch(self.app, "theme", self._take_theme)

    def _take_theme(self, theme: str) -> None:
        self.palette = palette_of(theme)

    def watch_palette(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """What was drawn is out of date."""
        self.refresh()
