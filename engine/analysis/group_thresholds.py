"""One threshold for all images, or the cheapest one of each group: what each costs on images it was not chosen on."""

from __future__ import annotations

import numpy as np

from engine.analysis.outcome_bootstrap import UNSEEN, interval_of, weights_of
from engine.analysis.thresholds import Booleans, Floats, Integers, Ranking
from engine.analysis.trust import halves
from engine.contract.decisions import SPLIT_SEED
from engine.contract.groups import LEAST_COUNTED, GroupThresholds
from engine.contract.interval import Interval

_KINDS = ((True, True), (True, False), (False, False), (False, True))  # truly, and an alarm by own thresholds alone


def group_thresholds(
    scores: Floats, positive: Booleans, numbers: Integers, groups: int, miss: float, false_alarm: float
) -> GroupThresholds | None:
    """For scores (n,) and their truth; `numbers` (n,) from 0 to `groups`, the last of which has no own threshold.

    A group with fewer than 10 images of either truth to choose on takes the threshold of all. None where the images to
    choose on, or those to judge on, lack a class.
    """
    fitted, judged = halves(2 * numbers + positive)
    if any(len(np.unique(positive[half])) < 2 for half in (fitted, judged)):
        return None
    shared = cheapest(scores[fitted], positive[fitted], miss, false_alarm)
    own = np.full(groups + 1, shared)
    by_group = fitted[np.argsort(numbers[fitted], kind="stable")]
    for group, members in enumerate(np.split(by_group, np.cumsum(np.bincount(numbers[fitted], minlength=groups))[:-1])):
        ill = int(positive[members].sum())
        if group < groups and min(ill, len(members) - ill) >= LEAST_COUNTED:
            own[group] = cheapest(scores[members], positive[members], miss, false_alarm)
    by_shared, by_own = (
        scores[judged] >= thresholds for thresholds in (np.full(len(judged), shared), own[numbers[judged]])
    )
    truth = positive[judged]
    return GroupThresholds(
        miss=miss,
        false_alarm=false_alarm,
        shared=shared,
        own=tuple(own[:groups].tolist()),
        shared_cost=_cost(by_shared, truth, miss, false_alarm),
        own_cost=_cost(by_own, truth, miss, false_alarm),
        saving_interval=_saving(by_shared, by_own, truth, miss, false_alarm),
        size=len(judged),
        split_seed=SPLIT_SEED,
    )


def cheapest(scores: Floats, positive: Booleans, miss: float, false_alarm: float) -> float:
    """The score from which alarms cost least; the highest of equally cheap ones, inf where no alarm is cheapest."""
    ranking = Ranking.of(scores, positive)
    costs = miss * (ranking.positives - ranking.true_positive) + false_alarm * ranking.false_positive
    return float(ranking.thresholds[costs.argmin()])


def _cost(alarm: Booleans, positive: Booleans, miss: float, false_alarm: float) -> float:
    """The mean cost of decisions (n,)."""
    return float(np.where(positive, miss * ~alarm, false_alarm * alarm).mean())


def _saving(shared: Booleans, own: Booleans, positive: Booleans, miss: float, false_alarm: float) -> Interval:
    """The interval of what own thresholds save per image, from the images that both decide differently.

    A mean plus and minus its standard errors would be sure of a few false alarms saved where no miss has been seen, of
    which one costs as much as all of them.
    """
    differs = shared != own
    counts = [np.count_nonzero(differs & (positive == ill) & (own == found)) for ill, found in _KINDS]
    weights = weights_of(np.array([*(count + UNSEEN for count in counts), len(positive) - sum(counts) + UNSEEN]))
    prices = np.array([miss, -miss, false_alarm, -false_alarm, 0.0])
    return interval_of(weights @ prices / weights.sum(axis=1))
