"""Two settings compared seed by seed: how far apart their losses are, and whether one of them is noisier.

Runs with the same seed begin with the same weights and see the images in the same order, so that their losses are
compared in pairs. What both of a pair share cancels in the difference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from engine.verdicts.student_t import above, two_sided

Effect = Literal["identical", "within-1-percent", "lower", "higher", "unknown"]

MATTERS = 0.01  # of the reference's mean loss: a smaller difference is called no difference that matters
_ROUNDING = 1e-6  # of the reference's mean loss: runs that share a product differ in their last bits
_WITHOUT_ONE = 0.05  # the level at which noise has to be seen without any one of the seeds


class Difference(Struct, frozen=True, kw_only=True):
    """Losses minus those of the reference, in nats: the mean over `pairs` seeds, and an interval around it.

    `low` and `high` are -inf and inf where there are too few seeds for an interval.
    """

    pairs: int
    mean: float
    low: float
    high: float
    effect: Effect

    @property
    def half_width(self) -> float:
        """Half of the interval's width, in nats."""
        return (self.high - self.low) / 2

    @property
    def sign(self) -> int:
        """-1 or 1 where the interval excludes 0, else 0."""
        return (self.low > 0) - (self.high < 0)


def difference(losses: Mapping[int, float], reference: Mapping[int, float], level: float) -> Difference:
    """The paired difference, with its t-interval: it misses the true mean with probability `level`.

    `losses` and `reference` are by seed; seeds that only one of them has are left out. All losses are finite.
    """
    pairs = _pairs(losses, reference)
    if not pairs:
        return Difference(pairs=0, mean=math.nan, low=-math.inf, high=math.inf, effect="unknown")
    differences = [one - other for one, other in pairs]
    size = abs(average([other for _, other in pairs]))
    mean = average(differences)
    if len(pairs) < 2:
        half_width = math.inf
    else:
        standard_error = math.hypot(*_deviations(differences)) / math.sqrt(len(pairs) * (len(pairs) - 1))
        half_width = two_sided(level, len(pairs) - 1) * standard_error
    low, high = mean - half_width, mean + half_width
    if len(pairs) > 1 and max(map(abs, differences)) <= _ROUNDING * size:
        effect: Effect = "identical"
    elif max(abs(low), abs(high)) <= MATTERS * size:
        effect = "within-1-percent"
    else:
        effect = "higher" if low > 0 else "lower" if high < 0 else "unknown"
    return Difference(pairs=len(pairs), mean=mean, low=low, high=high, effect=effect)


def noisier(losses: Mapping[int, float], reference: Mapping[int, float], level: float) -> bool:
    """Whether the losses vary more from seed to seed than the reference's; wrong with probability `level` at most.

    The test is exact for normal losses alone, and one seed that goes astray for both of a pair looks like noise: so
    nothing is claimed that a single seed carries. Four pairs at least are needed.
    """
    pairs = _pairs(losses, reference)
    return _p_of_noise(pairs) < level and all(
        _p_of_noise(pairs[:place] + pairs[place + 1 :]) < _WITHOUT_ONE for place in range(len(pairs))
    )


def _p_of_noise(pairs: Sequence[tuple[float, float]]) -> float:
    """The one-sided p-value of the test that knows that losses are paired; 1 where there is nothing to test.

    Source: Pitman (1939) and Morgan (1939), Biometrika 31. The sum and the difference of a pair are correlated exactly
    where the two variances differ, whatever the pairs have in common.
    """
    if len(pairs) < 3:
        return 1.0
    sums = _deviations([one / 2 + other / 2 for one, other in pairs])
    differences = _deviations([one / 2 - other / 2 for one, other in pairs])
    of_sums, of_differences = math.hypot(*sums), math.hypot(*differences)
    rounding = _ROUNDING * abs(average([other for _, other in pairs]))
    if of_differences <= rounding or not of_sums:
        return 1.0
    correlation = math.fsum(a / of_sums * b / of_differences for a, b in zip(sums, differences, strict=True))
    unexplained, degrees = max(0.0, 1.0 - correlation * correlation), len(pairs) - 2
    if not unexplained:
        return 0.0 if correlation > 0 else 1.0
    return above(correlation * math.sqrt(degrees / unexplained), degrees)


def average(values: Sequence[float]) -> float:
    """The mean, without an overflow on the way; nan of nothing."""
    return math.fsum(value / len(values) for value in values) if values else math.nan


def _deviations(values: Sequence[float]) -> list[float]:
    middle = average(values)
    return [value - middle for value in values]


def _pairs(losses: Mapping[int, float], reference: Mapping[int, float]) -> list[tuple[float, float]]:
    return [(losses[seed], reference[seed]) for seed in losses if seed in reference]
