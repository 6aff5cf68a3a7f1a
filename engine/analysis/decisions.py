"""Is the most likely label always the answer? The three views of Decide, from what a classifier said."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.analysis import intervals
from engine.analysis.costs import costs_view
from engine.analysis.evidence import Evidence
from engine.analysis.thresholds import Floats, Ranking, at_prevalence, counts_at
from engine.analysis.trust import trust_view
from engine.contract.decisions import Curve, DecideQuestion, Decision, ThresholdView
from engine.contract.errors import InputError

_CURVE_POINTS = 200


def decide(evidence: Evidence, question: DecideQuestion, members: Sequence[Evidence] = ()) -> Decision:
    """All three views. `members` are those of the ensemble that `evidence` is the mean of.

    Raises:
        InputError: the question is about a class that there is not, or its costs are of another size.
    """
    return Decision(
        label_names=evidence.label_names,
        num_examples=len(evidence.labels),
        threshold=threshold_view(evidence, question.positive, question.threshold, question.prevalence),
        costs=costs_view(evidence, question.costs, question.positive),
        trust=trust_view(evidence, question.referral, members),
    )


def threshold_view(evidence: Evidence, positive: int, threshold: float, prevalence: float) -> ThresholdView:
    """The class `positive` against all others at a threshold, and where `prevalence` of them would be positive.

    Raises:
        InputError: there is no such class.
    """
    classes = len(evidence.label_names)
    if not 0 <= positive < classes:
        raise InputError(f"positive: found class {positive}, expected 0 to {classes - 1}")
    scores, truth = evidence.probabilities[:, positive], evidence.labels == positive
    counts = counts_at(scores, truth, evidence.precision.least(threshold))
    ranking = Ranking.of(scores, truth)
    auc = ranking.auc()
    return ThresholdView(
        positive=positive,
        positive_label=evidence.label_names[positive],
        threshold=threshold,
        true_positive=counts.true_positive,
        false_positive=counts.false_positive,
        true_negative=counts.true_negative,
        false_negative=counts.false_negative,
        sensitivity=counts.sensitivity,
        sensitivity_interval=intervals.of_share(counts.true_positive, counts.positives),
        specificity=counts.specificity,
        specificity_interval=intervals.of_share(counts.true_negative, counts.negatives),
        precision=counts.precision,
        precision_interval=intervals.of_share(counts.true_positive, counts.true_positive + counts.false_positive),
        prevalence=counts.prevalence,
        auc=auc,
        auc_interval=intervals.of_auc(auc, ranking.positives, ranking.negatives),
        average_precision=ranking.average_precision(),
        roc=_curve(ranking.false_positive_rate, ranking.recall),
        precision_recall=_curve(ranking.recall, ranking.precision),
        shift=at_prevalence(counts, prevalence),
    )


def _curve(x: Floats, y: Floats) -> Curve:
    """At most 200 points, equally far apart along the way; none where an axis has no meaning."""
    if math.isnan(x[-1]) or math.isnan(y[-1]):
        return Curve((), ())
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    stops = np.searchsorted(way, np.linspace(0.0, way[-1], _CURVE_POINTS))
    shown = np.unique(np.concatenate(([0], stops, [len(x) - 1])))
    return Curve(tuple(x[shown].tolist()), tuple(y[shown].tolist()))
