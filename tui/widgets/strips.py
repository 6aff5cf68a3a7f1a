"""Drawn lines as Textual strips: the one place where roles become styles."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.drawing.diverging import Depth
from tui.drawing.palette import DARK, MONO, RGB, Palette
from tui.drawing.pixels import DrawnRow, PixelStyle
from tui.drawing.shades import Hue, shaded
from tui.drawing.spans import Line
from tui.widgets.themes import palette_of

# The class that an app has where its terminal shows ASCII alone: see `AsciiFilter`.
ASCII = "-ascii"


@lru_cache(maxsize=8192)
def style_of(foreground: RGB | None, background: RGB | None = None) -> Style:
    """A style with those colours. Kept, because a style remembers its escape sequence."""
    return Style(
        color=None if foreground is None else Color.from_rgb(*foreground),
        bgcolor=None if background is None else Color.from_rgb(*background),
    )


def role_style(role: str, palette: Palette) -> Style:
    """The style of a role. Where the palette has no colours, what is secondary is dim."""
    color = palette.get(role)
    if color is None and role in ("muted", "axis", "train-faint"):
        return Style(dim=True)
    return style_of(color)


def in_ascii_app(widget: Widget) -> bool:
    """Whether what has a form without blocks and braille, a picture or a curve, has to take it."""
    return widget.app.has_class(ASCII)


def depth_of(app: App[Any]) -> Depth:
    """How many colours the terminal of an app has."""
    depths: dict[str | None, Depth] = {"256": "256", "standard": "16", "windows": "16"}
    return depths.get(app.console.color_system, "true")


def usual_style(app: App[Any]) -> PixelStyle:
    """How pictures are drawn until somebody chooses: half blocks where there is colour, else an ASCII ramp."""
    coloured = palette_of(app.theme) is not MONO and not app.no_color and not app.has_class(ASCII)
    return "half" if coloured else "ascii"


def line_strip(line: Line, palette: Palette, base: Style, width: int) -> Strip:
    """A line of roles over the style of the widget, exactly `width` cells wide."""
    strip = Strip([Segment(run.text, base + role_style(run.role, palette)) for run in line if run.text])
    return strip.adjust_cell_length(width, base)


def row_segments(row: DrawnRow, base: Style) -> list[Segment]:
    """A row of a picture over the style of the widget."""
    return [Segment(text, base + style_of(foreground, background)) for text, foreground, background in row]


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

    def shade(self, hue: Hue, share: float, role: str = "text") -> Style | None:
        """The style of a cell of a grid, with `share` (0…1) of a hue; None where the palette has no colours."""
        shade = shaded(self.palette, hue, share, depth_of(self.app), role)
        return None if shade is None else style_of(*shade)

    def _take_theme(self, theme: str) -> None:
        self.palette = palette_of(theme)

    def watch_palette(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """What was drawn is out of date."""
        self.refresh()
