"""What each view of Decide says, in plain words computed from its figures, and when they say nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.decisions import Calibration, CostsView, EnsembleGain, Interval, Outcome, ThresholdView, TrustView
from engine.contract.stories import is_disease
from engine.verdicts.naming import class_said, counted, members_words

_FEW = 30  # of a kind: below, its share is hardly more than an anecdote
_VAGUE = 0.5  # of an interval's width: what an alarm means could be anything
_AS_FORECAST = 1.05  # times the forecast cost: a cost up to there is as forecast
_SAME = 0.01  # of confidence and accuracy: closer is neither over- nor underconfident


def scenario_sentence(view: ThresholdView, costs: CostsView) -> str:
    """What Decide opens on: a rare disease, told with what both ways to decide did with these images.

    A disease where the class is one, else a story, which begins with "Imagine".

    `costs` know only misses and false alarms of the class that `view` is about.
    """
    label, ill, well = class_said(view.positive_label, view.positive), _ill(view), _well(view)
    if not ill or not well or _guesses(view):
        return threshold_sentence(view)  # which says why the figures carry no story
    miss, false_alarm = costs.costs.prices(view.positive)
    likely, cheapest = costs.most_likely[view.positive], costs.cheapest[view.positive]
    who = f"The class to find is {label}." if is_disease(view.positive_label) else f"Imagine {label} is a disease."
    story = (
        f"{who} The most likely label misses {likely.missed:,} of {ill:,} ill, with "
        f"{counted(likely.false_alarms, 'false alarm')}. The least-cost decision misses {cheapest.missed:,}, with "
        f"{counted(cheapest.false_alarms, 'false alarm')}: "
    )
    if not costs.saving_interval.low <= 0 <= costs.saving_interval.high:
        story += _dearer_or_cheaper(costs)
    else:
        story += "no clear difference in cost."
    return f"{story} {_where_it_is_rare(view, likely, cheapest, miss, false_alarm, costs.saving < 0)}".rstrip()


def _dearer_or_cheaper(costs: CostsView) -> str:
    if not costs.argmax_cost:  # no share of nothing
        return f"{_cost(costs.least_expected_cost)} per image instead of 0, which is more expensive."
    change = costs.saving / costs.argmax_cost
    return f"{abs(change):.0%} {'cheaper' if change > 0 else 'more expensive'}."


def _where_it_is_rare(
    view: ThresholdView, likely: Outcome, cheapest: Outcome, miss: float, false_alarm: float, dearer_here: bool
) -> str:
    """Both ways among 1,000 people, of whom fewer are ill: what was cheapest here need not be there."""
    ill, well, share = _ill(view), _well(view), view.shift.prevalence
    costs = [
        1000 * (share * one.missed / ill * miss + (1 - share) * one.false_alarms / well * false_alarm)
        for one in (likely, cheapest)
    ]
    if costs[0] == costs[1]:
        return ""
    figures = f"{_cost(costs[1])} instead of {_cost(costs[0])} per 1,000 people"
    if costs[1] < costs[0]:
        return f"If {odds(share)} is ill, the least-cost decision still costs less: {figures}."
    if dearer_here:
        return f"If {odds(share)} is ill, the least-cost decision costs more, too: {figures}."
    off = "high" if share < view.prevalence else "low"
    return (
        f"If {odds(share)} is ill, the least-cost decision costs more: {figures}. The model learned where "
        f"{view.prevalence:.1%} are ill, so its probabilities are too {off}."
    )


def _ill(view: ThresholdView) -> int:
    return view.true_positive + view.false_negative


def _well(view: ThresholdView) -> int:
    return view.true_negative + view.false_positive


def threshold_sentence(view: ThresholdView) -> str:
    """What the test finds and misses here, and what an alarm of it would mean elsewhere."""
    label = class_said(view.positive_label, view.positive)
    members = members_words(view.positive_label, view.positive)
    positives, negatives = _ill(view), _well(view)
    if not positives:
        return f"No image is truly {label}, so the figures say nothing about misses."
    if not negatives:
        return f"Every image is truly {label}, so the figures say nothing about false alarms."
    found = (
        f"At a threshold of {view.threshold:g} the test finds {view.true_positive:,} of {positives:,} {members} "
        f"({_share(view.sensitivity, view.sensitivity_interval)}), with "
        f"{counted(view.false_positive, 'false alarm')} among {negatives:,} others."
    )
    if _guesses(view):
        return f"{found} The ranking (AUC {view.auc:.3f}) cannot be distinguished from guessing: no conclusion."
    few = min(positives, negatives)
    if few < _FEW:
        which = members if positives == few else "others"
        return f"{found} Only {few} {which}: too few for a conclusion about the rates."
    return f"{found} {_elsewhere(view)}"


def _guesses(view: ThresholdView) -> bool:
    """Whether the ranking cannot be told from guessing."""
    return view.auc_interval.low <= 0.5 <= view.auc_interval.high


def _elsewhere(view: ThresholdView) -> str:
    shift = view.shift
    where = f"At a prevalence of {odds(shift.prevalence)}"
    if math.isnan(shift.positive_predictive_value):
        return f"{where}, the precision is unknown, because the test raises no alarm."
    interval = shift.positive_predictive_interval
    share = f"{shift.positive_predictive_value:.1%} (between {interval.low:.1%} and {interval.high:.1%})"
    if interval.high - interval.low > _VAGUE:
        return f"{where}, the precision is uncertain: {share} of the alarms are right."
    return f"{where}, {share} of the alarms are right. Here {view.precision:.1%} are right."


def costs_sentence(view: CostsView, label_names: Sequence[str]) -> str:
    """Whether the decision of least expected cost was worth it."""
    if not view.flipped:
        return "No decision flips: the most likely label is the cheapest for every image at these costs."
    first = view.flips[0]
    flips = (
        f"{len(view.flipped):,} of {view.num_examples:,} decisions flip, {first.count:,} from "
        f"{class_said(label_names[first.most_likely], first.most_likely)} to "
        f"{class_said(label_names[first.decision], first.decision)}"
    )
    paid = f"from {_cost(view.argmax_cost)} to {_cost(view.least_expected_cost)}"
    if view.saving_interval.low > 0:
        part = f" ({view.saving / view.argmax_cost:.0%} less)" if view.argmax_cost > 0 else ""
        return f"The most likely label is not always best: {flips}. The cost per image falls {paid}{part}."
    if view.saving_interval.high < 0:
        dearer = f"{flips}. The cost per image rises {paid}."
        if view.least_expected_cost <= view.predicted_cost * _AS_FORECAST:
            return (
                f"{dearer} The probabilities forecast {_cost(view.predicted_cost)} per image. The most likely label "
                "makes fewer expensive mistakes here than the probabilities forecast."
            )
        return (
            f"{dearer} The probabilities are misleading: they forecast {_cost(view.predicted_cost)} per image. "
            "The view Trust measures the probabilities."
        )
    return f"{flips}. The cost per image goes {paid}: no clear difference, this could be chance."


def calibration_sentence(view: TrustView) -> str:
    """Whether the probabilities mean what they say, and whether a temperature mends them."""
    every = view.overall
    if every.ece <= every.ece_by_chance:
        state = (
            f"No miscalibration is found: the calibration error on {every.size:,} images is {every.ece:.3f}, by chance "
            f"up to {every.ece_by_chance:.3f}."
        )
    else:
        state = (
            f"The model is {_fault(every)}: mean confidence {every.mean_confidence:.1%}, accuracy "
            f"{every.accuracy:.1%}, calibration error {every.ece:.3f} (by chance up to {every.ece_by_chance:.3f})."
        )
    return f"{state} {_zeros(view) or _temperature(view)}"


def _fault(every: Calibration) -> str:
    gap = every.mean_confidence - every.accuracy
    if abs(gap) <= _SAME:
        return "miscalibrated, with some probabilities too high and others too low"
    return "overconfident" if gap > 0 else "underconfident"


def _zeros(view: TrustView) -> str:
    """ "" where every label has a probability above 0."""
    count = view.zero_probability_labels
    if not count:
        return ""
    return (
        f"{count:,} of {view.overall.size:,} true labels {'has' if count == 1 else 'have'} probability 0, so the loss "
        "is infinite. No temperature changes that, so none is fitted."
    )


def _temperature(view: TrustView) -> str:
    """What the temperature does to the half that it was not fitted on, the calibration error first."""
    worse = view.ece_after > view.ece
    error = _change("calibration error", view.ece, view.ece_after)
    loss = _change("loss", view.loss, view.loss_after)
    if view.temperature_at_bound:
        end = f"No temperature is best: the likelihood rises up to the end of the range, {view.temperature:.3g}."
        return f"{end} That temperature {error}." if worse else end
    moved = (
        f"A temperature of {view.temperature:.3g} {error}, and {loss.removeprefix(error.split()[0] + ' ')}. The "
        f"temperature is fitted on one half (drawn by class, seed {view.split_seed}) and tested on the other."
    )
    if worse:
        return f"{moved} The calibration error gets worse: leave the probabilities as they are."
    if view.loss_gain_interval.high < 0:
        return f"{moved} The loss gets worse: leave the probabilities as they are."
    luck = not view.loss_gain_interval.low > 0 and not loss.startswith("leaves")  # nan of one row: unknown
    return f"{moved} The change in loss could be chance." if luck else moved


def _change(name: str, before: float, after: float) -> str:
    """ "lowers the loss from 0.512 to 0.431"."""
    if f"{before:.3f}" == f"{after:.3f}":
        return f"leaves the {name} at {before:.3f}"
    return f"{'raises' if after > before else 'lowers'} the {name} from {before:.3f} to {after:.3f}"


def abstention_sentence(view: TrustView) -> str:
    """Whether to ask somebody else is worth its price."""
    one = view.abstention
    if one.coverage == 1.0:
        return f"No image has a confidence below {one.threshold:g}, so no image is referred."
    what = f"Referring images below a confidence of {one.threshold:g} leaves {one.coverage:.1%} to decide"
    if one.coverage:
        what += f", {one.risk:.1%} of them wrong instead of {one.cost_without:.1%}"
    price = (
        f"An image costs {one.cost:.3f} instead of {one.cost_without:.3f}, if a referral costs {one.referral:g} of a "
        "mistake"
    )
    if one.saving_interval.low > 0:
        return f"{what}. {price}: worth it."
    if one.saving_interval.high < 0:
        return f"{what}. {price}. Not worth it: the model is underconfident here."
    return f"{what}. {price}: no clear difference."


def ensemble_sentence(gain: EnsembleGain) -> str:
    """What several models know together that one alone does not; by the Brier score where a loss is infinite."""
    what = f"{gain.members} models instead of one: accuracy {gain.member_accuracy:.1%} to {gain.accuracy:.1%}, "
    brier, zeros = f"Brier score {gain.member_brier:.3f} to {gain.brier:.3f}", gain.zero_probability_labels
    if not zeros:
        what += f"loss {gain.member_loss:.3f} to {gain.loss:.3f}, "
    compared = gain.brier_gain_interval if zeros else gain.loss_gain_interval
    said = f"{what}{brier}{'.' if compared.low > 0 else ': no clear gain.'}"
    if not zeros:
        return said
    labels = "label has" if zeros == 1 else "labels have"
    return f"{said} {zeros:,} true {labels} probability 0 in a model. That loss is infinite, so no loss is compared."


def _share(share: float, interval: Interval) -> str:
    return f"{share:.1%}, between {interval.low:.1%} and {interval.high:.1%}"


def _cost(cost: float) -> str:
    return f"{cost:,.4g}" if abs(cost) < 1e6 else f"{cost:.3g}"


def odds(prevalence: float) -> str:
    """0.001 -> "1 in 1,000", 0.3 -> "30% of all"."""
    one_in = 1 / prevalence if prevalence > 0 else 0.0
    whole = one_in >= 5 and abs(one_in - round(one_in)) < 1e-6 * one_in
    return f"1 in {one_in:,.0f}" if whole else f"{100 * prevalence:.3g}% of all"
