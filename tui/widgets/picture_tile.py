"""One picture of a gallery with its captions, as lines of segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rich.segment import Segment
from rich.style import Style

from tui.drawing.palette import Palette
from tui.drawing.pixels import DrawnRow, PixelStyle, drawn
from tui.drawing.plain import padded
from tui.widgets.strips import role_style, row_segments

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
    picture: CaptionedPicture, size: tuple[int, int], caption_lines: int, paint: Paint, mark: Mark
) -> list[list[Segment]]:
    """A picture of `size` (rows, columns) and its captions, `MARGIN` wider than the picture.

    The picture under the cursor has a bar along its side, so that it is seen without colours.
    """
    base, chosen = paint.base, mark != "none"
    sign = "▌" if chosen else " "
    edge, gap = Segment(sign, base + role_style("accent", paint.palette)), Segment(" ", base)
    lines = [[edge, *row_segments(row, base), gap] for row in _drawn(picture, size, paint)]
    emphasis = Style(reverse=mark == "focused", bold=chosen)
    for number in range(caption_lines):
        caption = picture.captions[number] if number < len(picture.captions) else Caption("")
        text = padded(caption.text, size[1])
        lines.append([edge, Segment(text, base + role_style(caption.role, paint.palette) + emphasis), gap])
    return lines


def _drawn(picture: CaptionedPicture, size: tuple[int, int], paint: Paint) -> tuple[DrawnRow, ...]:
    if not picture.pixels:
        return drawn("ascii", bytes(1), 1, 1, *size)
    return drawn(paint.pixel_style, picture.pixels, picture.height, picture.width, *size)
