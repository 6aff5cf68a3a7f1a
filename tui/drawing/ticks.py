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


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of a round step within `low … high`, about `most` of them at the most."""
    return multiples(low, high, step_of(low, high, most), 2 * most + 3) or [low, high]


def multiples(low: float, high: float, step: float, most: int) -> list[float]:
    """The multiples of `step` within `low … high`; none where they are more than `most`."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if not 0 <= last - first < most:
        return []
    # From the count, not by adding up: 0.1 + 0.1 + 0.1 is not 0.3.
    return [_rounded(number * step, step) for number in range(first, last + 1)]


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
