"""What to try next in Decide, by the view in front and its figures."""

from __future__ import annotations

from functools import partial

from engine.contract.cost_matrix import cheapest_threshold
from engine.contract.decisions import Decision
from engine.contract.monitoring import MonitorQuestion, MonitorView
from tui.decide.scenario import Scenario
from tui.decide.words import View
from tui.drawing.form_text import written
from tui.pane.hints import Hint, Offer, Press, registered
from tui.pane.tour import Tour

_hint = partial(registered, "decide")

CHEAPEST = _hint(
    "cheapest",
    "the threshold is not the cheapest one",
    "{do} takes the threshold that these costs make cheapest, {cheapest}.",
    Press("cheapest_threshold"),
)
COSTS = _hint(
    "costs",
    "the threshold is the cheapest one, or the costs have none",
    "{do} shows the decisions that flip at these costs. {next_positive(1)} takes another class.",
    Press("show_view('costs')"),
)
OTHER_COSTS = _hint(
    "other-costs",
    "no decision flips",
    "{do} takes other costs. {edit} edits what a miss costs.",
    Press("next_preset"),
)
FLIPPED = _hint(
    "flipped",
    "decisions flip",
    "{do} shows the flipped cases one by one. {next_preset} takes other costs.",
    Press("toggle_pictures"),
)
TRUST = _hint("trust", "what flips is in front", "{do}: can the probabilities be trusted?", Press("show_view('trust')"))
REFERRAL = _hint(
    "referral",
    "Trust, of one model alone",
    "{do} raises what a referral costs, {move(-1)} lowers it.",
    Press("move(1)"),
)
SEEDS = _hint(
    "seeds", "Trust, and a sweep has other seeds", "{do} asks all seeds of a sweep, as an ensemble.", Press("together")
)
OTHER_SEEDS = _hint(
    "other-seeds",
    "Trust, of an ensemble",
    "{do} takes the seeds of another value, or one run alone.",
    Press("together"),
)


CHANGE = _hint(
    "change",
    "Monitor",
    "{do} takes another change, {strengthen(1)} a stronger one, {move(1)} a later one.",
    Press("next_change"),
)
STRONGER = _hint(
    "stronger",
    "Monitor, where only one change is possible",
    "{do} makes the change stronger, {strengthen(-1)} weaker. {move(1)} makes it later.",
    Press("strengthen(1)"),
)
WEAKER = _hint(
    "weaker",
    "Monitor, where only one change is possible, and it is as strong as can be",
    "{do} makes the change weaker. {next_stream} takes the images in another order.",
    Press("strengthen(-1)"),
)


def next_in_monitor(view: MonitorView | None, asked: MonitorQuestion) -> Offer:
    """`asked` is the question as the keys have left it."""
    if view is None or len(view.possible) > 1:
        return CHANGE.offer()
    return (STRONGER if asked.strength < 1 else WEAKER).offer()


def next_to_try(
    view: View, decision: Decision, scenario: Scenario, *, pictures: bool, seeds: bool, tour: Tour | None = None
) -> Offer:
    """`pictures`: what flips is seen; `seeds`: there are some to ask together."""
    if view == "threshold":
        cheapest = cheapest_threshold(decision.costs.costs, decision.threshold.positive)
        if cheapest == cheapest and abs(cheapest - scenario.threshold) > 1e-9:
            return CHEAPEST.offer(cheapest=written(round(cheapest, 6)))
        return COSTS.offer()
    if view == "costs":
        return _of_costs(decision, pictures).offer()
    onward = tour.onward("decide") if tour is not None else None
    if onward is not None:
        return onward
    if not seeds:
        return REFERRAL.offer()
    return (SEEDS if decision.trust.ensemble is None else OTHER_SEEDS).offer()


def _of_costs(decision: Decision, pictures: bool) -> Hint:
    if not decision.costs.flipped:
        return OTHER_COSTS
    return TRUST if pictures else FLIPPED
