"""What stands on the Loss pane for what is known: lines above a chart, the chart, lines below it, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.contract.loss_lab import LossesMeasured, LossQuestion
from tui.drawing.chart_spec import ChartSpec
from tui.drawing.spans import Line
from tui.drawing.wrapping import wrapped
from tui.loss.form import preset_lines
from tui.loss.runs import LossRuns, training_chart, training_lines
from tui.loss.scale import classes_chart, classes_lines
from tui.loss.slider import slider_chart, slider_lines
from tui.loss.table import empty_table, phase_lines, relative_lines, table_lines, yours_lines
from tui.loss.words import (
    Doing,
    View,
    answer_lines,
    answered,
    before_measuring,
    classes_sentence,
    runs_sentence,
    slider_sentence,
)
from tui.pane.tour import Tour

_TALL, _ROOMY = 34, 46  # rows of the terminal, the first as in the app's own classes


@dataclass(frozen=True)
class LossPage:
    """What there is to draw. `question` is the form's, None where something is wrong with it.

    `yours` is "" where no file was offered, `own_verdict` what is said of its loss, "" where nothing has to be,
    `in_the_way` why nothing was measured unasked, and `started_with` what the figures in front were asked for with, as
    texts of the form.
    """

    view: View
    question: LossQuestion | None
    measured: LossesMeasured | None
    scale: Sequence[LossesMeasured]
    runs: LossRuns
    epochs: int
    doing: Doing
    with_gradient: bool
    accuracy: bool
    answer: int
    probability: float
    epsilon: float
    yours: str
    own_verdict: str
    trouble: str
    ready: bool
    started_with: dict[str, str]
    tour: Tour = field(default_factory=Tour)
    in_the_way: str = ""

    @property
    def soft(self) -> bool:
        """Whether the figures in front are of soft labels."""
        return self.started_with.get("smoothing", "0") != "0" or self.started_with.get("mixing", "0") != "0"

    @property
    def stale(self) -> bool:
        """Whether the figures are of another batch than the form's."""
        return self.measured is not None and self.question is not None and self.measured.question != self.question


def chart_of(page: LossPage) -> ChartSpec | None:
    """The chart of the view, None where it has none."""
    busy = "the chart appears with the first figures" if page.doing.measuring is not None or page.doing.training else ""
    if page.view == "classes":
        return classes_chart(page.scale, page.with_gradient, busy)
    if page.view == "training":
        return training_chart(page.runs, page.accuracy, page.epochs, busy)
    if page.view == "slider":
        return slider_chart(page.probability, page.epsilon, page.with_gradient)
    return None


def above(page: LossPage, width: int, rows: int) -> list[Line]:
    """What stands above the chart, or in its place, in a terminal of so many rows."""
    if page.view == "slider":
        return slider_lines(page.probability, page.epsilon, width)
    if page.view not in ("table", "time"):
        return []
    tall = rows >= _TALL
    parts = _table_parts(page, width) if page.view == "table" or page.measured is None else []
    if page.measured is not None and (page.view == "time" or tall):
        parts += _time_parts(page.measured, width, page.with_gradient, whole=tall and page.view == "time")
    return _stacked(parts, spaced=rows >= _ROOMY)


def below(page: LossPage, width: int) -> list[Line]:
    """The table under the chart."""
    if page.view == "classes":
        return classes_lines(page.scale, page.with_gradient, width)
    return training_lines(page.runs, width) if page.view == "training" else []


def said(page: LossPage, width: int, height: int) -> list[Line]:
    """What the figures say; of the answers to the exercise as many as `height` lines hold."""
    if page.view == "classes":
        return wrapped(classes_sentence(page.scale), width)
    if page.view == "training":
        return wrapped(runs_sentence(page.runs), width)
    if page.view == "slider":
        return wrapped(slider_sentence(page.probability, page.epsilon), width)
    if page.measured is None:
        unasked = f"Not measured yet: {page.in_the_way}." if page.in_the_way else ""
        return [
            *(wrapped(unasked, width, "accent") if unasked else ()),
            *wrapped(before_measuring(page.question), width),
        ]
    return answer_lines(page.measured, width, height, page.answer)


def answers(page: LossPage, lines: Sequence[Line]) -> frozenset[str]:
    """The sub-questions of exercise 2 that the view answers; `lines` are what is said in it."""
    if page.view == "training":
        return frozenset({"2a"} if page.runs.status == "finished" else ())
    if page.view == "slider":
        return frozenset({"2d"} if page.probability == 0 else ())
    measured = page.measured
    if page.view == "classes" or measured is None:
        return frozenset()
    shown = {"2c"} if measured.question.soft else set()
    return answered(lines) | shown | ({"2d"} if measured.zero_probabilities else set())


def _table_parts(page: LossPage, width: int) -> list[list[Line]]:
    parts: list[list[Line]] = []
    if page.question is not None and page.question.preset:
        about, look_for = preset_lines(page.question.preset)
        parts.append([*wrapped(about, width, "muted"), *wrapped(look_for, width, "accent")])
    figures = (
        table_lines(page.measured, width, page.with_gradient)
        if page.measured is not None
        else empty_table(page.question, page.yours)
    )
    if not page.yours or page.own_verdict:
        figures += yours_lines(page.own_verdict, width)
    return [*parts, figures]


def _time_parts(measured: LossesMeasured, width: int, with_gradient: bool, whole: bool) -> list[list[Line]]:
    """Bars of the times and the parts of the definition's; as a `whole` with the gradient and indexing's too."""
    phased = [one for one in measured.losses if one.phases]
    definition = [one for one in phased if one.loss == "definition"]
    bars = [relative_lines(measured, width, gradient) for gradient in ((False, True) if whole else (with_gradient,))]
    return [*bars, phase_lines([*definition, *(one for one in phased if whole and one not in definition)], width)]


def _stacked(parts: Sequence[list[Line]], spaced: bool) -> list[Line]:
    lines: list[Line] = []
    for part in parts:
        lines += [(), *part] if lines and spaced else part
    return lines
