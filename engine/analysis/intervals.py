"""How far a figure could be off because the images are a sample. All intervals are of 95 %."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.contract.decisions import Interval

_Z = 1.959963984540054  # the standard normal distribution's 97.5 % point


def of_share(hits: int, total: int) -> Interval:
    """The score interval of a share (Wilson 1927, "Probable inference"): true also near 0 and 1; nan of nothing."""
    if total == 0:
        return Interval(math.nan, math.nan)
    share, room = hits / total, _Z**2 / total
    centre = (share + room / 2) / (1 + room)
    half = _Z / (1 + room) * math.sqrt(share * (1 - share) / total + room / (4 * total))
    # At the ends the formula is exact, but its rounding is not.
    return Interval(0.0 if hits == 0 else max(0.0, centre - half), 1.0 if hits == total else min(1.0, centre + half))


def of_mean(values: npt.NDArray[np.float64]) -> Interval:
    """The mean of values (n,), such as paired differences, plus and minus 1.96 of its standard errors."""
    if len(values) < 2:
        return Interval(math.nan, math.nan)
    half = _Z * float(values.std(ddof=1)) / math.sqrt(len(values))
    mean = float(values.mean())
    return Interval(mean - half, mean + half)


def of_auc(auc: float, positives: int, negatives: int) -> Interval:
    """The interval of an area under the ROC curve (Hanley and McNeil 1982, equation 2)."""
    if not positives or not negatives:
        return Interval(math.nan, math.nan)
    above, twice = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (above - auc**2) + (negatives - 1) * (twice - auc**2)
    half = _Z * math.sqrt(max(0.0, variance) / (positives * negatives))
    return Interval(max(0.0, auc - half), min(1.0, auc + half))
