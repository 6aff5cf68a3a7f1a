"""Is the most likely label always the answer? The three views of Decide, from what a classifier said."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.analysis import intervals
from engine.analysis.costs import costs_view
from engine.analysis.evidence import Evidence
from engine.analysis.grouping import NO_GROUPS, Grouping
from engine.analysis.groups import groups_view, thresholds_of_groups
from engine.analysis.net_benefit import curve_of, here_of
from engine.analysis.thresholds import Floats, Ranking, at_prevalence, counts_at
from engine.analysis.trust import trust_view
from engine.contract.decisions import Curve, DecideQuestion, Decision, ThresholdView
from engine.contract.errors import InputError
from engine.contract.net_benefit import NetBenefit, NetBenefitCurve

_CURVE_POINTS = 200


def decide(
    evidence: Evidence,
    question: DecideQuestion,
    members: Sequence[Evidence] = (),
    grouping: Grouping = NO_GROUPS,
) -> Decision:
    """All views. `members` are those of the ensemble that `evidence` is the mean of, `grouping` has the groups.

    Raises:
        InputError: the question is about a class that there is not, or its costs are of another size.
    """
    positive, threshold = question.positive, question.threshold
    of_threshold = threshold_view(evidence, positive, threshold, question.prevalence)
    of_costs = costs_view(evidence, question.costs, positive)
    thresholds = thresholds_of_groups(evidence, grouping, positive, question.costs)
    return Decision(
        label_names=evidence.label_names,
        num_examples=len(evidence.labels),
        threshold=of_threshold,
        costs=of_costs,
        trust=trust_view(evidence, question.referral, members),
        groups=groups_view(evidence, grouping, positive, threshold, thresholds),
    )


def threshold_view(
    evidence: Evidence, positive: int, threshold: float, prevalence: float, curve: NetBenefitCurve | None = None
) -> ThresholdView:
    """The class `positive` against all others at a threshold, and where `prevalence` of them would be positive.

    `curve` is its decision curve, computed where it is None.

    Raises:
        InputError: there is no such class.
    """
    expect_class(evidence, positive)
    scores, truth = evidence.probabilities[:, positive], evidence.labels == positive
    counts = counts_at(scores, truth, evidence.precision.least(threshold))
    ranking = Ranking.of(scores, truth)
    auc = ranking.auc()
    curve = decision_curve(evidence, positive) if curve is None else curve
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
        net_benefit=NetBenefit(curve=curve, here=here_of(counts, threshold, curve)),
    )


def decision_curve(evidence: Evidence, positive: int) -> NetBenefitCurve:
    """The net benefit of the class `positive` over the thresholds.

    Raises:
        InputError: there is no such class.
    """
    expect_class(evidence, positive)
    return curve_of(evidence.probabilities[:, positive], evidence.labels == positive, evidence.precision)


def expect_class(evidence: Evidence, positive: int) -> None:
    """Raises InputError where there is no class of that number."""
    classes = len(evidence.label_names)
    if not 0 <= positive < classes:
        raise InputError(f"positive: found class {positive}, expected 0 to {classes - 1}")


def _curve(x: Floats, y: Floats) -> Curve:
    """At most 200 points, equally far apart along the way; none where an axis has no meaning."""
    if math.isnan(x[-1]) or math.isnan(y[-1]):
        return Curve((), ())
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    stops = np.searchsorted(way, np.linspace(0.0, way[-1], _CURVE_POINTS))
    shown = np.unique(np.concatenate(([0], stops, [len(x) - 1])))
    return Curve(tuple(x[shown].tolist()), tuple(y[shown].tolist()))
