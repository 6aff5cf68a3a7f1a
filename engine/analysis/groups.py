"""How a test does in each group of images at one threshold."""

from __future__ import annotations

import math

import numpy as np

from engine.analysis import intervals
from engine.analysis.evidence import Evidence
from engine.analysis.group_gaps import gaps_of, rates_of
from engine.analysis.group_thresholds import group_thresholds
from engine.analysis.grouping import Grouping
from engine.analysis.thresholds import Booleans, Counts, Integers, counts_at
from engine.contract.cost_matrix import CostMatrix, cheapest_threshold
from engine.contract.groups import MOST_GROUPS, GroupRates, GroupsView, GroupThresholds
from engine.contract.interval import Interval


def groups_view(
    evidence: Evidence, grouping: Grouping, positive: int, threshold: float, thresholds: GroupThresholds | None
) -> GroupsView:
    """The groups for the class `positive` at a threshold; `thresholds` are those of `thresholds_of_groups`."""
    if grouping.numbers is None:
        return GroupsView(
            by="none",
            choices=grouping.choices,
            why_none=grouping.why_none,
            groups=(),
            smaller=0,
            smaller_images=0,
            comparisons=0,
            gaps=(),
            thresholds=None,
        )
    scores, truth = evidence.probabilities[:, positive], evidence.labels == positive
    least = evidence.precision.least(threshold)
    names, numbers = _largest(grouping)
    groups = _rates(names, numbers, scores >= least, truth)
    whole = counts_at(scores, truth, least)
    everyone = rates_of(whole.true_positive, whole.false_positive, whole.positives, len(truth))
    comparisons, gaps = gaps_of(groups, everyone)
    return GroupsView(
        by=grouping.by,
        choices=grouping.choices,
        why_none="",
        groups=groups,
        smaller=len(grouping.names) - len(names),
        smaller_images=len(truth) - sum(group.size for group in groups),
        comparisons=comparisons,
        gaps=gaps,
        thresholds=thresholds,
    )


def thresholds_of_groups(
    evidence: Evidence, grouping: Grouping, positive: int, costs: CostMatrix
) -> GroupThresholds | None:
    """One threshold for all or one for each group; None where the costs are not one miss and one false alarm."""
    if grouping.numbers is None or math.isnan(cheapest_threshold(costs, positive)):
        return None
    names, numbers = _largest(grouping)
    scores, truth = evidence.probabilities[:, positive], evidence.labels == positive
    return group_thresholds(scores, truth, numbers, len(names), *costs.prices(positive))


def _largest(grouping: Grouping) -> tuple[tuple[str, ...], Integers]:
    """The names of the largest groups, in the order of all, and for each image (n,) the place of its group there.

    The images of all other groups have the number after the last.
    """
    assert grouping.numbers is not None
    sizes = np.bincount(grouping.numbers, minlength=len(grouping.names))
    largest = np.sort(np.argsort(-sizes, kind="stable")[:MOST_GROUPS])
    places = np.full(len(sizes), len(largest))
    places[largest] = np.arange(len(largest))
    return tuple(grouping.names[group] for group in largest), places[grouping.numbers]


def _rates(names: tuple[str, ...], numbers: Integers, alarm: Booleans, truth: Booleans) -> tuple[GroupRates, ...]:
    sizes, positives, found, false = (
        np.bincount(numbers[rows], minlength=len(names) + 1)[: len(names)].tolist()
        for rows in (slice(None), truth, alarm & truth, alarm & ~truth)
    )
    return tuple(
        _rates_of_one(name, Counts(hits, alarms, size - ill - alarms, ill - hits))
        for name, size, ill, hits, alarms in zip(names, sizes, positives, found, false, strict=True)
    )


def _rates_of_one(name: str, counts: Counts) -> GroupRates:
    specific = intervals.of_share(counts.true_negative, counts.negatives)
    return GroupRates(
        name=name,
        size=counts.positives + counts.negatives,
        positives=counts.positives,
        true_positive=counts.true_positive,
        false_positive=counts.false_positive,
        sensitivity=counts.sensitivity,
        sensitivity_interval=intervals.of_share(counts.true_positive, counts.positives),
        specificity=counts.specificity,
        specificity_interval=specific,
        false_positive_rate=1 - counts.specificity,
        false_positive_rate_interval=Interval(1 - specific.high, 1 - specific.low),
        precision=counts.precision,
        precision_interval=intervals.of_share(counts.true_positive, counts.true_positive + counts.false_positive),
    )
