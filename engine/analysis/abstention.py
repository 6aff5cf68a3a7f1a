"""Saying "I don't know": what is decided gets better as less of it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis import intervals
from engine.analysis.evidence import Evidence
from engine.analysis.thresholds import Floats
from engine.contract.decisions import Abstention, Curve

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
