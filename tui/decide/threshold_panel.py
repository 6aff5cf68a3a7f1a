"""The view Threshold: one class against all others, moved along its ROC curve and its decision curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from engine.contract.decisions import Decision
from engine.contract.settings import Setting
from tui.decide.benefit import benefit_lines, decision_curve_chart
from tui.decide.charts import precision_recall_chart, roc_chart
from tui.decide.group_table import GroupTable
from tui.decide.lines import class_words, counts_lines, prices_line, rates_lines
from tui.decide.number_fields import NumberFields
from tui.decide.scenario import SETTINGS, Scenario
from tui.decide.words import FRONTS, Front
from tui.drawing.form_text import written
from tui.pane.commands import key_of
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.readable_chart import ReadableChart

POSITIVE = "positive"
_WHOLE_COLUMNS, _WHOLE_ROWS = 150, 42  # from here on all figures are seen at once
_TIGHT_ROWS = 30  # below, net benefit takes the place of the counts
_POSITIVE = Setting(name=POSITIVE, label="positive", help="the class to find", kind="choice", default="")


class ThresholdPanel(Vertical):
    """Fields and counts, and the figures in front: rates with their curves, net benefit with its own, or groups.

    Where there is room all of them are seen; what is in front then is what the sentence is about.
    """

    def __init__(self) -> None:
        super().__init__(id="threshold-view")
        self.front: Front = FRONTS[0]
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
        self._set_front()

    def fit(self, columns: int, rows: int) -> None:
        """All figures are seen in a room of that size, or those in front alone."""
        self._whole = columns >= _WHOLE_COLUMNS and rows >= _WHOLE_ROWS
        self.set_class(rows < _TIGHT_ROWS, "-tight")
        self._set_front()

    def next_front(self) -> None:
        """The next figures come to the front."""
        self.front = FRONTS[(FRONTS.index(self.front) + 1) % len(FRONTS)]
        self._set_front()

    def _set_front(self) -> None:
        self.set_class(self._whole, "-whole")
        for front in FRONTS:
            self.set_class(front == self.front, f"-{front}")

    def _shows(self, front: Front) -> bool:
        return self._whole or front == self.front

    @property
    def first_field(self) -> Field:
        """The threshold."""
        return self.query_one("#field-threshold", Field)

    def class_of(self, text: str) -> int | None:
        """Which class a choice means."""
        return self._choices.index(text) if text in self._choices else None

    def draw_fields(self, names: Sequence[str], positive: int, scenario: Scenario) -> None:
        """What the keys have changed; a field that is typed into is left alone."""
        self._numbers.write(self.query_one("#field-threshold", Field), scenario.threshold)
        self._numbers.write(self.query_one("#field-prevalence", Field), scenario.prevalence)
        if not names:
            return
        if names != self._names:
            self._names, self._choices = names, class_words(names)
        self._class.choices, self._class.display = self._choices, True
        self._class.write(self._choices[positive])

    def draw_lines(self, decision: Decision, width: int) -> None:
        """What the costs come to, counts, and the figures that are seen, in `width` columns."""
        view = decision.threshold
        prices = prices_line(view, decision.costs, width, key_of("decide", "next_preset"))
        self.query_one("#counts", Lines).show([prices, *counts_lines(view, width)])
        room = width // 2 if self._whole else width
        if self._shows("curves"):
            self.query_one("#rates", Lines).show(rates_lines(view, room))
        if self._shows("benefit"):
            self.query_one("#benefit", Lines).show(benefit_lines(view, room))
        if self._shows("groups"):
            self.query_one(GroupTable).show_groups(decision.groups, decision.costs)

    def charts(self, decision: Decision) -> list[Callable[[], None]]:
        """The drawing of each that is seen."""
        view = decision.threshold
        roc, precision = self.query_one("#roc", ReadableChart), self.query_one("#precision-recall", ReadableChart)
        benefit = self.query_one("#decision-curve", ReadableChart)
        curves = [lambda: roc.show(roc_chart(view)), lambda: precision.show(precision_recall_chart(view))]
        return [
            *(curves if self._shows("curves") else ()),
            *((lambda: benefit.show(decision_curve_chart(view)),) if self._shows("benefit") else ()),
        ]
