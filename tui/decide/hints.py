"""What to try next in Decide, by the view in front and its figures."""

from __future__ import annotations

from functools import partial

from engine.contract.conformal import SetsView
from engine.contract.cost_matrix import cheapest_threshold
from engine.contract.decisions import REFERRAL as REFERRAL_COST
from engine.contract.decisions import Decision
from engine.contract.monitoring import MonitorQuestion, MonitorView
from tui.decide.scenario import Scenario
from tui.decide.words import Front, View
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
    "{do} shows the decisions that flip at these costs. {next_front} weighs net benefit.",
    Press("show_view('costs')"),
)
GROUPS = _hint(
    "groups",
    "net benefit is in front",
    "{do} compares groups of images: is one threshold fair to all?",
    Press("next_front"),
)
OTHER_GROUPS = _hint(
    "other-groups",
    "groups are in front, and there are others",
    "{do} makes the groups by something else. {next_front} shows the rates again.",
    Press("next_groups"),
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
SETS = _hint(
    "sets",
    "Trust, and what a referral costs was changed",
    "{do}: which labels stay possible?",
    Press("show_view('sets')"),
)
SETS_OF_SEEDS = _hint(
    "sets-of-seeds",
    "Trust, of an ensemble",
    "{do}: which labels stay possible? {together} takes the seeds of another value, or one run alone.",
    Press("show_view('sets')"),
)
BY_CLASS = _hint(
    "by-class",
    "Sets, and classes are below the level with one threshold for all",
    "{do} gives each class a threshold of its own.",
    Press("next_method"),
)
SET_PICTURES = _hint(
    "set-pictures",
    "Sets, and the keys do not go to the pictures",
    "{do} shows images with their sets. {next_method} makes sets by another method.",
    Press("toggle_pictures"),
)
LEVEL = _hint(
    "level",
    "Sets, and the keys go to the pictures",
    "{do} goes back to the figures. There {move(1)} raises the level.",
    Press("toggle_pictures"),
)


CHANGE = _hint(
    "change",
    "Monitor",
    "{do} takes another change, {next_size(-1)} a stronger one, {move(1)} a later one.",
    Press("next_method"),
)
STRONGER = _hint(
    "stronger",
    "Monitor, where only one change is possible",
    "{do} makes the change stronger, {next_size(1)} weaker. {move(1)} makes it later.",
    Press("next_size(-1)"),
)
WEAKER = _hint(
    "weaker",
    "Monitor, where only one change is possible, and it is as strong as can be",
    "{do} makes the change weaker. {next_stream} takes the images in another order.",
    Press("next_size(1)"),
)


def next_in_monitor(view: MonitorView | None, asked: MonitorQuestion) -> Offer:
    """`asked` is the question as the keys have left it."""
    if view is not None and len(view.possible) > 1:
        return CHANGE.offer()
    return (STRONGER if asked.strength < 1 else WEAKER).offer()


def next_to_try(
    view: View,
    decision: Decision,
    scenario: Scenario,
    *,
    pictures: bool,
    seeds: bool,
    tour: Tour | None = None,
    front: Front = "curves",
) -> Offer:
    """`pictures`: what flips is seen; `seeds`: there are some to ask together; `front`: what of Threshold is."""
    if view == "threshold" and front == "benefit":
        return GROUPS.offer()
    if view == "threshold" and front == "groups" and len(decision.groups.choices) > 1:
        return OTHER_GROUPS.offer()
    if view == "threshold":
        cheapest = cheapest_threshold(decision.costs.costs, decision.threshold.positive)
        if cheapest == cheapest and abs(cheapest - scenario.threshold) > 1e-9:
            return CHEAPEST.offer(cheapest=written(round(cheapest, 6)))
        return COSTS.offer()
    if view == "costs":
        return _of_costs(decision, pictures).offer()
    if decision.trust.ensemble is not None:
        return SETS_OF_SEEDS.offer()
    if seeds:
        return SEEDS.offer()
    return (REFERRAL if scenario.referral == REFERRAL_COST else SETS).offer()


def of_sets(view: SetsView | None, *, pictures: bool, tour: Tour | None = None) -> Offer:
    """In Sets; `pictures`: the keys go to the pictures."""
    if view is not None and view.method == "lac" and any(one.luck == "below" for one in view.classes):
        return BY_CLASS.offer()
    if not pictures:
        return SET_PICTURES.offer()
    onward = tour.onward("decide") if tour is not None else None
    return onward if onward is not None else LEVEL.offer()


def _of_costs(decision: Decision, pictures: bool) -> Hint:
    if not decision.costs.flipped:
        return OTHER_COSTS
    return TRUST if pictures else FLIPPED
