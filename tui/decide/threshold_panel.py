"""The view Threshold: one class against all others, moved along its ROC curve and its decision curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal

from engine.contract.decisions import Decision
from engine.contract.settings import Setting
from tui.decide.benefit import benefit_lines, decision_curve_chart
from tui.decide.charts import precision_recall_chart, roc_chart
from tui.decide.group_table import GroupTable
from tui.decide.hints import next_to_try
from tui.decide.lines import class_words, counts_lines, prices_line, rates_lines
from tui.decide.number_fields import NumberFields
from tui.decide.query import DecideQuery
from tui.decide.scenario import SETTINGS, moved
from tui.decide.view_panel import DecidePage, ViewPanel
from tui.decide.words import FRONTS, Front, sentence
from tui.drawing.form_text import written
from tui.pane.commands import key_of
from tui.pane.frames import Draw
from tui.pane.hints import Offer
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.readable_chart import ReadableChart

POSITIVE = "positive"
_WHOLE_COLUMNS, _WHOLE_ROWS = 150, 46  # from here on all figures are seen at once
_TIGHT_ROWS = 34  # below, net benefit takes the place of the counts
_POSITIVE = Setting(name=POSITIVE, label="positive", help="the class to find", kind="choice", default="")


class ThresholdPanel(ViewPanel):
    """Fields and counts, and the figures in front: rates with their curves, net benefit with its own, or groups.

    Where there is room all of them are seen; what is in front then is what the sentence is about.
    """

    VIEW = "threshold"

    def __init__(self) -> None:
        super().__init__()
        self.figures: Front = FRONTS[0]
        self._whole = False  # whether all figures are seen
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
        with Horizontal(id="rates-and-benefit"):
            yield Lines(id="rates")
            yield Lines(id="benefit")
        with Horizontal(classes="charts"):
            yield ReadableChart(id="roc")
            yield ReadableChart(id="precision-recall")
            yield ReadableChart(id="decision-curve")
        yield GroupTable(id="groups")

    def on_mount(self) -> None:
        self._set_figures()

    def fit(self, tight: bool) -> None:
        """All figures are seen in a large terminal, or those in front alone."""
        columns, rows = self.app.size
        self._whole = columns >= _WHOLE_COLUMNS and rows >= _WHOLE_ROWS
        self.set_class(rows < _TIGHT_ROWS, "-tight")
        self._set_figures()

    def next_figures(self) -> None:
        """The next figures come to the front."""
        self.figures = FRONTS[(FRONTS.index(self.figures) + 1) % len(FRONTS)]
        self._set_figures()

    def _set_figures(self) -> None:
        self.set_class(self._whole, "-whole")
        for figures in FRONTS:
            self.set_class(figures == self.figures, f"-{figures}")

    def _shows(self, figures: Front) -> bool:
        return self._whole or figures == self.figures

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
        """What the costs come to, counts, and the figures that are seen."""
        view = decision.threshold
        prices = prices_line(view, decision.costs, room, key_of("decide", "next_preset"))
        self.query_one("#counts", Lines).show([prices, *counts_lines(view, room)])
        width = room // 2 if self._whole else room
        if self._shows("curves"):
            self.query_one("#rates", Lines).show(rates_lines(view, width))
        if self._shows("benefit"):
            self.query_one("#benefit", Lines).show(benefit_lines(view, width))
        if self._shows("groups"):
            self.query_one(GroupTable).show_groups(decision.groups, decision.costs)

    def said(self, query: DecideQuery, decision: Decision) -> str:
        """Of the figures in front."""
        return sentence(self.VIEW, decision, query.question, self.figures)

    def offer(self, query: DecideQuery, decision: Decision, page: DecidePage) -> Offer:
        """What goes on from the figures in front."""
        return next_to_try(
            self.VIEW,
            decision,
            query.question,
            pictures=False,
            seeds=page.seeds,
            tour=page.tour,
            front=self.figures,
        )

    def parts(self, query: DecideQuery, decision: Decision, page: DecidePage) -> list[Draw]:
        """The drawing of each chart that is seen."""
        view = decision.threshold
        roc, precision = self.query_one("#roc", ReadableChart), self.query_one("#precision-recall", ReadableChart)
        benefit = self.query_one("#decision-curve", ReadableChart)
        curves = [lambda: roc.show(roc_chart(view)), lambda: precision.show(precision_recall_chart(view))]
        return [
            *(curves if self._shows("curves") else ()),
            *((lambda: benefit.show(decision_curve_chart(view)),) if self._shows("benefit") else ()),
        ]
