"""The three views of Decide on one board: which of them is seen, and which has the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.decide.costs_panel import CostsPanel
from tui.decide.hints import next_to_try
from tui.decide.query import DecideQuery
from tui.decide.threshold_panel import ThresholdPanel
from tui.decide.trust_panel import TrustPanel
from tui.decide.words import TABS, VIEWS, View, nothing_to_flip, sentence
from tui.drawing.pixels import PixelStyle
from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import wrap
from tui.pane.base import DisplayOptions
from tui.pane.frames import Draw, Frames
from tui.pane.hints import Offer
from tui.pane.tour import Tour
from tui.widgets.field import WHILE_TYPING, Field
from tui.widgets.lines import Lines
from tui.widgets.view_names import ViewNames

_TIGHT_COLUMNS, _TIGHT_ROWS = 100, 30  # below, the matrix and the pictures take turns


@dataclass(frozen=True)
class DecidePage:
    """`source` names what is looked at and how, `together` the models of an ensemble; `invitation` where nothing is.

    `seeds` is whether there are others to ask together.
    """

    view: View
    style: PixelStyle
    source: str
    together: str
    seeds: bool
    invitation: str
    tour: Tour


class DecideBoard(Vertical):
    """Draws what a query knows, as often as the options allow, and nothing while it is hidden."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    class Resized(Message):
        """Another number of pictures fits now."""

    def __init__(self, options: DisplayOptions, query: DecideQuery, page: Callable[[], DecidePage]) -> None:
        super().__init__()
        self._model_query, self._page = query, page
        self.offer: Offer | None = None  # the hint that is shown
        self.frames = Frames(self, options.frames_per_second, self._parts)
        self.threshold = ThresholdPanel()
        self.costs = CostsPanel()
        self.trust = TrustPanel()

    def compose(self) -> ComposeResult:
        yield ViewNames(TABS)
        yield Static(id="nothing", markup=False)
        yield self.threshold
        yield self.costs
        yield self.trust
        yield Lines(id="sentence")

    def on_resize(self, event: events.Resize) -> None:
        self.costs.fit(event.size.width < _TIGHT_COLUMNS or event.size.height < _TIGHT_ROWS)
        self.threshold.fit(event.size.width, event.size.height)
        self.set_class(event.size.height >= _TIGHT_ROWS, "-tall")
        self.call_after_refresh(self.frames.now)
        self.post_message(self.Resized())

    def front(self, view: View) -> Widget | None:
        """What the keys of a view go to, None where they are the pane's own."""
        return self.costs.front if view == "costs" and self._model_query.shown is not None else None

    def first_field(self, view: View) -> Field:
        """The field that `e` leads into."""
        if view == "threshold":
            return self.threshold.first_field
        return self.costs.first_field if view == "costs" else self.trust.first_field

    def numbers(self, view: View) -> list[Field]:
        """The fields of a view that are typed into, from the left."""
        panel = {"threshold": self.threshold, "costs": self.costs, "trust": self.trust}[view]
        return [field for field in panel.query(Field) if not field.choices]

    # Drawing

    def _parts(self) -> list[Draw]:
        query, page = self._model_query, self._page()
        decision = query.decision
        parts: list[Draw] = [lambda: self._draw_lines(page)]
        if decision is None:
            return parts
        if page.view == "threshold":
            parts += self.threshold.charts(decision)
        elif page.view == "trust":
            parts += self.trust.charts(decision)
        elif self.costs.shows_pictures:
            empty = nothing_to_flip(decision)
            parts.append(lambda: self.costs.draw_pictures(query, page.style, empty))
        return parts

    def _draw_lines(self, page: DecidePage) -> None:
        query = self._model_query
        decision, dataset = query.decision, query.dataset
        self.set_class(decision is None, "-nothing")
        for view in VIEWS:
            self.set_class(view == page.view, f"-{view}")
        names = self.query_one(ViewNames)
        names.active, names.beside = page.view, page.source
        if decision is None or dataset is None:
            self.query_one("#nothing", Static).update(Text(page.invitation))
            return
        self.costs.set_class(dataset.image_height == 0, "-rows")
        self.draw_fields(page)
        if page.view == "threshold":
            self.threshold.draw_lines(decision, self.size.width)
        elif page.view == "trust":
            self.trust.draw_lines(decision, self.size.width)
        else:
            self.costs.draw_lines(query, decision, self.size.width)
        said = self._wrapped(sentence(page.view, decision, query.question, self.threshold.front), "text")
        self.offer = None
        if query.refusal:
            said += self._wrapped(f"! {query.refusal}", "wrong")
        elif any(field.editing for field in self.query(Field)):
            said += self._wrapped(WHILE_TYPING, "accent")
        else:
            self.offer = next_to_try(
                page.view,
                decision,
                query.question,
                pictures=self.costs.shows_pictures,
                seeds=page.seeds,
                tour=page.tour,
                front=self.threshold.front,
            )
            said += self._wrapped(self.offer.line(), "accent")
        self.query_one("#sentence", Lines).show(said)

    def draw_fields(self, page: DecidePage) -> None:
        """At once, so that a key is seen before its answer has come."""
        query = self._model_query
        if page.view == "threshold":
            self.threshold.draw_fields(query.names, query.positive, query.question)
        elif page.view == "costs":
            self.costs.draw_fields(query)
        else:
            self.trust.draw_fields(query.question, page.together, page.seeds)

    def _wrapped(self, text: str, role: str) -> list[Line]:
        shown = plain(text)
        return [(Run(f" {line}", role),) for line in wrap(shown, max(20, self.size.width - 2)) if shown]
