"""The shades under the numbers of a grid, as a terminal with many, 256 or 16 colours can show them.

Blue is right or best, orange wrong or expensive. A terminal with few colours takes the nearest to each colour that is
asked for, and the nearest to a dark blue or a dark orange is often red, olive or teal.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from tui.drawing.diverging import Depth
from tui.drawing.palette import RGB, Palette, blended

Hue = Literal["heat-right", "heat-wrong"]

# Of the 256 colours, from weak to strong: greys first, because no dark orange is among them.
_OF_256: dict[tuple[Hue, bool], tuple[RGB, ...]] = {
    ("heat-right", True): ((38, 38, 38), (0, 0, 95), (0, 0, 135), (0, 95, 175)),
    ("heat-wrong", True): ((38, 38, 38), (68, 68, 68), (135, 95, 0), (175, 95, 0)),
    ("heat-right", False): ((238, 238, 238), (215, 215, 255), (175, 215, 255), (135, 175, 255)),
    ("heat-wrong", False): ((238, 238, 238), (255, 215, 175), (255, 175, 95), (255, 135, 0)),
}
# Of the 16, as Rich has them, with a colour of the text that can be read on each.
_BLUE: RGB = (0, 0, 170)
_BROWN: RGB = (170, 85, 0)
_BLACK: RGB = (0, 0, 0)
_WHITE: RGB = (255, 255, 255)
_SEEN = 0.4  # of the strongest shade: below, a grid of 16 colours has none


class Shade(NamedTuple):
    """The colours of a cell; None is the terminal's own."""

    text: RGB | None
    background: RGB | None


def shaded(palette: Palette, hue: Hue, share: float, depth: Depth, role: str = "text") -> Shade | None:
    """The shade of a cell that has `share` (0…1) of a hue, its text in a role; None in a palette without colours."""
    base, top, text = palette.get("heat-base"), palette.get(hue), palette.get(role)
    if base is None or top is None:
        return None
    if depth == "16":
        if share < _SEEN:
            return Shade(text, None)
        return Shade(_WHITE, _BLUE) if hue == "heat-right" else Shade(_BLACK, _BROWN)
    if depth == "256":
        steps = _OF_256[hue, sum(base) < 3 * 128]
        return Shade(text, steps[min(len(steps) - 1, int(min(1.0, max(0.0, share)) * len(steps)))])
    return Shade(text, blended(base, top, share))
