"""Pictures as characters: an ASCII ramp, half blocks or braille, two colours or two signs for signed values.

A picture is a flat sequence, row by row. A drawn row is a tuple of stretches that share their colours; all rows of a
picture are equally wide. Pixels are averaged where a picture shrinks and repeated where it grows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

from tui.drawing.diverging import STEPS, Depth, Hues, signed_table, two_hues
from tui.drawing.palette import RGB

PixelStyle = Literal["ascii", "half", "braille"]
PIXEL_STYLES: tuple[PixelStyle, ...] = ("ascii", "half", "braille")

COLOUR_CHANNELS = (3, 4)
RAMP = " .:-=+*#%@"
# Fewer greys make longer stretches, and thereby fewer bytes; 32 cannot be told from 256 at this size.
GREYS = 32
# Thresholds that spread a grey over 4 × 4 dots (Bayer 1973).
BAYER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))
BRAILLE_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
# From blank to full, for values that have two hues and no more.
SHADES = " ░▒▓█"


class Blocks(NamedTuple):
    """Characters that share a foreground and a background; `None` is whatever is there."""

    text: str
    foreground: RGB | None
    background: RGB | None


DrawnRow = tuple[Blocks, ...]


def fitting(height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
    """The rows and columns of the largest picture within the room given that is not distorted.

    A character is taken to be twice as high as it is wide.
    """
    if min(height, width, rows, columns) <= 0:
        return 0, 0
    scale = min(columns / width, 2 * rows / height)
    return max(1, min(rows, round(height * scale / 2))), max(1, min(columns, round(width * scale)))


def drawn(
    style: PixelStyle, pixels: Sequence[int], height: int, width: int, rows: int, columns: int
) -> tuple[DrawnRow, ...]:
    """A picture of greys 0…255, or of 3 or 4 channels a pixel, in `rows` × `columns` characters of that style.

    Colours are drawn in half blocks only; the other styles draw how light they are. Of four channels the last,
    transparency, is left out.
    Raises ValueError where there are not `height · width` pixels.
    """
    channels = len(pixels) // max(1, height * width)
    if channels in COLOUR_CHANNELS and len(pixels) == channels * height * width:
        planes = [pixels[n::channels] for n in range(3)]
        if style == "half":
            return colour_blocks(planes, height, width, rows, columns)
        pixels = [(299 * red + 587 * green + 114 * blue) // 1000 for red, green, blue in zip(*planes, strict=True)]
    draw = {"ascii": ascii_ramp, "half": half_blocks, "braille": braille}[style]
    return draw(pixels, height, width, rows, columns)


def ascii_ramp(pixels: Sequence[int], height: int, width: int, rows: int, columns: int) -> tuple[DrawnRow, ...]:
    """One character a cell, the denser the brighter, without colours."""
    last = len(RAMP) - 1
    return tuple(
        (Blocks("".join([RAMP[(grey * last + 127) // 255] for grey in line]), None, None),)
        for line in resized(pixels, height, width, rows, columns)
    )


def half_blocks(pixels: Sequence[int], height: int, width: int, rows: int, columns: int) -> tuple[DrawnRow, ...]:
    """Two pixels a cell, one above the other, as foreground and background."""
    table = _grey_table()
    lines = [[table[grey] for grey in line] for line in resized(pixels, height, width, 2 * rows, columns)]
    return tuple(_stacked(upper, lower) for upper, lower in zip(lines[::2], lines[1::2], strict=True))


def colour_blocks(
    planes: Sequence[Sequence[int]], height: int, width: int, rows: int, columns: int
) -> tuple[DrawnRow, ...]:
    """Two pixels a cell in colour; `planes` are red, green and blue, each as greys are given."""
    table = _grey_table()
    red, green, blue = (resized(plane, height, width, 2 * rows, columns) for plane in planes)
    lines = [
        [(table[r][0], table[g][0], table[b][0]) for r, g, b in zip(*line, strict=True)]
        for line in zip(red, green, blue, strict=True)
    ]
    return tuple(_stacked(upper, lower) for upper, lower in zip(lines[::2], lines[1::2], strict=True))


def braille(pixels: Sequence[int], height: int, width: int, rows: int, columns: int) -> tuple[DrawnRow, ...]:
    """Two by four dots a cell, dithered, without colours."""
    lines = resized(pixels, height, width, 4 * rows, 2 * columns)
    codes = [[0x2800] * columns for _ in range(rows)]
    for y, line in enumerate(lines):
        thresholds = [16 * step + 8 for step in BAYER[y % 4]]
        bits, row = BRAILLE_BITS[y % 4], codes[y // 4]
        for x, grey in enumerate(line):
            if grey > thresholds[x % 4]:
                row[x // 2] |= bits[x % 2]
    # The blank pattern is a sign of its own, which some fonts draw as eight hollow dots.
    blank = {0x2800: 0x20}
    return tuple((Blocks("".join(map(chr, row)).translate(blank), None, None),) for row in codes)


def signed_blocks(
    values: Sequence[float],
    height: int,
    width: int,
    limit: float,
    rows: int,
    columns: int,
    hues: Hues,
    depth: Depth = "true",
) -> tuple[DrawnRow, ...]:
    """Signed values as half blocks between three colours: at −limit, at 0 and at +limit. Grey is not finite."""
    table = signed_table(hues, depth)
    lines = [
        [table[_step(value, limit)] for value in line]
        for line in resized_signed(values, height, width, 2 * rows, columns)
    ]
    return tuple(_stacked(upper, lower) for upper, lower in zip(lines[::2], lines[1::2], strict=True))


def signed_shades(
    values: Sequence[float], height: int, width: int, limit: float, rows: int, columns: int, hues: Hues
) -> tuple[DrawnRow, ...]:
    """Signed values for 16 colours: the hue tells the sign, the density how far from zero; `?` is not finite."""
    below, middle, above = two_hues(hues)
    last = len(SHADES) - 1

    def shade(value: float) -> tuple[str, RGB | None]:
        if not math.isfinite(value):
            return "?", None
        level = round(min(1.0, abs(value) / limit) * last) if limit > 0 else 0
        return SHADES[level], (above if value > 0 else below) if level else None

    return tuple(
        tuple(
            Blocks(sign * len(list(group)), hue, middle)
            for (sign, hue), group in groupby(shade(value) for value in line)
        )
        for line in resized_signed(values, height, width, rows, columns)
    )


def signed_signs(
    values: Sequence[float], height: int, width: int, limit: float, rows: int, columns: int
) -> tuple[DrawnRow, ...]:
    """Signed values without colour: `#` and `+` above zero, `=` and `-` below, blank near it, `?` not finite."""
    return tuple(
        (Blocks("".join([_sign(value, limit) for value in line]), None, None),)
        for line in resized_signed(values, height, width, rows, columns)
    )


def largest(values: Sequence[float]) -> float:
    """The greatest finite magnitude, 0 where there is none: the natural limit of a diverging palette."""
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0)


def resized(pixels: Sequence[int], height: int, width: int, rows: int, columns: int) -> list[list[int]]:
    """The greys as `rows` lists of `columns`: means of whole pixels where it shrinks, repeated where it grows."""
    _check(len(pixels), height, width)
    across = _spans(width, columns)
    lines = []
    for top, bottom in _spans(height, rows):
        if bottom - top == 1:
            sums: Sequence[int] = pixels[top * width : bottom * width]
        else:
            sums = list(map(sum, zip(*(pixels[y * width : (y + 1) * width] for y in range(top, bottom)), strict=True)))
        deep = bottom - top
        if columns >= width:
            lines.append([sums[left] // deep for left, _ in across])
        else:
            lines.append([sum(sums[left:right]) // (deep * (right - left)) for left, right in across])
    return lines


def resized_signed(values: Sequence[float], height: int, width: int, rows: int, columns: int) -> list[list[float]]:
    """The same for floats. A mean over anything that is not finite is not finite."""
    _check(len(values), height, width)
    across = _spans(width, columns)
    lines = []
    for top, bottom in _spans(height, rows):
        sums = list(map(sum, zip(*(values[y * width : (y + 1) * width] for y in range(top, bottom)), strict=True)))
        deep = bottom - top
        lines.append([sum(sums[left:right]) / (deep * (right - left)) for left, right in across])
    return lines


def _check(found: int, height: int, width: int) -> None:
    if found != height * width:
        raise ValueError(f"a picture of {height} × {width} pixels has {height * width} values, not {found}")


@lru_cache(maxsize=256)
def _spans(old: int, new: int) -> tuple[tuple[int, int], ...]:
    """Which of `old` pixels each of `new` covers."""
    starts = [index * old // new for index in range(new + 1)]
    return tuple((start, max(start + 1, end)) for start, end in pairwise(starts))


@lru_cache(maxsize=1)
def _grey_table() -> tuple[RGB, ...]:
    levels = [round(grey * (GREYS - 1) / 255) * 255 // (GREYS - 1) for grey in range(256)]
    return tuple((level, level, level) for level in levels)


def _stacked(upper: Sequence[RGB], lower: Sequence[RGB]) -> DrawnRow:
    return tuple(
        # One colour above and below needs no foreground, and joins stretches that a terminal draws alike.
        Blocks(" " * count, None, pair[1]) if pair[0] == pair[1] else Blocks("▀" * count, *pair)
        for pair, count in ((pair, len(list(group))) for pair, group in groupby(zip(upper, lower, strict=True)))
    )


def _step(value: float, limit: float) -> int:
    """Where a value stands in `signed_table`."""
    if -limit <= value <= limit:
        return round(value / limit * STEPS) if limit else 0
    if not math.isfinite(value):
        return STEPS + 1
    return 0 if limit <= 0 else STEPS if value > 0 else -STEPS


def _sign(value: float, limit: float) -> str:
    if not math.isfinite(value):
        return "?"
    share = value / limit if limit > 0 else 0.0
    if abs(share) < 0.2:
        return " "
    strong = abs(share) >= 0.55
    return ("#" if strong else "+") if share > 0 else ("=" if strong else "-")
