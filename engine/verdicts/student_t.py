"""Student's t distribution for whole degrees of freedom, in closed form and without numpy.

The app judges sweeps without loading numpy or scipy, so the few lines stand here. Source: Abramowitz and Stegun,
Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
"""

from __future__ import annotations

import math
from functools import lru_cache

_HALVINGS = 60  # of an angle below π/2: as far as a float can tell two angles apart


def within(t: float, degrees: int) -> float:
    """The probability that |T| is at most `t`, which is not negative."""
    return _within_angle(math.atan(t / math.sqrt(degrees)), degrees)


def above(t: float, degrees: int) -> float:
    """The probability that T is above `t`: the p-value of a one-sided test."""
    half = within(abs(t), degrees) / 2
    return 0.5 - half if t >= 0 else 0.5 + half


@lru_cache(maxsize=256)  # a pane asks for the same one at every frame
def two_sided(level: float, degrees: int) -> float:
    """The t that |T| exceeds with probability `level`, which is above 0 and below 1."""
    low, high = 0.0, math.pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if 1.0 - _within_angle(middle, degrees) > level:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan((low + high) / 2)


def _within_angle(angle: float, degrees: int) -> float:
    """P(|T| ≤ √degrees · tan(angle)), a finite sum of powers of the cosine."""
    cosine, odd = math.cos(angle), degrees % 2
    term, total = (cosine if odd else 1.0), 0.0
    for power in range(1 + odd, degrees, 2):
        total += term
        term *= cosine * cosine * power / (power + 1)
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
