"""A picture as large as its room allows, or small as a tile: an image, or signed values such as evidence per pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from tui.drawing.palette import Palette
from tui.drawing.pixels import DrawnRow, PixelStyle, drawn, fitting, largest
from tui.drawing.plain import padded
from tui.widgets.signed import Values, draw_signed, signed_paint
from tui.widgets.strips import Painted, in_ascii_app, role_style, row_segments


@dataclass(frozen=True)
class Image:
    """Greys 0…255, row by row."""

    pixels: bytes
    height: int
    width: int


@dataclass(frozen=True)
class SignedImage:
    """Signed values, row by row. `limit` is drawn strongest; it defaults to the greatest magnitude."""

    values: Values
    height: int
    width: int
    limit: float | None = None


class PictureView(Painted):
    """Draws one picture under a title, undistorted, repeated or averaged to fit."""

    DEFAULT_CSS = "PictureView { width: 1fr; height: 1fr; }"

    pixel_style: reactive[PixelStyle] = reactive("half", init=False)

    def __init__(
        self, *, palette: Palette | None = None, pixel_style: PixelStyle = "half", id: str | None = None
    ) -> None:
        super().__init__(palette=palette, id=id)
        self._picture: Image | SignedImage | None = None
        self._title = ""
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, Style] | None = None
        self.set_reactive(PictureView.pixel_style, pixel_style)

    def show(self, picture: Image | SignedImage | None, title: str = "") -> None:
        """Show this picture; without one the title stands alone."""
        self._picture, self._title = picture, title
        self._forget()

    def watch_pixel_style(self) -> None:
        self._forget()

    def render_line(self, y: int) -> Strip:
        if self._drawn_for != (self.size, self.rich_style):
            self._drawn_for = (self.size, self.rich_style)
            self._strips = self._draw()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        width, base = self.size.width, self.rich_style
        title = padded(self._title, width)
        lines = [[Segment(title, base + role_style("text", self.palette))]]
        lines += [row_segments(row, base) for row in self._rows()]
        return [Strip(line).adjust_cell_length(width, base) for line in lines]

    def _rows(self) -> tuple[DrawnRow, ...]:
        picture = self._picture
        if picture is None:
            return ()
        room = fitting(picture.height, picture.width, self.size.height - 1, self.size.width)
        if 0 in room:
            return ()
        if isinstance(picture, Image):
            style: PixelStyle = "ascii" if in_ascii_app(self) else self.pixel_style
            return drawn(style, picture.pixels, picture.height, picture.width, *room)
        limit = largest(picture.values) if picture.limit is None else picture.limit
        shape = (picture.height, picture.width)
        return draw_signed(picture.values, shape, limit, room, signed_paint(self, self.palette))

    def _forget(self) -> None:
        self._drawn_for = None
        self.refresh()


# Beside each picture: a column for the cursor and an empty one.
MARGIN = 2

Mark = Literal["none", "chosen", "focused"]


@dataclass(frozen=True)
class Caption:
    """A line under a picture. Its text may come from anywhere; its role is a key of the palette."""

    text: str
    role: str = "text"


@dataclass(frozen=True)
class CaptionedPicture:
    """Greys 0…255, row by row (empty where there is no picture), with the lines to stand under them."""

    pixels: bytes
    height: int
    width: int
    captions: tuple[Caption, ...] = ()


# What stands where an image is still on its way.
WAITING = CaptionedPicture(b"", 0, 0, (Caption("", "muted"), Caption("...", "muted")))


class Paint(NamedTuple):
    """With what a tile is drawn; `base` is the style of the widget around it."""

    base: Style
    palette: Palette
    pixel_style: PixelStyle


def tile_lines(
    picture: CaptionedPicture, size: tuple[int, int], captions: tuple[int, int], paint: Paint, mark: Mark
) -> list[list[Segment]]:
    """A picture of `size` (rows, columns) over `captions` (lines, columns), `MARGIN` wider than these.

    The picture under the cursor has a bar along its side, so that it is seen without colours.
    """
    (caption_lines, width), base, chosen = captions, paint.base, mark != "none"
    sign = "▌" if chosen else " "
    edge, gap = Segment(sign, base + role_style("accent", paint.palette)), Segment(" ", base)
    beside = Segment(" " * (width + 1 - size[1]), base)
    lines = [[edge, *row_segments(row, base), beside] for row in _drawn(picture, size, paint)]
    emphasis = Style(reverse=mark == "focused", bold=chosen)
    for number in range(caption_lines):
        caption = picture.captions[number] if number < len(picture.captions) else Caption("")
        text = padded(caption.text, width)
        style = base + role_style(caption.role, paint.palette) + (emphasis if caption.text else Style.null())
        lines.append([edge, Segment(text, style), gap])
    return lines


def _drawn(picture: CaptionedPicture, size: tuple[int, int], paint: Paint) -> tuple[DrawnRow, ...]:
    if not picture.pixels:
        return drawn("ascii", bytes(1), 1, 1, *size)
    return drawn(paint.pixel_style, picture.pixels, picture.height, picture.width, *size)
