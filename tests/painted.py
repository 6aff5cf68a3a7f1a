"""The screen as a picture: every cell where it belongs, blocks, boxes and braille drawn as shapes.

Letters come from a monospace font of the machine, DejaVu Sans Mono where there is one. A rendered SVG misplaces its
glyphs in most programs; this is what a terminal shows.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.strip import Strip

WIDTH, HEIGHT = 10, 20  # pixels of a cell
_FONT_SIZE = 16
_INK, _PAPER = (216, 216, 216), (16, 16, 16)  # where a style names no colour
_PLACES = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono{}.ttf",
    "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono{}.ttf",
)
RGB = tuple[int, int, int]
# Parts of a cell that are filled, as left, top, right, bottom.
_BLOCKS = {
    "▀": (0.0, 0.0, 1.0, 0.5),
    "▐": (0.5, 0.0, 1.0, 1.0),
    "▔": (0.0, 0.0, 1.0, 0.125),
    "▕": (0.875, 0.0, 1.0, 1.0),
    **{chr(0x2580 + eighths): (0.0, 1 - eighths / 8, 1.0, 1.0) for eighths in range(1, 9)},
    **{chr(0x2590 - eighths): (0.0, 0.0, eighths / 8, 1.0) for eighths in range(1, 8)},
}
_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
# Which arms of a cell's middle are drawn: left, right, up, down.
_BOXES = {
    "─": "lr",
    "━": "LR",
    "│": "ud",
    "┃": "UD",
    "┌": "rd",
    "┐": "ld",
    "└": "ru",
    "┘": "lu",
    "├": "rud",
    "┤": "lud",
    "┬": "lrd",
    "┴": "lru",
    "┼": "lrud",
}
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))  # column and row of each bit of braille


def painted(strips: Sequence[Strip]) -> Image.Image:
    """A picture of the lines, `WIDTH` × `HEIGHT` pixels a cell."""
    columns = max(strip.cell_length for strip in strips)
    image = Image.new("RGB", (columns * WIDTH, len(strips) * HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    for y, strip in enumerate(strips):
        x = 0
        for text, style, control in strip:
            if control:
                continue
            for character in text:
                _paint(draw, character, x * WIDTH, y * HEIGHT, style or Style.null())
                x += cell_len(character)
    return image


def _paint(draw: ImageDraw.ImageDraw, character: str, left: int, top: int, style: Style) -> None:
    ink, paper = _colours(style)
    cells = max(1, cell_len(character))
    right, bottom = left + cells * WIDTH - 1, top + HEIGHT - 1
    draw.rectangle((left, top, right, bottom), fill=paper)
    if character in _BLOCKS:
        x0, y0, x1, y1 = _BLOCKS[character]
        box = (left + round(x0 * WIDTH), top + round(y0 * HEIGHT))
        draw.rectangle((*box, left + round(x1 * WIDTH) - 1, top + round(y1 * HEIGHT) - 1), fill=ink)
    elif character in _SHADES:
        draw.rectangle((left, top, right, bottom), fill=_mixed(ink, paper, _SHADES[character]))
    elif character in _BOXES:
        _box(draw, _BOXES[character], left, top, ink)
    elif 0x2800 <= ord(character) <= 0x28FF:
        for bit, (column, row) in enumerate(_DOTS):
            if ord(character) - 0x2800 >> bit & 1:
                x, y = left + 1 + 5 * column, top + 1 + 5 * row
                draw.ellipse((x, y, x + 3, y + 3), fill=ink)
    elif character.strip():
        draw.text((left, top), character, font=_font(bool(style.bold)), fill=ink)
    if style.underline:
        draw.line((left, bottom - 1, right, bottom - 1), fill=ink)


def _box(draw: ImageDraw.ImageDraw, arms: str, left: int, top: int, ink: RGB) -> None:
    middle_x, middle_y = left + WIDTH // 2, top + HEIGHT // 2
    ends = {"l": (left, middle_y), "r": (left + WIDTH - 1, middle_y), "u": (middle_x, top)}
    ends["d"] = (middle_x, top + HEIGHT - 1)
    for arm in arms:
        draw.line((middle_x, middle_y, *ends[arm.lower()]), fill=ink, width=3 if arm.isupper() else 1)


def _colours(style: Style) -> tuple[RGB, RGB]:
    ink, paper = _rgb(style.color, _INK), _rgb(style.bgcolor, _PAPER)
    if style.reverse:
        ink, paper = paper, ink
    return (_mixed(ink, paper, 0.6) if style.dim else ink), paper


def _rgb(color: Color | None, default: RGB) -> RGB:
    if color is None or color.is_default:
        return default
    red, green, blue = color.get_truecolor()
    return red, green, blue


def _mixed(ink: RGB, paper: RGB, share: float) -> RGB:
    red, green, blue = (round(share * over + (1 - share) * under) for over, under in zip(ink, paper, strict=True))
    return red, green, blue


@cache
def _font(bold: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for place in _PLACES:
        path = Path(place.format("-Bold" if bold else ""))
        if path.exists():
            return ImageFont.truetype(str(path), _FONT_SIZE)
    try:
        asked = ["fc-match", "--format=%{file}", f"monospace:weight={'bold' if bold else 'regular'}"]
        found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        return ImageFont.truetype(found, _FONT_SIZE)
    except (OSError, subprocess.CalledProcessError):
        return ImageFont.load_default(_FONT_SIZE)  # not monospace, and without −, × and ≈: better than nothing
