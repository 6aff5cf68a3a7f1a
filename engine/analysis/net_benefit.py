"""What deciding by a model is worth at each threshold, beside treating every image or none: the decision curve.

(Vickers and Elkin 2006, "Decision curve analysis: a novel method for evaluating prediction models".)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby

import numpy as np

from engine.analysis.outcome_bootstrap import (
    LEVEL,
    RESAMPLES,
    RESAMPLING_SEED,
    UNSEEN,
    ends_of,
    interval_of,
    weights_of,
)
from engine.analysis.precision import Precision
from engine.analysis.thresholds import Booleans, Counts, Floats
from engine.contract.net_benefit import BestRange, NetBenefitCurve, NetBenefitHere, Strategy

THRESHOLDS = tuple(number / 100 for number in range(1, 100))
_LEAST_WEIGHT = 1e-12  # of a false alarm: below, a miss outweighs any number of them


def curve_of(scores: Floats, positive: Booleans, precision: Precision) -> NetBenefitCurve:
    """The decision curve of scores (n,), `positive` (n,) being the truth.

    The intervals are those of a bootstrap (`outcome_bootstrap`), in which also a false alarm that nobody has seen
    counts: at a threshold of 0.99 it weighs 99 hits.
    """
    weights = np.array([_weight(threshold) for threshold in THRESHOLDS])
    counts = _counts(scores, positive, precision)
    hits, alarms, ill, well = _outcomes(counts / len(scores))
    draws = _resampled(counts)
    drawn_model, drawn_all = _benefits(*_outcomes(draws / draws.sum(axis=(1, 2), keepdims=True)), weights)
    model, treat_all = _benefits(hits, alarms, ill, well, weights)
    model_low, model_high = ends_of(drawn_model)
    avoided_low, avoided_high = ends_of((drawn_model - drawn_all) / weights)
    return NetBenefitCurve(
        thresholds=THRESHOLDS,
        model=tuple(model.tolist()),
        model_low=tuple(model_low.tolist()),
        model_high=tuple(model_high.tolist()),
        treat_all=tuple(treat_all.tolist()),
        avoided=tuple((100 * (model - treat_all) / weights).tolist()),
        avoided_low=tuple((100 * avoided_low).tolist()),
        avoided_high=tuple((100 * avoided_high).tolist()),
        ranges=tuple(_ranges(drawn_model, drawn_all)),
        prevalence=float(positive.mean()),
        resamples=RESAMPLES,
        resampling_seed=RESAMPLING_SEED,
    )


def here_of(counts: Counts, threshold: float, curve: NetBenefitCurve) -> NetBenefitHere:
    """The place on `curve` at any threshold, with the outcomes that are `counts` there."""
    weight = _weight(threshold)
    misses = 1 / weight if weight > _LEAST_WEIGHT else math.nan  # how many false alarms a miss outweighs
    kinds = np.array([counts.true_positive, counts.false_positive, counts.false_negative, counts.true_negative])
    hit, alarm, miss, spared = weights_of(kinds + UNSEEN).T
    total = hit + alarm + miss + spared
    images = int(kinds.sum())
    return NetBenefitHere(
        model=_value((counts.true_positive - weight * counts.false_positive) / images),
        model_interval=interval_of((hit - weight * alarm) / total),
        treat_all=_value((counts.positives - weight * counts.negatives) / images),
        avoided=_value(100 * (counts.true_negative - counts.false_negative * misses) / images),
        avoided_interval=interval_of(100 * (spared - miss * misses) / total),
        options=_options_at(threshold, curve),
    )


def _weight(threshold: float) -> float:
    """How many hits a false alarm outweighs: the odds of the threshold; nan at 1, where they are infinite."""
    return threshold / (1 - threshold) if threshold < 1 else math.nan


def _value(value: float) -> float:
    return value + 0.0  # −0 is 0


def _counts(scores: Floats, positive: Booleans, precision: Precision) -> Floats:
    """How many images (2, m + 1), negative and positive, lie below, between and above the m thresholds."""
    least = np.array([precision.least(threshold) for threshold in THRESHOLDS])
    places = np.searchsorted(least, scores, side="right")
    cells = np.bincount(places + positive * (len(least) + 1), minlength=2 * (len(least) + 1))
    return cells.reshape(2, -1).astype(np.float64)


def _resampled(counts: Floats) -> Floats:
    """Weights (resamples, 2, m + 1) of the cells; what is added to the ends adds to each kind at every threshold."""
    shapes = counts.copy()
    shapes[:, [0, -1]] += UNSEEN
    return weights_of(shapes)


def _outcomes(shares: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Of shares (…, 2, m + 1): hits and false alarms (…, m) at each threshold, positives and negatives (…, 1)."""
    above = shares[..., ::-1].cumsum(axis=-1)[..., ::-1]
    return above[..., 1, 1:], above[..., 0, 1:], above[..., 1, :1], above[..., 0, :1]


def _benefits(hits: Floats, alarms: Floats, ill: Floats, well: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The net benefit (…, m) of the model, and of treating every image."""
    return hits - weights * alarms, ill - weights * well


def _ranges(model: Floats, treat_all: Floats) -> Iterator[BestRange]:
    """Neighbouring thresholds with the same options, from draws (resamples, m) of both net benefits.

    An option drops out where the interval of another's lead lies above 0. The intervals of the three leads at all
    thresholds hold together.
    """
    pairs: tuple[tuple[Strategy, Strategy], ...] = (("model", "all"), ("model", "none"), ("all", "none"))
    low, high = _together(np.stack([model - treat_all, model, treat_all], axis=-1))
    found: list[tuple[float, tuple[Strategy, ...]]] = []
    for threshold, lows, highs in zip(THRESHOLDS, low.tolist(), high.tolist(), strict=True):
        beaten = {other for (_, other), end in zip(pairs, lows, strict=True) if end > 0}
        beaten |= {one for (one, _), end in zip(pairs, highs, strict=True) if end < 0}
        options: tuple[Strategy, ...] = ("model", "all", "none")
        found.append((threshold, tuple(option for option in options if option not in beaten)))
    for options, run in groupby(found, key=lambda one: one[1]):
        thresholds = [threshold for threshold, _ in run]
        yield BestRange(thresholds[0], thresholds[-1], options)


def _together(draws: Floats) -> tuple[Floats, Floats]:
    """Ends (…) such that 95 % of the draws (resamples, …) lie within all of them at once.

    As many draws are left out at either end of each as that allows.
    (Davison and Hinkley 1997, "Bootstrap methods and their application", section 4.2.4.)
    """
    ordered = np.sort(draws, axis=0)
    left_out = 0
    for more in range(1, len(draws) // 2):
        inside = (draws >= ordered[more]) & (draws <= ordered[-1 - more])
        if inside.reshape(len(draws), -1).all(axis=1).mean() < LEVEL:
            break
        left_out = more
    return ordered[left_out], ordered[-1 - left_out]


def _options_at(threshold: float, curve: NetBenefitCurve) -> tuple[Strategy, ...]:
    """Between two ranges those of both, so that no more is said than the curve holds."""
    if not curve.thresholds[0] <= threshold <= curve.thresholds[-1]:
        return ()
    before = [one for one in curve.ranges if one.low <= threshold][-1]
    after = next(one for one in curve.ranges if one.high >= threshold)
    return tuple(option for option in ("model", "all", "none") if option in (*before.options, *after.options))
