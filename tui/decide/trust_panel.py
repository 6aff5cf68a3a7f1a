"""The view Trust: whether the probabilities mean what they say, when to ask somebody else, several models at once."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from engine.contract.decisions import Decision
from tui.decide.charts import reliability_chart, risk_chart
from tui.decide.lines import trust_lines
from tui.decide.number_fields import NumberFields
from tui.decide.scenario import SETTINGS, Scenario
from tui.drawing.form_text import written
from tui.drawing.plain import plain
from tui.widgets.buttons import relabel
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.readable_chart import ReadableChart


class TrustPanel(Vertical):
    """A field, figures and two charts."""

    def __init__(self) -> None:
        super().__init__(id="trust-view")
        self._numbers = NumberFields()

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            yield Field(SETTINGS["referral"], written(SETTINGS["referral"].default))
            yield Button("", id="seeds", compact=True)
        yield Lines(id="figures")
        with Horizontal(classes="charts"):
            yield ReadableChart(id="reliability")
            yield ReadableChart(id="risk")

    @property
    def first_field(self) -> Field:
        """What a referral costs."""
        return self.query_one(Field)

    def draw_fields(self, scenario: Scenario, together: str, seeds: bool) -> None:
        """`together` names the models that are asked at once, "" for one alone; `seeds` is whether there are others."""
        self._numbers.write(self.query_one(Field), scenario.referral)
        words = plain(together, 48) or "one model alone"
        button = self.query_one("#seeds", Button)
        button.display = seeds
        relabel(button, f"s: {words}")

    def draw_lines(self, decision: Decision, width: int) -> None:
        """Calibration and abstention, in `width` columns."""
        self.query_one(Lines).show(trust_lines(decision.trust, width))

    def charts(self, decision: Decision) -> list[Callable[[], None]]:
        """The drawing of each."""
        reliability, risk = self.query_one("#reliability", ReadableChart), self.query_one("#risk", ReadableChart)
        return [
            lambda: reliability.show(reliability_chart(decision.trust)),
            lambda: risk.show(risk_chart(decision.trust.abstention)),
        ]
