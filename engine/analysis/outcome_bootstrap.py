"""How far counts of outcomes could be off, where an outcome that nobody has seen may weigh more than all others.

A Bayesian bootstrap (Rubin 1981): each image weighs as much as an exponential draw, so that all images of one outcome
weigh as much as one gamma draw, however many they are. A bootstrap that has seen no miss could never see one. So half
an image is added to each kind of outcome in every resample (Jeffreys' prior), never to what was counted itself.
"""

from __future__ import annotations

import numpy as np

from engine.analysis.thresholds import Floats
from engine.contract.interval import Interval

RESAMPLES, RESAMPLING_SEED = 1_000, 0
UNSEEN = 0.5  # images of each kind that were not drawn, but could have been
LEVEL = 0.95


def weights_of(shapes: Floats) -> Floats:
    """Weights (resamples, …) of outcomes that have been seen so many times (…).

    RandomState, since its draws are the same in every version of numpy.
    """
    return np.random.RandomState(RESAMPLING_SEED).standard_gamma(shapes, size=(RESAMPLES, *shapes.shape))


def ends_of(draws: Floats) -> tuple[Floats, Floats]:
    """The ends (…) of the 95 % intervals of draws (resamples, …), each by itself."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def interval_of(draws: Floats) -> Interval:
    """The 95 % interval of draws (resamples,)."""
    low, high = ends_of(draws)
    return Interval(float(low), float(high))
