"""Signed pictures in the colours of a palette, or in signs where it has none."""

from __future__ import annotations

from collections.abc import Sequence

from tui.drawing.palette import Palette
from tui.drawing.pixels import DrawnRow, signed_blocks, signed_signs

Values = Sequence[float]


def draw_signed(
    values: Values, shape: tuple[int, int], limit: float, room: tuple[int, int], palette: Palette
) -> tuple[DrawnRow, ...]:
    """A picture of `shape` (height, width) in `room` (rows, columns); ±`limit` is drawn strongest."""
    negative, middle, positive = palette.get("negative"), palette.get("middle"), palette.get("positive")
    if negative is None or middle is None or positive is None:
        return signed_signs(values, *shape, limit, *room)
    return signed_blocks(values, *shape, limit, *room, (negative, middle, positive))
