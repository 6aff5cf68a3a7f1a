"""What Decide says of what it shows, and what to try next."""

from __future__ import annotations

from typing import Literal

from engine.contract.conformal import SetsView
from engine.contract.decisions import Decision
from engine.contract.monitoring import MonitorView
from engine.contract.stories import CAUTION, medical
from engine.verdicts.decision import (
    abstention_sentence,
    calibration_sentence,
    costs_sentence,
    ensemble_sentence,
    scenario_sentence,
    threshold_sentence,
)
from engine.verdicts.groups import groups_sentence
from engine.verdicts.monitor import limits_sentence, monitor_sentence
from engine.verdicts.net_benefit import net_benefit_sentence
from engine.verdicts.sets import sets_sentence
from tui.decide.scenario import Scenario

View = Literal["threshold", "costs", "trust", "sets", "monitor"]
TABS: tuple[tuple[View, str, str], ...] = (  # with the letter that goes there
    ("threshold", "t", "Threshold"),
    ("costs", "k", "Costs"),
    ("trust", "u", "Trust"),
    ("sets", "n", "Sets"),
    ("monitor", "y", "Monitor"),
)
Front = Literal["curves", "benefit", "groups"]  # which figures of Threshold are in front
FRONTS: tuple[Front, ...] = ("curves", "benefit", "groups")
VIEWS: tuple[View, ...] = tuple(view for view, _, _ in TABS)


def sentence(view: View, decision: Decision, scenario: Scenario, front: Front = "curves") -> str:
    """Computed from the figures of the view; on opening, the scenario. Of diseases with a word of caution.

    `front` are the figures in front of Threshold.
    """
    said = _of_front(front, decision) if view == "threshold" else ""
    return _with_caution(said or _sentence(view, decision, scenario), decision)


def sets_said(view: SetsView | None, decision: Decision) -> str:
    """Computed from the figures of Sets, which are asked for once the view is in front."""
    if view is None:
        return "The sets are being computed."
    return _with_caution(sets_sentence(view, decision.label_names), decision)


def monitor_said(view: MonitorView | None, decision: Decision) -> str:
    """Computed from the figures of Monitor, which are asked for once the view is in front."""
    if view is None:
        return "The changed images are being judged."
    return _with_caution(f"{monitor_sentence(view)} {limits_sentence(view)}".strip(), decision)


def _with_caution(said: str, decision: Decision) -> str:
    return f"{said} {CAUTION}" if medical(decision.label_names) else said


def _of_front(front: Front, decision: Decision) -> str:
    """ "" of the curves, of which the scenario is told."""
    if front == "groups":
        return groups_sentence(decision.groups)
    return net_benefit_sentence(decision.threshold) if front == "benefit" else ""


def _sentence(view: View, decision: Decision, scenario: Scenario) -> str:
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


def nothing_to_flip(decision: Decision) -> str:
    """Why no picture is shown: no decision flips, or none of the chosen kind."""
    return "no decision flips at these costs" if not decision.costs.flipped else "none of this kind"
