"""A curve made ready to be drawn: decimated so that spikes survive, smoothed, windowed, on a linear or log axis.

A curve is a sequence of `Cell`s in ascending `x`. Every function takes time proportional to the cells and columns it
is given, and leaves what is not finite as nan, which a chart draws as a gap.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Cell(NamedTuple):
    """A stretch of a curve around `x`: its least, mean and greatest value, nan where nothing is finite."""

    x: float
    low: float
    mean: float
    high: float


def points(pairs: Iterable[tuple[float, float]]) -> tuple[Cell, ...]:
    """Single values `(x, y)` as cells."""
    return tuple(Cell(x, y, y, y) for x, y in pairs)


def decimated(cells: Sequence[Cell], left: float, right: float, columns: int) -> list[Cell]:
    """At most one cell for each of `columns` columns between `left` and `right`, keeping minimum and maximum.

    What lies outside is left out. The mean of a column that holds anything non-finite is nan, so that a line breaks
    there, while what was finite in it still shows in `low` and `high`.
    """
    xs = [cell.x for cell in cells]
    start, end = bisect_left(xs, left), bisect_right(xs, right)
    if end - start <= 1 or right <= left:
        return list(cells[start:end])
    # The middle of column k lies at k / (columns - 1) of the way: plotext puts points so.
    across = [math.floor((x - left) / (right - left) * (columns - 1) + 0.5) for x in xs[start:end]]
    merged = []
    done = 0
    while done < len(across):
        stop = bisect_right(across, across[done], done)
        merged.append(_merged(cells[start + done : start + stop]))
        done = stop
    return merged


def smoothed(cells: Iterable[Cell], span: float, start: float = 0.0) -> tuple[Cell, ...]:
    """The exponential moving average of the means, in which a value `span` further left weighs e times less.

    A cell stands for the stretch from the cell before it (or `start`) to its own `x` and weighs
    `1 − exp(−stretch / span)`: cutting a stretch in two changes nothing, so a result does not depend on how a stream
    was cut. Normalised by the weights seen so far, as Adam corrects its moments (Kingma and Ba 2015, section 3).
    Non-finite means are gaps and leave no trace in what follows.
    """
    smooth: list[Cell] = []
    total = weight = 0.0
    last = start
    isfinite, exp = math.isfinite, math.exp
    for x, _, mean, _ in cells:
        keep = (exp((last - x) / span) if x > last else 1.0) if span > 0 else 0.0
        last = x if x > last else last
        total, weight = total * keep, weight * keep
        value = math.nan
        if isfinite(mean):
            total += mean * (1.0 - keep)
            weight += 1.0 - keep
            value = total / weight if weight > 0 else mean
        smooth.append(Cell(x, value, value, value))
    return tuple(smooth)


def recent(cells: Sequence[Cell], span: float) -> Sequence[Cell]:
    """The cells of the last `span` units of x."""
    if not cells:
        return cells
    return cells[bisect_left(cells, cells[-1].x - span, key=lambda cell: cell.x) :]


def log10(value: float) -> float:
    """The decimal logarithm, nan for what is zero, negative or not finite."""
    return math.log10(value) if 0 < value < math.inf else math.nan


def logarithmic(cells: Iterable[Cell]) -> list[Cell]:
    """The curve on a log axis: decades instead of values."""
    return [Cell(cell.x, log10(cell.low), log10(cell.mean), log10(cell.high)) for cell in cells]


def value_range(cells: Iterable[Cell]) -> tuple[float, float] | None:
    """The least and the greatest finite value, `None` where there is none."""
    values = [value for cell in cells for value in (cell.low, cell.high) if math.isfinite(value)]
    return (min(values), max(values)) if values else None


def _merged(cells: Sequence[Cell]) -> Cell:
    if len(cells) == 1:
        return cells[0]
    xs, lows, means, highs = zip(*cells, strict=True)
    x = (xs[0] + xs[-1]) / 2
    # Dividing first: the sum of two losses near the end of the float range would be infinite.
    low, mean, high = min(lows), sum(mean / len(cells) for mean in means), max(highs)
    if math.isfinite(sum(lows) / 2 + sum(highs) / 2):
        return Cell(x, low, mean, high)
    finite = [value for cell in cells for value in cell[1:] if math.isfinite(value)]
    mean = mean if len(finite) == 3 * len(cells) else math.nan
    return Cell(x, min(finite, default=math.nan), mean, max(finite, default=math.nan))
