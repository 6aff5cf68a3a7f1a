"""The view Threshold: one class against all others, moved along its ROC curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal

from engine.contract.decisions import Decision
from engine.contract.settings import Setting
from tui.decide.charts import precision_recall_chart, roc_chart
from tui.decide.lines import class_words, counts_lines, prices_line, rates_lines
from tui.decide.number_fields import NumberFields
from tui.decide.query import DecideQuery
from tui.decide.scenario import SETTINGS, moved
from tui.decide.view_panel import DecidePage, ViewPanel
from tui.drawing.form_text import written
from tui.pane.commands import key_of
from tui.pane.frames import Draw
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.readable_chart import ReadableChart

POSITIVE = "positive"
_POSITIVE = Setting(name=POSITIVE, label="positive", help="the class to find", kind="choice", default="")


class ThresholdPanel(ViewPanel):
    """Fields, counts, rates and two charts."""

    VIEW = "threshold"

    def __init__(self) -> None:
        super().__init__()
        self._numbers = NumberFields()
        self._names: Sequence[str] = ()
        self._choices: list[str] = []  # the names as they are chosen from
        self._class = Field(_POSITIVE, "", least_label=9)
        self._class.display = False  # until the names of the classes are known

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            yield self._class
            for name in ("threshold", "prevalence"):
                yield Field(SETTINGS[name], written(SETTINGS[name].default), words=name == "prevalence")
        yield Lines(id="counts")
        yield Lines(id="rates")
        with Horizontal(classes="charts"):
            yield ReadableChart(id="roc")
            yield ReadableChart(id="precision-recall")

    @property
    def first_field(self) -> Field:
        """The threshold."""
        return self.query_one("#field-threshold", Field)

    def choose(self, query: DecideQuery, name: str, text: str) -> None:
        """The class to find."""
        if (positive := self.class_of(text)) is not None:
            query.choose_positive(positive)

    def class_of(self, text: str) -> int | None:
        """Which class a choice means."""
        return self._choices.index(text) if text in self._choices else None

    def move(self, query: DecideQuery, step: int, coarse: bool) -> None:
        """The threshold."""
        query.change(replace(query.question, threshold=moved(query.question.threshold, step, coarse)))

    def draw_fields(self, query: DecideQuery, page: DecidePage) -> None:
        names, scenario = query.names, query.question
        self._numbers.write(self.query_one("#field-threshold", Field), scenario.threshold)
        self._numbers.write(self.query_one("#field-prevalence", Field), scenario.prevalence)
        if not names:
            return
        if names != self._names:
            self._names, self._choices = names, class_words(names)
        self._class.choices, self._class.display = self._choices, True
        self._class.write(self._choices[query.positive])

    def draw_lines(self, query: DecideQuery, decision: Decision, room: int) -> None:
        """What the costs come to, counts and rates."""
        prices = prices_line(decision.threshold, decision.costs, room, key_of("decide", "next_preset"))
        self.query_one("#counts", Lines).show([prices, *counts_lines(decision.threshold, room)])
        self.query_one("#rates", Lines).show(rates_lines(decision.threshold, room))

    def parts(self, query: DecideQuery, decision: Decision, page: DecidePage) -> list[Draw]:
        roc, precision = self.query_one("#roc", ReadableChart), self.query_one("#precision-recall", ReadableChart)
        return [
            lambda: roc.show(roc_chart(decision.threshold)),
            lambda: precision.show(precision_recall_chart(decision.threshold)),
        ]
