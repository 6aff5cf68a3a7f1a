"""A decision for people: sections, each with its figures, a small chart and a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.conformal import SetsView
from engine.contract.decisions import CostsView, Decision, ThresholdView, TrustView
from engine.contract.monitoring import MonitorView
from engine.contract.stories import CAUTION, medical
from engine.verdicts.decision import (
    abstention_sentence,
    calibration_sentence,
    costs_sentence,
    ensemble_sentence,
    threshold_sentence,
)
from engine.verdicts.groups import groups_sentence
from engine.verdicts.monitor import limits_sentence, monitor_sentence
from engine.verdicts.naming import class_said
from engine.verdicts.net_benefit import net_benefit_sentence
from engine.verdicts.sets import level_words, sets_sentence
from tui.cli.page import Page
from tui.decide.benefit import benefit_lines, decision_curve_chart
from tui.decide.charts import precision_recall_chart, reliability_chart, risk_chart, roc_chart
from tui.decide.group_lines import group_lines
from tui.decide.lines import costs_lines, counts_lines, kinds_heading, kinds_of, prices_line, rates_lines, trust_lines
from tui.decide.monitor_charts import accuracy_chart, martingale_chart
from tui.decide.monitor_lines import monitor_lines, rests_on
from tui.decide.sets_lines import METHOD_WORDS, class_lines, sets_lines, size_rows
from tui.drawing.chart_spec import ChartSpec
from tui.drawing.spans import Line, Run

_HEIGHT = 12
_LEAST_CHART = 30  # columns
_MOST_FLIPS = 5
_MOST_GROUPS = 24  # lines
_MOST_CLASSES = 14  # lines


def write_decision(decision: Decision, sets: SetsView, page: Page) -> None:
    """Threshold, Costs, Trust and Sets, one after the other."""
    _write_threshold(decision.threshold, decision.costs, page)
    _write_groups(decision, page)
    _write_costs(decision.costs, decision.label_names, page)
    _write_trust(decision.trust, page)
    _write_sets(sets, decision.label_names, page)


def write_caution(decision: Decision, page: Page) -> None:
    """Of diseases, what the figures are not for."""
    if medical(decision.label_names):
        page.paragraph(CAUTION, "dim")


def write_monitor(view: MonitorView | None, refusal: str, page: Page) -> None:
    """The stream that changes; where there is none, why."""
    page.line("Monitor: who notices when the images change?", "bold")
    if view is None:
        page.paragraph(refusal)
        return
    page.prose(rests_on(view), "dim", before=" ")
    _write_lines(monitor_lines(view, page.width), page)
    _write_charts(page, accuracy_chart(view), martingale_chart(view))
    page.paragraph(f"{monitor_sentence(view)} {limits_sentence(view)}".strip(), "bold")


def _write_threshold(view: ThresholdView, costs: CostsView, page: Page) -> None:
    page.line(f"Threshold: is it {class_said(view.positive_label, view.positive)}?", "bold")
    _write_lines([prices_line(view, costs, page.width), *counts_lines(view, page.width)], page)
    page.line("with 95 % intervals", "dim")
    _write_lines(rates_lines(view, page.width), page)
    _write_charts(page, roc_chart(view), precision_recall_chart(view))
    page.paragraph(threshold_sentence(view), "bold")
    _write_lines(benefit_lines(view, page.width), page)
    _write_charts(page, decision_curve_chart(view))
    page.paragraph(net_benefit_sentence(view), "bold")


def _write_groups(decision: Decision, page: Page) -> None:
    view = decision.groups
    if not view.groups and not view.why_none:  # none were asked for
        return
    page.line("Groups: is one threshold fair to all?", "bold")
    if view.groups:
        _write_lines(group_lines(view, decision.costs, page.width, _MOST_GROUPS), page)
    page.paragraph(groups_sentence(view), "bold")


def _write_costs(view: CostsView, names: tuple[str, ...], page: Page) -> None:
    page.line(f"Costs: {view.costs.title}", "bold")
    if view.costs.taken:
        page.prose(view.costs.taken, before=" ")
    _write_lines(costs_lines(view, page.width), page)
    if view.flips:
        flipped, width = sum(flip.count for flip in view.flips), page.width
        legible = [page.legible(name) for name in names]
        page.line(kinds_heading(flipped, width), "dim")
        for row in kinds_of(view.flips[:_MOST_FLIPS], flipped, legible, width):
            page.line(row)
        left = len(view.flips) - _MOST_FLIPS
        if left > 0:
            page.line(f"and {left:,} other kind{'s' if left > 1 else ''}")
        page.line()
    page.paragraph(costs_sentence(view, names), "bold")


def _write_trust(view: TrustView, page: Page) -> None:
    page.line("Trust: can the probabilities be trusted?", "bold")
    _write_lines(trust_lines(view, page.width), page)
    _write_charts(page, reliability_chart(view), risk_chart(view.abstention))
    page.paragraph(calibration_sentence(view), "bold")
    page.paragraph(abstention_sentence(view), "bold")
    if view.ensemble is not None:
        page.paragraph(ensemble_sentence(view.ensemble), "bold")


def _write_sets(view: SetsView, names: tuple[str, ...], page: Page) -> None:
    page.line(f"Sets: labels that hold the true class {level_words(view.level)} of the time", "bold")
    page.line(f"method {METHOD_WORDS[view.method]}, with 95 % intervals", "dim")
    _write_lines(sets_lines(view, page.width), page)
    legible = [page.legible(name) for name in names]
    _write_lines(class_lines(view, legible, page.width, _MOST_CLASSES), page)
    heading, rows = size_rows(view, page.width)
    page.line(heading, "dim")
    page.drawn(*[(Run(row, "text"),) for row in rows])
    page.line()
    page.paragraph(sets_sentence(view, names), "bold")


def _write_lines(lines: Sequence[Line], page: Page) -> None:
    page.drawn(*lines)
    page.line()


def _write_charts(page: Page, *charts: ChartSpec) -> None:
    """One, or two side by side, or below each other where that would leave too little of them."""
    across = (min(page.width, 100) - 3) // 2
    if len(charts) == 1 or across < _LEAST_CHART:
        for spec in charts:
            page.drawn(*page.chart(spec, min(page.width, 100), _HEIGHT))
        page.line()
        return
    for one, other in zip(*(page.chart(spec, across, _HEIGHT) for spec in charts), strict=True):
        page.drawn((*one, Run("   ", "text"), *other))
    page.line()
