"""Signed pictures in the colours that the terminal and the theme have, or in signs where they have none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.widget import Widget

from tui.drawing.diverging import Depth
from tui.drawing.palette import MONO, Palette
from tui.drawing.pixels import DrawnRow, signed_blocks, signed_shades, signed_signs
from tui.widgets.strips import depth_of, in_ascii_app

Values = Sequence[float]


class SignedPaint(NamedTuple):
    """With what signed pictures are drawn."""

    palette: Palette
    depth: Depth

    @property
    def pixels_a_row(self) -> int:
        """How many pixels stand above each other in a line of the screen."""
        return 2 if self.palette.get("middle") is not None and self.depth != "16" else 1


def signed_paint(widget: Widget, palette: Palette) -> SignedPaint:
    """What the terminal of a widget can show in a palette."""
    return SignedPaint(MONO if in_ascii_app(widget) else palette, depth_of(widget.app))


def draw_signed(
    values: Values, shape: tuple[int, int], limit: float, room: tuple[int, int], paint: SignedPaint
) -> tuple[DrawnRow, ...]:
    """A picture of `shape` (height, width) in `room` (rows, columns); ±`limit` is drawn strongest."""
    negative, middle, positive = (paint.palette.get(role) for role in ("negative", "middle", "positive"))
    if negative is None or middle is None or positive is None:
        return signed_signs(values, *shape, limit, *room)
    if paint.depth == "16":
        return signed_shades(values, *shape, limit, *room, (negative, middle, positive))
    return signed_blocks(values, *shape, limit, *room, (negative, middle, positive), paint.depth)
