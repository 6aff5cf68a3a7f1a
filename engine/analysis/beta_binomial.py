"""How far coverage may be from what was promised by luck alone: that of the calibration, and that of the judged."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.analysis.thresholds import Floats
from engine.contract.decisions import Interval


def covered_distribution(rank: int, calibrated: int, judged: int) -> Floats:
    """P(x of the judged are covered) for x = 0 … judged, (judged + 1,), where `rank` of `calibrated` scores is taken.

    Where the scores of both parts are exchangeable and no two are equal, the coverage that a calibration comes to has
    the distribution Beta(rank, calibrated + 1 − rank) (Vovk 2012, "Conditional validity of inductive conformal
    predictors"), and the count that is covered is beta-binomial. 1 ≤ rank ≤ calibrated.
    """
    x = np.arange(judged + 1)
    below, above = rank - 1, calibrated - rank  # scores on either side of the one that is taken
    log = _log_factorials(1 << (calibrated + judged).bit_length())
    covered = log[x + below] - log[x] - log[below]  # log of the ways to choose x of x + below
    missed = log[judged - x + above] - log[judged - x] - log[above]
    total = log[judged + calibrated] - log[judged] - log[calibrated]
    return np.asarray(np.exp(covered + missed - total), dtype=np.float64)


def coverage_by_luck(rank: int, calibrated: int, judged: int) -> Interval:
    """What the coverage of the judged lies in 95 times of 100 or more; without luck where all or none are covered."""
    if rank > calibrated or rank < 1:
        share = 1.0 if rank > calibrated else 0.0
        return Interval(share, share)
    cumulated = np.cumsum(covered_distribution(rank, calibrated, judged))
    low = int(np.searchsorted(cumulated, 0.025, side="right"))
    high = int(np.searchsorted(cumulated, 0.975, side="left"))
    return Interval(low / judged, min(high, judged) / judged)


def tails(rank: int, calibrated: int, judged: int, covered: int) -> tuple[float, float]:
    """P(as few as `covered` or fewer) and P(as many or more) by luck; both 1 where all or none have to be covered."""
    if rank > calibrated or rank < 1 or not judged:
        return 1.0, 1.0
    chances = covered_distribution(rank, calibrated, judged)
    return float(chances[: covered + 1].sum()), float(chances[covered:].sum())


@lru_cache(maxsize=4)
def _log_factorials(most: int) -> Floats:
    """log 0! … log most!, (most + 1,)."""
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, most + 1)))))
