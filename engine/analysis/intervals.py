"""How far a figure could be off because the images are a sample. All intervals are of 95 % unless said."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.contract.decisions import Interval

_Z = 1.959963984540054  # the standard normal distribution's 97.5 % point
UNKNOWN = Interval(math.nan, math.nan)


def of_share(hits: int, total: int, z: float = _Z) -> Interval:
    """The score interval of a share (Wilson 1927, "Probable inference"): true also near 0 and 1; nan of nothing.

    It reaches as far as `z` deviations.
    """
    if total == 0:
        return UNKNOWN
    share, room = hits / total, z**2 / total
    centre = (share + room / 2) / (1 + room)
    half = z / (1 + room) * math.sqrt(share * (1 - share) / total + room / (4 * total))
    # At the ends the formula is exact, but its rounding is not.
    return Interval(0.0 if hits == 0 else max(0.0, centre - half), 1.0 if hits == total else min(1.0, centre + half))


def of_difference(hits: int, total: int, other_hits: int, other_total: int, z: float = _Z) -> Interval:
    """The interval of the difference of two independent shares, from the score interval of each.

    (Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10.)
    """
    if not total or not other_total:
        return UNKNOWN
    share, other = hits / total, other_hits / other_total
    of_one, of_other = of_share(hits, total, z), of_share(other_hits, other_total, z)
    difference = share - other
    return Interval(
        difference - math.hypot(share - of_one.low, of_other.high - other),
        difference + math.hypot(of_one.high - share, other - of_other.low),
    )


def of_mean(values: npt.NDArray[np.float64]) -> Interval:
    """The mean of values (n,), such as paired differences, plus and minus 1.96 of its standard errors."""
    if len(values) < 2:
        return UNKNOWN
    half = _Z * float(values.std(ddof=1)) / math.sqrt(len(values))
    mean = float(values.mean())
    return Interval(mean - half, mean + half)


def of_mean_difference(later: npt.NDArray[np.float64], earlier: npt.NDArray[np.float64]) -> Interval:
    """The mean of values (n,) minus that of others (m,): plus and minus 1.96 of its standard errors (Welch 1938)."""
    if len(later) < 2 or len(earlier) < 2:
        return UNKNOWN
    difference = float(later.mean()) - float(earlier.mean())
    half = _Z * math.sqrt(later.var(ddof=1) / len(later) + earlier.var(ddof=1) / len(earlier))
    return Interval(difference - half, difference + half)


def of_share_difference(later: tuple[int, int], earlier: tuple[int, int]) -> Interval:
    """One share minus another, each given as hits and total (Newcombe 1998, "Interval estimation for the difference
    between independent proportions", method 10): from the score interval of each."""
    if not later[1] or not earlier[1]:
        return UNKNOWN
    one, other = of_share(*later), of_share(*earlier)
    a, b = later[0] / later[1], earlier[0] / earlier[1]
    return Interval(
        a - b - math.hypot(a - one.low, other.high - b),
        a - b + math.hypot(one.high - a, b - other.low),
    )


def of_auc(auc: float, positives: int, negatives: int) -> Interval:
    """The interval of an area under the ROC curve: all areas that the found one is within 1.96 deviations of.

    (Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2",
    method 5.) The deviation is that at the area in question, not that at `auc`: so five and five in perfect order
    give 0.64 to 1. Hanley and McNeil's (1982) variance, with the mean of the two sizes for each, is the same for an
    area and its mirror image.
    """
    if not positives or not negatives:
        return UNKNOWN
    return Interval(_least_area(auc, positives, negatives), 1 - _least_area(1 - auc, positives, negatives))


def _least_area(auc: float, positives: int, negatives: int) -> float:
    """Between 0 and `auc`, where auc − area = 1.96 deviations; halved until floats have nothing between."""
    low, high = 0.0, auc
    while low < (area := (low + high) / 2) < high:
        if auc - area > _Z * math.sqrt(_variance_of_area(area, positives, negatives)):
            low = area
        else:
            high = area
    return low


def _variance_of_area(area: float, positives: int, negatives: int) -> float:
    mean = (positives + negatives) / 2 - 1
    pairs = 1 + mean * (1 - area) / (2 - area) + mean * area / (1 + area)
    return area * (1 - area) * pairs / (positives * negatives)
