"""The colours of signed values, as a terminal with many, 256 or 16 colours can show them.

A terminal with few colours takes the nearest to each that is asked for, and between two hues the nearest is often a
third one: olive for a dark orange. So its own colours are asked for here, and nothing between them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from tui.drawing.palette import RGB, blended

Depth = Literal["true", "256", "16"]
Hues = tuple[RGB, RGB, RGB]  # below zero, at zero, above zero

STEPS = 32  # on each side of zero: more cannot be told apart, and longer stretches of one colour are fewer bytes
UNKNOWN: RGB = (128, 128, 128)

# Oranges of the 256 colours from weak to strong; the blues are the same numbers from right to left.
_ORANGES_ON_DARK: tuple[RGB, ...] = ((175, 95, 0), (215, 95, 0), (255, 135, 0), (255, 175, 95))
_ORANGES_ON_LIGHT: tuple[RGB, ...] = ((255, 215, 175), (255, 175, 95), (255, 135, 0), (215, 95, 0))
# Of the 16: brown or dark yellow, and blue, as Rich has them; dark blue cannot be seen on black.
_BROWN: RGB = (170, 85, 0)
_BLUE_ON_DARK: RGB = (85, 85, 255)
_BLUE_ON_LIGHT: RGB = (0, 0, 170)


@lru_cache(maxsize=16)
def signed_table(hues: Hues, depth: Depth) -> tuple[RGB, ...]:
    """The colours of the steps 0 … `STEPS`, what is not finite, and at the end, counted backwards, those below zero."""
    negative, middle, positive = hues
    if depth == "256":
        oranges = _ORANGES_ON_DARK if _dark(middle) else _ORANGES_ON_LIGHT
        above = _spread((middle, *oranges))
        below = _spread((middle, *(orange[::-1] for orange in oranges)))
    else:
        above = tuple(blended(middle, positive, step / STEPS) for step in range(STEPS + 1))
        below = tuple(blended(middle, negative, step / STEPS) for step in range(STEPS + 1))
    return (*above, UNKNOWN, *below[:0:-1])


def two_hues(hues: Hues) -> Hues:
    """The same among the 16 colours; how strong a value is has to be told by something else."""
    middle = hues[1]
    return _BLUE_ON_DARK if _dark(middle) else _BLUE_ON_LIGHT, middle, _BROWN


def _spread(colors: tuple[RGB, ...]) -> tuple[RGB, ...]:
    last = len(colors) - 1
    return tuple(colors[round(step * last / STEPS)] for step in range(STEPS + 1))


def _dark(color: RGB) -> bool:
    return sum(color) < 3 * 128
