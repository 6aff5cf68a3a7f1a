"""Round numbers along an axis, and the y axis of a chart that has few rows: limits, and values evenly on them.

On a log axis limits and places are exponents of ten, the values that are marked are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tui.drawing.square import Range, nearest_row

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


# How many rows a decade may take: with most of them 1, 2, 5 and 10 stand evenly, with the rest 1, 3 and 10.
_ROWS_OF_A_DECADE = (200, 100, 50, 40, 30, 20, 16, 13, 10, 7, 6, 5, 4, 3)
_FAMILIES: tuple[tuple[float, ...], ...] = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))  # within a decade
_STRIDES = (2, 5, 10, 20, 50, 100, 200, 300)  # in decades
_FURTHEST = 300  # decades from 1: more is no float


def linear_limits(low: float, high: float, rows: int) -> Range:
    """`low … high` widened so that round values fall on rows, and so that they stay while the values move a little.

    What is left over goes below, but not below zero where no value is.
    """
    if low == high:
        room = abs(low) * 0.05 or 1.0
        low, high = low - room, high + room
    intervals = max(1, rows - 1)
    rough = high / intervals - low / intervals
    power = 10.0 ** math.floor(math.log10(rough)) if 0 < rough < math.inf else 0.0
    gaps = (1, 2) if rows < 4 else (2, 3, 4, 5)  # rows from one tick to the next
    units = sorted((step * power / gap, step * power) for step in (1, 2, 5, 10, 20, 50) for gap in gaps)
    for unit, step in units:
        if unit >= rough * (1 - 1e-9) > 0:
            bottom, top = _on_rows(low, high, unit, intervals)
            if bottom <= low + unit * 1e-6 and bottom < top < math.inf and len(multiples(bottom, top, step, rows)) > 1:
                return bottom, top
    return low, high


def log_limits(low: float, high: float, rows: int) -> Range:
    """The same for exponents of ten; two values to mark are always within."""
    intervals = max(1, rows - 1)
    for unit in [1 / rows_of_a_decade for rows_of_a_decade in _ROWS_OF_A_DECADE]:
        top = math.ceil(high / unit - 1e-9) * unit
        limits = top - intervals * unit, top
        if limits[0] <= low + 1e-9 and len(log_marks(limits, rows, rows)) > 1:
            return limits
    return linear_limits(low, high, rows)


def _on_rows(low: float, high: float, unit: float, intervals: int) -> Range:
    top = math.ceil(high / unit - 1e-9)
    bottom = top - intervals
    return (0.0, intervals * unit) if low >= 0 > bottom else (bottom * unit, top * unit)


def linear_marks(limits: Range, rows: int, most: int) -> list[float]:
    """Multiples of a round step, `most` at the most, with as many rows between one and the next."""
    candidates = list(_by_steps(*limits, rows))
    gaps = [_gaps(ticks, limits, rows) for ticks in candidates]
    even = [
        ticks for ticks, gap in zip(candidates, gaps, strict=True) if len(ticks) <= most and min(gap) > 1 and _even(gap)
    ]
    if not even or len(even[0]) == 2:  # then rather one on each of a few rows
        dense = [ticks for ticks, gap in zip(candidates, gaps, strict=True) if len(ticks) <= 6 and set(gap) == {1}]
        even = dense or even
    apart = [ticks for ticks, gap in zip(candidates, gaps, strict=True) if min(gap) > 0]
    return next(iter(even + apart), None) or linear_ticks(*limits, 2)


def log_marks(limits: Range, rows: int, most: int) -> list[float]:
    """Values on an axis that runs from 10**low to 10**high: 1-2-5, 1-3, decades, or round steps where it is short."""
    low, high = limits
    decades = list(_by_decades(low, high))
    for ticks in decades:
        gaps = _log_gaps(ticks, limits, rows)
        if len(ticks) <= most and min(gaps) > 1 and _even(gaps) and (len(ticks) > 2 or high - low > 1 or rows < 8):
            return ticks
    steps = [ticks for ticks in _by_steps(10.0**low, 10.0**high, rows) if ticks[0] > 0] if high - low < 2 else []
    paper = [ticks for ticks in steps if _as_on_log_paper(_log_gaps(ticks, limits, rows))]
    for least, offered in ((2, paper), (2, decades), (2, steps), (1, paper + decades + steps)):
        for ticks in offered:
            if len(ticks) <= most and min(_log_gaps(ticks, limits, rows)) >= least:
                return ticks
    return [tick for tick in linear_ticks(10.0**low, 10.0**high, 2) if tick > 0]


def _by_steps(low: float, high: float, rows: int) -> Iterator[list[float]]:
    """Two ticks or more, of finer and then of coarser steps."""
    step = step_of(low, high, rows)
    if not 0 < step < math.inf:
        return
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    for factor in (*STEPS[:-1], *(10 * one for one in STEPS[:-1]), 100.0):
        ticks = multiples(low, high, factor * power, rows) if factor * power >= step * (1 - 1e-9) else []
        if len(ticks) > 1:
            yield ticks


def _by_decades(low: float, high: float) -> Iterator[list[float]]:
    """The same on a log axis."""
    decades = range(max(-_FURTHEST, math.floor(low)), min(_FURTHEST, math.floor(high + 1e-9)) + 1)
    families = [[factor * 10.0**decade for decade in decades for factor in family] for family in _FAMILIES]
    families += [[10.0**decade for decade in decades if decade % stride == 0] for stride in _STRIDES]
    for family in families:
        ticks = [tick for tick in family if low - 1e-9 <= math.log10(tick) <= high + 1e-9]
        if len(ticks) > 1:
            yield ticks


def _log_gaps(ticks: Sequence[float], limits: Range, rows: int) -> list[int]:
    return _gaps([math.log10(tick) for tick in ticks], limits, rows)


def _gaps(places: Sequence[float], limits: Range, rows: int) -> list[int]:
    on = [nearest_row(place, limits, rows) for place in places]
    return [after - before for before, after in pairwise(on)]


def _as_on_log_paper(gaps: Sequence[int]) -> bool:
    """Whether equal steps come closer and closer upwards, as they should, and never by more than a row at a time."""
    return all(0 <= below - above <= 1 for below, above in pairwise(gaps))


def _even(gaps: Sequence[int]) -> bool:
    """Whether the eye takes the gaps for the same: 1 row beside 2 is not."""
    return (max(gaps) - min(gaps)) * 4 <= max(gaps)
