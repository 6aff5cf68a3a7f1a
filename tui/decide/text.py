"""A decision for people: three sections, each with its figures, a small chart and a sentence."""

from __future__ import annotations

from engine.contract.decisions import CostsView, Decision, Interval, ThresholdView, TrustView
from engine.verdicts.class_words import class_said
from engine.verdicts.decision import (
    abstention_sentence,
    calibration_sentence,
    costs_sentence,
    ensemble_sentence,
    threshold_sentence,
)
from tui.cli.page import Page
from tui.decide.charts import precision_recall_chart, reliability_chart, risk_chart, roc_chart
from tui.drawing.plot import ChartSpec
from tui.drawing.spans import Run

_HEIGHT = 12
_LEAST_CHART = 30  # columns
_MOST_FLIPS = 5


def write_decision(decision: Decision, page: Page) -> None:
    """Threshold, Costs and Trust, one after the other."""
    _write_threshold(decision.threshold, page)
    _write_costs(decision.costs, decision.label_names, page)
    _write_trust(decision.trust, page)


def _write_threshold(view: ThresholdView, page: Page) -> None:
    page.line(f"Threshold: is it {class_said(view.positive_label, view.positive)}?", "bold")
    shift, label = view.shift, class_said(view.positive_label, view.positive)
    rows = [
        (label, view.true_positive, view.false_negative, shift.true_positive, shift.false_negative),
        ("others", view.false_positive, view.true_negative, shift.false_positive, shift.true_negative),
    ]
    page.table(
        ("truth", "alarm", "no alarm", f"of 1,000 at {_percent(shift.prevalence)}: alarm", "no alarm"),
        [(name, f"{a:,}", f"{b:,}", _people(c), _people(d)) for name, a, b, c, d in rows],
    )
    page.table(
        ("", "value", "95 % interval"),
        [
            ("sensitivity", _figure(view.sensitivity), _interval(view.sensitivity_interval)),
            ("specificity", _figure(view.specificity), _interval(view.specificity_interval)),
            (
                f"precision at {_percent(view.prevalence)}, as here",
                _figure(view.precision),
                _interval(view.precision_interval),
            ),
            (
                f"precision at {_percent(shift.prevalence)}",
                _figure(shift.positive_predictive_value),
                _interval(shift.positive_predictive_interval),
            ),
            ("AUC", _figure(view.auc), _interval(view.auc_interval)),
            ("average precision", _figure(view.average_precision), ""),
        ],
    )
    _write_charts(roc_chart(view), precision_recall_chart(view), page)
    _write_sentence(threshold_sentence(view), page)


def _write_costs(view: CostsView, names: tuple[str, ...], page: Page) -> None:
    page.line(f"Costs: {view.costs.title}", "bold")
    rows = [
        ("most likely label", _figure(view.argmax_cost), ""),
        ("least expected cost", _figure(view.least_expected_cost), ""),
        ("  it promised", _figure(view.predicted_cost), ""),
        ("saved", _figure(view.saving), _interval(view.saving_interval)),
    ]
    page.table(("", "cost an image", "95 % interval"), rows)
    if view.costs.threshold == view.costs.threshold:
        page.line(f"cheapest to decide for it from a probability of {view.costs.threshold:.4g} on")
        page.line()
    if view.flips:
        page.table(
            ("flipped", "images", "cheaper"),
            [
                (f"{names[flip.most_likely]} → {names[flip.decision]}", f"{flip.count:,}", f"{flip.cheaper:,}")
                for flip in view.flips[:_MOST_FLIPS]
            ],
        )
        left = len(view.flips) - _MOST_FLIPS
        if left > 0:
            page.line(f"and {left:,} other kind{'s' if left > 1 else ''}")
            page.line()
    _write_sentence(costs_sentence(view, names), page)


def _write_trust(view: TrustView, page: Page) -> None:
    page.line("Trust: do the probabilities mean what they say?", "bold")
    every = view.overall
    rows = [
        ("calibration error", every.ece, view.ece, view.ece_after),
        ("  equal mass", every.ece_equal_mass, view.ece_equal_mass, view.ece_equal_mass_after),
        ("Brier score", every.brier, view.brier, view.brier_after),
        ("loss", every.loss, view.loss, view.loss_after),
    ]
    header = ("", f"all {every.size:,}", f"{view.size:,} judged", f"at temperature {view.temperature:.3g}")
    # Without a temperature there is nothing that a half has to judge.
    columns = 4 if view.temperature == view.temperature else 2
    page.table(header[:columns], [(name, *map(_figure, figures))[:columns] for name, *figures in rows])
    _write_charts(reliability_chart(view), risk_chart(view.abstention), page)
    _write_sentence(calibration_sentence(view), page)
    areas = view.abstention
    by = [
        ("confidence", _figure(areas.area_by_confidence)),
        ("margin", _figure(areas.area_by_margin)),
        ("entropy", _figure(areas.area_by_entropy)),
    ]
    page.table(("uncertainty by", "mean risk over coverage"), by)
    _write_sentence(abstention_sentence(view), page)
    if view.ensemble is not None:
        _write_sentence(ensemble_sentence(view.ensemble), page)


def _write_charts(left: ChartSpec, right: ChartSpec, page: Page) -> None:
    """Two charts side by side, or below each other where that would leave too little of them."""
    width = (min(page.width, 100) - 3) // 2
    if width < _LEAST_CHART:
        for spec in (left, right):
            page.drawn(*page.chart(spec, page.width, _HEIGHT))
        page.line()
        return
    for one, other in zip(*(page.chart(spec, width, _HEIGHT) for spec in (left, right)), strict=True):
        page.drawn((*one, Run("   ", "text"), *other))
    page.line()


def _write_sentence(sentence: str, page: Page) -> None:
    page.paragraph(sentence, "bold")


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _people(count: float) -> str:
    return "-" if count != count else f"{count:,.1f}"


def _figure(value: float) -> str:
    return "-" if value != value else f"{value:.4g}" if abs(value) >= 1000 else f"{value:.4f}"


def _interval(interval: Interval) -> str:
    return "-" if interval.low != interval.low else f"{_figure(interval.low)} to {_figure(interval.high)}"
