"""What Decide says of what it shows, and what to try next."""

from __future__ import annotations

from typing import Literal

from engine.contract.decisions import Decision
from engine.verdicts.decision import (
    abstention_sentence,
    calibration_sentence,
    costs_sentence,
    ensemble_sentence,
    scenario_sentence,
    threshold_sentence,
)
from tui.decide.scenario import Scenario
from tui.drawing.form_text import written

View = Literal["threshold", "costs", "trust"]
TABS: tuple[tuple[View, str, str], ...] = (  # with the letter that goes there
    ("threshold", "t", "Threshold"),
    ("costs", "k", "Costs"),
    ("trust", "u", "Trust"),
)
VIEWS: tuple[View, ...] = tuple(view for view, _, _ in TABS)


def sentence(view: View, decision: Decision, scenario: Scenario) -> str:
    """Computed from the figures of the view; on opening, the scenario."""
    if view == "threshold":
        if scenario.told:
            return scenario_sentence(decision.threshold, decision.costs)
        return threshold_sentence(decision.threshold)
    if view == "costs":
        return costs_sentence(decision.costs, decision.label_names)
    trust = decision.trust
    said = [calibration_sentence(trust), abstention_sentence(trust)]
    if trust.ensemble is not None:
        said.insert(0, ensemble_sentence(trust.ensemble))
    return " ".join(said)


def next_to_try(view: View, decision: Decision, scenario: Scenario, *, pictures: bool, seeds: bool) -> str:
    """One line. `pictures`: the images that flipped are seen; `seeds`: there are some to ask together."""
    costs = decision.costs
    if view == "threshold":
        cheapest = costs.costs.threshold
        if cheapest == cheapest and abs(cheapest - scenario.threshold) > 1e-9:
            return f"Next: a takes the threshold that these costs make cheapest, {written(round(cheapest, 6))}."
        return "Next: v for the decisions that flip, or p for another disease."
    if view == "costs":
        if not costs.flipped:
            return "Next: raise the cost of a miss (e), or d for other costs."
        if not pictures:
            return "Next: m for the images that flip, d for other costs."
        return "Next: d for other costs, v to see whether the probabilities can be trusted."
    if not seeds:
        return "Next: the arrows price a referral, v goes back to the threshold."
    if decision.trust.ensemble is None:
        return "Next: s asks the seeds of a sweep together; the arrows price a referral."
    return "Next: s for the seeds of another value, or one run alone again."


def nothing_to_flip(decision: Decision) -> str:
    """Why no picture is shown: no decision flips, or none of the chosen kind."""
    return "no decision flips at these costs" if not decision.costs.flipped else "none of this kind"
