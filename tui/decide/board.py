"""The views of Decide on one board: which of them is seen, and which has the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.decide.costs_panel import CostsPanel
from tui.decide.monitor_panel import MonitorPanel
from tui.decide.query import DecideQuery
from tui.decide.sets_panel import SetsPanel
from tui.decide.threshold_panel import ThresholdPanel
from tui.decide.trust_panel import TrustPanel
from tui.decide.view_panel import DecidePage, ViewPanel
from tui.decide.words import TABS, View
from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import wrap
from tui.pane.base import DisplayOptions
from tui.pane.frames import Draw, Frames
from tui.pane.hints import Offer
from tui.widgets.field import WHILE_TYPING, Field
from tui.widgets.lines import Lines
from tui.widgets.view_names import ViewNames

_TIGHT_COLUMNS, _TIGHT_ROWS = 100, 30  # below, the matrix and the pictures take turns


class DecideBoard(Vertical):
    """Draws what a query knows, as often as the options allow, and nothing while it is hidden."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    class Resized(Message):
        """Another number of pictures fits now."""

    def __init__(self, options: DisplayOptions, query: DecideQuery, page: Callable[[], DecidePage]) -> None:
        super().__init__()
        self._model_query, self._page = query, page
        self.offer: Offer | None = None  # the hint that is shown
        self.frames = Frames(self, options.frames_per_second, self._parts, options.line)
        self.threshold = ThresholdPanel()
        self.costs = CostsPanel()
        self.sets = SetsPanel()
        self.monitor = MonitorPanel()
        panels = (self.threshold, self.costs, TrustPanel(), self.sets, self.monitor)
        self.panels: dict[View, ViewPanel] = {panel.VIEW: panel for panel in panels}

    def compose(self) -> ComposeResult:
        yield ViewNames(TABS)
        yield Static(id="nothing", markup=False)
        yield from self.panels.values()
        yield Lines(id="sentence")

    def on_resize(self, event: events.Resize) -> None:
        for panel in self.panels.values():
            panel.fit(event.size.width < _TIGHT_COLUMNS or event.size.height < _TIGHT_ROWS)
        self.set_class(event.size.height >= _TIGHT_ROWS, "-tall")
        self.call_after_refresh(self.frames.now)
        self.post_message(self.Resized())

    def front(self, view: View) -> Widget | None:
        """What the keys of a view go to, None where they are the pane's own."""
        return self.panels[view].front if self._model_query.shown is not None else None

    # Drawing

    def _parts(self) -> list[Draw]:
        query, page = self._model_query, self._page()
        decision = query.decision
        parts: list[Draw] = [lambda: self._draw_lines(page)]
        if decision is None:
            return parts
        return parts + self.panels[page.view].parts(query, decision, page)

    def _draw_lines(self, page: DecidePage) -> None:
        query = self._model_query
        decision, dataset = query.decision, query.dataset
        for view, panel in self.panels.items():
            panel.display = decision is not None and view == page.view
        self.query_one("#nothing").display = decision is None
        self.query_one("#sentence").display = decision is not None
        names = self.query_one(ViewNames)
        names.active, names.beside = page.view, page.source
        if decision is None or dataset is None:
            self.query_one("#nothing", Static).update(Text(page.invitation))
            return
        panel = self.panels[page.view]
        panel.draw_fields(query, page)
        panel.draw_lines(query, decision, self.size.width)
        said = self._wrapped(panel.said(query, decision), "text")
        self.offer = None
        if refusal := query.refused_here:
            said += self._wrapped(f"! {refusal}", "wrong")
        elif any(field.editing for field in self.query(Field)):
            said += self._wrapped(WHILE_TYPING, "accent")
        else:
            self.offer = panel.offer(query, decision, page)
            said += self._wrapped(self.offer.line(), "accent")
        self.query_one("#sentence", Lines).show(said)

    def draw_fields(self, page: DecidePage) -> None:
        """At once, so that a key is seen before its answer has come."""
        self.panels[page.view].draw_fields(self._model_query, page)

    def _wrapped(self, text: str, role: str) -> list[Line]:
        shown = plain(text)
        return [(Run(f" {line}", role),) for line in wrap(shown, max(20, self.size.width - 2)) if shown]
