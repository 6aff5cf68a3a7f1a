"""Which groups have a rate that is not that of all other images, by more than the luck of so many comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.analysis import intervals
from engine.analysis.thresholds import Floats
from engine.contract.groups import FEW_IMAGES, LEAST_COUNTED, Gap, GroupRates, RateName
from engine.contract.interval import Interval

_LUCK = 0.05  # how often any gap is found where there is none
RATES: tuple[RateName, ...] = ("sensitivity", "false_positive_rate", "precision")


@dataclass(frozen=True)
class Rate:
    """`hits` of `total`."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share."""
        return self.hits / self.total

    def without(self, part: Rate) -> Rate:
        """That of the others."""
        return Rate(self.hits - part.hits, self.total - part.total)


def rates_of(true_positive: int, false_positive: int, positives: int, size: int) -> dict[RateName, Rate]:
    """The three rates of counts."""
    return {
        "sensitivity": Rate(true_positive, positives),
        "false_positive_rate": Rate(false_positive, size - positives),
        "precision": Rate(true_positive, true_positive + false_positive),
    }


def gaps_of(groups: Sequence[GroupRates], everyone: dict[RateName, Rate]) -> tuple[int, tuple[Gap, ...]]:
    """How many comparisons were made, and the gaps found, the widest first; `everyone` has the rates of all images.

    Where images are in a group by chance, any gap is found 1 time of 20 at most: each comparison is by Fisher's exact
    test at 0.05 divided by their number (Bonferroni), and its interval at the same level has to leave out 0, too.
    """
    images = everyone["sensitivity"].total + everyone["false_positive_rate"].total
    large = [place for place, group in enumerate(groups) if FEW_IMAGES <= group.size <= images - FEW_IMAGES]
    rates = [rates_of(one.true_positive, one.false_positive, one.positives, one.size) for one in groups]
    compared = {name: _compared({place: rates[place][name] for place in large}, everyone[name]) for name in RATES}
    comparisons = sum(map(len, compared.values()))
    if not comparisons:
        return 0, ()
    judge = _Judge(_LUCK / comparisons, log_factorials(max(rate.total for rate in everyone.values())))
    found = [gap for name, rates in compared.items() for gap in _set_apart(name, rates, everyone[name], judge)]
    return comparisons, tuple(sorted(found, key=lambda gap: -abs(gap.value - gap.others)))


def _compared(rates: dict[int, Rate], whole: Rate) -> dict[int, Rate]:
    """Those that are shares of enough, as the others are; of two that are all images, one comparison is both."""
    found = {place: one for place, one in rates.items() if min(one.total, whole.total - one.total) >= LEAST_COUNTED}
    if len(found) == 2 and sum(one.total for one in found.values()) == whole.total:
        found.popitem()
    return found


@dataclass(frozen=True)
class _Judge:
    """Of single comparisons at `level`, with the `logarithms` of factorials."""

    level: float
    logarithms: Floats

    def interval(self, one: Rate, others: Rate) -> Interval | None:
        """Of the difference; None where it may be luck."""
        z = NormalDist().inv_cdf(1 - self.level / 2)
        found = intervals.of_difference(one.hits, one.total, others.hits, others.total, z)
        luck = found.low <= 0 <= found.high or by_luck(one, others, self.logarithms) > self.level
        return None if luck else found


def _set_apart(name: RateName, rates: dict[int, Rate], others: Rate, judge: _Judge) -> Iterator[Gap]:
    """The most striking group first; it is no longer among the others that the next one is compared with.

    Else one bad group would make every good one look better than "the others".
    """
    left = dict(rates)
    while left:
        place = max(left, key=lambda place: _striking(left[place], others.without(left[place])))
        one = left.pop(place)
        others = others.without(one)
        if others.total < LEAST_COUNTED or (interval := judge.interval(one, others)) is None:
            return
        yield Gap(group=place, rate=name, value=one.value, others=others.value, interval=interval)


def _striking(one: Rate, others: Rate) -> float:
    """How many standard errors the rates lie apart."""
    if not others.total:
        return 0.0
    pooled = (one.hits + others.hits) / (one.total + others.total)
    variance = pooled * (1 - pooled) * (1 / one.total + 1 / others.total)
    return abs(one.value - others.value) / math.sqrt(variance) if variance else 0.0


def by_luck(one: Rate, other: Rate, logarithms: Floats) -> float:
    """How likely so large a difference is where both rates are the same: Fisher's exact test, the nearer tail doubled.

    `logarithms` are those of the factorials up to the number of images.
    """
    hits, images = one.hits + other.hits, one.total + other.total
    ways = np.arange(max(0, hits - other.total), min(hits, one.total) + 1)
    chances = np.exp(
        _choose(one.total, ways, logarithms)
        + _choose(other.total, hits - ways, logarithms)
        - _choose(images, np.array(hits), logarithms)
    )
    return float(min(1.0, 2 * min(chances[ways <= one.hits].sum(), chances[ways >= one.hits].sum())))


def log_factorials(largest: int) -> Floats:
    """log n! for n from 0 to `largest`."""
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, largest + 1)))))


def _choose(total: int, chosen: np.ndarray, logarithms: Floats) -> Floats:
    """The logarithms of how many ways there are to choose so many of `total`."""
    return np.asarray(logarithms[total] - logarithms[chosen] - logarithms[total - chosen])
