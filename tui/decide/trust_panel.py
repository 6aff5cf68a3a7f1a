"""The view Trust: whether the probabilities mean what they say, when to ask somebody else, several models at once."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from engine.contract.decisions import Decision
from tui.decide.charts import reliability_chart, risk_chart
from tui.decide.lines import trust_lines
from tui.decide.number_fields import NumberFields
from tui.decide.query import DecideQuery
from tui.decide.scenario import SETTINGS, moved
from tui.decide.view_panel import DecidePage, ViewPanel
from tui.drawing.form_text import written
from tui.drawing.plain import plain
from tui.pane.frames import Draw
from tui.widgets.buttons import relabel
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.readable_chart import ReadableChart


class TrustPanel(ViewPanel):
    """A field, figures and two charts."""

    VIEW = "trust"

    def __init__(self) -> None:
        super().__init__()
        self._numbers = NumberFields()

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            yield Field(SETTINGS["referral"], written(SETTINGS["referral"].default))
            yield Button("", id="seeds", compact=True)
        yield Lines(id="figures")
        with Horizontal(classes="charts"):
            yield ReadableChart(id="reliability")
            yield ReadableChart(id="risk")

    def move(self, query: DecideQuery, step: int, coarse: bool) -> None:
        """What a referral costs."""
        query.change(replace(query.question, referral=moved(query.question.referral, step, coarse)))

    def draw_fields(self, query: DecideQuery, page: DecidePage) -> None:
        self._numbers.write(self.query_one(Field), query.question.referral)
        words = plain(page.together, 48) or "one model alone"
        button = self.query_one("#seeds", Button)
        button.display = page.seeds
        relabel(button, f"s: {words}")

    def draw_lines(self, query: DecideQuery, decision: Decision, room: int) -> None:
        """Calibration and abstention."""
        self.query_one(Lines).show(trust_lines(decision.trust, room))

    def parts(self, query: DecideQuery, decision: Decision, page: DecidePage) -> list[Draw]:
        reliability, risk = self.query_one("#reliability", ReadableChart), self.query_one("#risk", ReadableChart)
        return [
            lambda: reliability.show(reliability_chart(decision.trust)),
            lambda: risk.show(risk_chart(decision.trust.abstention)),
        ]
