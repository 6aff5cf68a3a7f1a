"""Round numbers along an axis, and how to write them in few characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

STEPS = (1.0, 2.0, 5.0, 10.0)


def step_of(low: float, high: float, most: int) -> float:
    """The least of 1, 2, 5 × 10ⁿ that divides `low … high` into fewer than `most` intervals."""
    # Not high − low: the difference of two large floats of opposite sign is infinite.
    rough = high / max(1, most - 1) - low / max(1, most - 1)
    if not 0 < rough < math.inf:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    if power == 0.0:
        return rough
    return next((step * power for step in STEPS if step * power >= rough * (1 - 1e-9)), 10 * power)


def snapped(low: float, high: float, most: int) -> tuple[float, float]:
    """`low … high` widened to whole ticks, so that an axis stays still while values move a little."""
    if low == high:
        room = abs(low) * 0.05 or 1.0
        low, high = low - room, high + room
    step = step_of(low, high, most)
    bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return (bottom, top) if bottom < top and math.isfinite(top - bottom) else (low, high)


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of a round step within `low … high`, about `most` of them at the most."""
    step = step_of(low, high, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if not 0 <= last - first <= 2 * most + 2:
        return [low, high]
    # From the count, not by adding up: 0.1 + 0.1 + 0.1 is not 0.3.
    return [_rounded(number * step, step) for number in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Values to mark on a log axis that runs from 10**low to 10**high: decades, 1-2-5, or round steps."""
    decades = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(decades) > most:
        stride = math.ceil(len(decades) / most)
        return [10.0**decade for decade in decades if decade % stride == 0]
    if len(decades) >= 3:
        return [10.0**decade for decade in decades]
    candidates = [
        factor * 10.0**decade
        for decade in range(math.floor(low), math.floor(high) + 1)
        for factor in (1.0, 2.0, 5.0)
        if low - 1e-9 <= math.log10(factor * 10.0**decade) <= high + 1e-9
    ]
    if 3 <= len(candidates) <= most:
        return candidates
    if len(candidates) > most:
        return candidates[:: math.ceil(len(candidates) / most)]
    return [tick for tick in linear_ticks(10.0**low, 10.0**high, most) if tick > 0]


def tick_labels(values: Sequence[float]) -> list[str]:
    """The values with as many digits as tell them apart, in scientific notation where they are very long."""
    for digits in range(1, 12):
        labels = [_label(value, digits) for value in values]
        if len(set(labels)) == len(labels) and all(
            math.isclose(float(label), value, rel_tol=1e-3, abs_tol=0.0)
            for label, value in zip(labels, values, strict=True)
        ):
            return labels
    return [_label(value, 6) for value in values]


def _label(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e6:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def _rounded(value: float, step: float) -> float:
    places = 2 - math.floor(math.log10(step)) if step > 0 else 0
    return round(value, places) if abs(places) < 300 else value
