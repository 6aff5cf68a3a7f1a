"""The charts of Decide, described from its figures."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.decisions import Abstention, Curve, ReliabilityBin, ThresholdView, TrustView
from tui.drawing.chart_spec import SHARE, ChartSpec, Series
from tui.drawing.curves import Cell, points

_WHOLE = (0.0, 1.0)
_DIAGONAL = points(((0.0, 0.0), (1.0, 1.0)))


def roc_chart(view: ThresholdView) -> ChartSpec:
    """Sensitivity against false alarms, the chosen threshold marked, guessing as the diagonal."""
    curve = _cells(view.roc)
    guessing = _DIAGONAL if curve else ()  # alone it would look like the curve of a model that guesses
    return ChartSpec(
        (
            Series("", guessing, "line", "muted"),
            Series("ROC", curve, "line", "line-1"),
            _here(1 - view.specificity, view.sensitivity),
        ),
        x_label="false alarms",
        y_label="found",
        x_range=_WHOLE,
        y_range=_WHOLE,
        empty="one class is absent",
    )


def precision_recall_chart(view: ThresholdView) -> ChartSpec:
    """Precision against recall, the chosen threshold marked."""
    return ChartSpec(
        (
            Series("P–R", _cells(view.precision_recall), "line", "line-1"),
            _here(view.sensitivity, view.precision),
        ),
        x_label="found",
        y_label="precision",
        x_range=_WHOLE,
        y_range=_WHOLE,
        empty="nothing is positive",
    )


def reliability_chart(view: TrustView) -> ChartSpec:
    """Accuracy against confidence, before and with the temperature; on the diagonal they are equal.

    Of the judged half; of all images where no temperature is fitted.
    """
    series = [Series("", _DIAGONAL, "line", "muted")]
    if view.bins_after:
        series.append(Series("before", _means(view.bins), "marks", "line-2", "●"))
        series.append(Series("after", _means(view.bins_after), "marks", "line-3", "×"))
    else:
        series.append(Series("all", _means(view.overall.bins), "marks", "line-2", "●"))
    return ChartSpec(
        tuple(series),
        x_label="sure",
        y_label="right",
        x_range=_WHOLE,
        y_range=_WHOLE,
    )


def risk_chart(view: Abstention) -> ChartSpec:
    """Risk against coverage, what Chow's rule makes of the price of a referral marked."""
    return ChartSpec(
        (Series("", _cells(view.curve), "line", "line-1", called="wrong"), _here(view.coverage, view.risk)),
        x_label="coverage",
        y_label="error rate",
        x_range=_WHOLE,
        y_within=SHARE,
    )


def _here(x: float, y: float) -> Series:
    # nan is no place on a chart, not even the end of an axis
    return Series("here", points([(x, y)]) if x == x and y == y else (), "marks", "line-2", "●")


def _cells(curve: Curve) -> tuple[Cell, ...]:
    return points(zip(curve.x, curve.y, strict=True))


def _means(bins: Sequence[ReliabilityBin]) -> tuple[Cell, ...]:
    return points((one.confidence, one.accuracy) for one in bins if one.count)
