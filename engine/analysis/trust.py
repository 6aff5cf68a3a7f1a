"""Whether the probabilities mean what they say, before and after a temperature, and when to ask somebody else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import structs

from engine.analysis import intervals
from engine.analysis.calibration import (
    brier_score,
    error_by_chance,
    expected_calibration_error,
    losses,
    reliability,
    reliability_equal_mass,
    softmax,
)
from engine.analysis.evidence import Evidence, ensemble_gain
from engine.analysis.precision import Precision
from engine.analysis.temperature import Temperature, fit_temperature
from engine.analysis.thresholds import Floats, Integers
from engine.contract.decisions import SPLIT_SEED, Abstention, Calibration, Curve, TrustView

_CURVE_POINTS = 200


def confidence(probabilities: Floats) -> Floats:
    """The probability (n,) of the most likely label."""
    largest: Floats = probabilities.max(axis=1)
    return largest


def margin(probabilities: Floats) -> Floats:
    """How far the two largest probabilities lie apart, (n,)."""
    top = np.partition(probabilities, -2, axis=1)
    return np.asarray(top[:, -1] - top[:, -2], dtype=np.float64)


def entropy(probabilities: Floats) -> Floats:
    """Shannon's entropy (n,) in nats, from 0 to log(classes); 0 · log 0 is 0."""
    logarithms = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    return np.asarray(-np.einsum("nk,nk->n", probabilities, logarithms), dtype=np.float64)


@dataclass(frozen=True)
class RiskCoverage:
    """The risk (n,) among the least uncertain 1, 2, … n images, and their share of all, `coverage` (n,).

    Equally uncertain images count with their mean risk, so that their order plays no part.
    """

    coverage: Floats
    risk: Floats

    @property
    def area(self) -> float:
        """The mean risk over all coverages; less is better."""
        return float(self.risk.mean())


def risk_coverage(uncertainty: Floats, mistakes: Floats) -> RiskCoverage:
    """Risk against coverage (El-Yaniv and Wiener 2010, section 2) for uncertainties (n,) and losses (n,)."""
    _, group, sizes = np.unique(uncertainty, return_inverse=True, return_counts=True)
    means = np.bincount(group.ravel(), weights=mistakes) / sizes
    decided = np.arange(1, len(mistakes) + 1)
    return RiskCoverage(decided / len(mistakes), np.cumsum(np.repeat(means, sizes)) / decided)


def abstention(evidence: Evidence, referral: float) -> Abstention:
    """Refers by Chow's rule: whenever a mistake is likelier than `referral`, its cost where a mistake costs 1.

    (Chow 1970, "On optimum recognition error and reject tradeoff".)
    """
    probabilities, mistakes = evidence.probabilities, (~evidence.right).astype(np.float64)
    sure, precision = confidence(probabilities), evidence.precision
    by_confidence, by_margin, by_entropy = (
        risk_coverage(precision.ties(uncertainty), mistakes)
        for uncertainty in (-sure, -margin(probabilities), entropy(probabilities))
    )
    decided = sure >= precision.least(1 - referral)
    costs = np.where(decided, mistakes, referral)
    shown = np.unique(np.linspace(0, len(sure) - 1, _CURVE_POINTS).round().astype(np.int64))
    return Abstention(
        referral=referral,
        threshold=1 - referral,
        coverage=float(decided.mean()),
        risk=float(mistakes[decided].mean()) if decided.any() else float("nan"),
        cost=float(costs.mean()),
        cost_without=float(mistakes.mean()),
        saving_interval=intervals.of_mean(mistakes - costs),
        curve=Curve(tuple(by_confidence.coverage[shown].tolist()), tuple(by_confidence.risk[shown].tolist())),
        area_by_confidence=by_confidence.area,
        area_by_margin=by_margin.area,
        area_by_entropy=by_entropy.area,
    )


def trust_view(evidence: Evidence, referral: float, members: Sequence[Evidence] = ()) -> TrustView:
    """Calibration on all images, and on the half that a temperature is judged on; abstention on all.

    `members` are those of the ensemble that `evidence` is the mean of.
    """
    fitted, judged = halves(evidence.labels)
    logits, labels, before = evidence.logits[judged], evidence.labels[judged], evidence.losses[judged]
    zeros = evidence.zero_probability_labels
    found = Temperature(math.nan, False) if zeros else fit_temperature(evidence.logits[fitted], evidence.labels[fitted])
    after = None
    if not zeros:
        losses_after = losses(logits, labels, found.value)
        after = _calibration(softmax(logits, found.value), losses_after, labels, evidence.precision.after_computing)
    return TrustView(
        **structs.asdict(_calibration(evidence.probabilities[judged], before, labels, evidence.precision)),
        overall=_calibration(evidence.probabilities, evidence.losses, evidence.labels, evidence.precision),
        zero_probability_labels=zeros,
        split_seed=SPLIT_SEED,
        temperature=found.value,
        temperature_at_bound=found.at_bound,
        ece_after=after.ece if after else math.nan,
        ece_equal_mass_after=after.ece_equal_mass if after else math.nan,
        brier_after=after.brier if after else math.nan,
        loss_after=after.loss if after else math.nan,
        loss_gain_interval=intervals.of_mean(before - losses_after) if after else intervals.UNKNOWN,
        bins_after=after.bins if after else (),
        abstention=abstention(evidence, referral),
        ensemble=ensemble_gain(members, evidence) if members else None,
    )


def _calibration(probabilities: Floats, of_labels: Floats, labels: Integers, precision: Precision) -> Calibration:
    """Of probabilities (n, classes) for labels (n,), whose losses (n,) are `of_labels`."""
    sure, right = confidence(probabilities), probabilities.argmax(axis=1) == labels
    bins = reliability(sure, right, precision=precision)
    return Calibration(
        size=len(labels),
        accuracy=float(right.mean()),
        mean_confidence=float(sure.mean()),
        ece=expected_calibration_error(bins),
        ece_by_chance=error_by_chance(sure, precision=precision),
        ece_equal_mass=expected_calibration_error(reliability_equal_mass(sure, right, precision=precision)),
        brier=brier_score(probabilities, labels),
        loss=float(of_labels.mean()),
        bins=bins,
    )


def halves(labels: Integers) -> tuple[Integers, Integers]:
    """The numbers of the images to fit on and of those to judge on, of each class as many in both, or one more.

    Drawn by a seed, so that no order of the images matters. RandomState, since its draws are the same in every
    version of numpy.
    """
    drawn = np.random.RandomState(SPLIT_SEED).permutation(len(labels))
    by_class = drawn[np.argsort(labels[drawn], kind="stable")]
    return np.sort(by_class[0::2]), np.sort(by_class[1::2])
