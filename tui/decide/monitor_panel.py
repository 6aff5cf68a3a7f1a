"""The view Monitor: a stream of images that changes at a moment, and whether anybody notices."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Horizontal

from engine.contract.decisions import Decision
from tui.decide.hints import next_in_monitor
from tui.decide.monitor_charts import accuracy_chart, martingale_chart
from tui.decide.monitor_lines import image_titles, monitor_lines, rests_on
from tui.decide.monitor_query import SETTINGS
from tui.decide.number_fields import NumberFields
from tui.decide.query import DecideQuery
from tui.decide.view_panel import DecidePage, ViewPanel
from tui.decide.words import monitor_said
from tui.drawing.form_text import written
from tui.drawing.pixels import PixelStyle
from tui.drawing.spans import Run
from tui.pane.frames import Draw
from tui.pane.hints import Offer
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.picture_view import Image, PictureView
from tui.widgets.readable_chart import ReadableChart


class MonitorPanel(ViewPanel):
    """Fields, figures, two charts, and an image before and after; where the room is tight, `m` shows the image."""

    VIEW = "monitor"

    def __init__(self) -> None:
        super().__init__()
        self._numbers = NumberFields()
        self._tight = self._turned = False

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            for setting in SETTINGS.values():
                yield Field(setting, written(setting.default), least_label=6)
        yield Lines(id="stretches")
        with Horizontal(classes="charts"):
            yield ReadableChart(id="accuracy-over-time")
            yield ReadableChart(id="martingale")
            with Container(id="both-images"):
                yield PictureView(id="image-before")
                yield PictureView(id="image-after")

    @property
    def first_field(self) -> Field:
        """The moment."""
        return self.query_one("#field-moment", Field)

    @property
    def _shows_image(self) -> bool:
        return self._tight == self._turned

    def toggle_pictures(self) -> bool:
        self._turned = not self._turned
        self.fit(self._tight)
        return True

    def fit(self, tight: bool) -> None:
        self._tight = tight
        self.set_class(tight, "-tight")
        self.set_class(self._shows_image, "-pictures")

    # The question

    def move(self, query: DecideQuery, step: int, coarse: bool) -> None:
        """The moment of the change."""
        query.ask_own("monitor", query.monitor.moved(step, coarse))

    def choose(self, query: DecideQuery, name: str, text: str) -> None:
        query.ask_own("monitor", query.monitor.chosen(text))

    def type_number(self, query: DecideQuery, name: str, value: float) -> None:
        query.ask_own("monitor", query.monitor.typed(name, value))

    # Drawing

    def draw_fields(self, query: DecideQuery, page: DecidePage) -> None:
        answer = query.monitor
        asked, view = answer.asked, answer.view
        change = self.query_one("#field-change", Field)
        if view is not None:
            change.choices = view.possible
        change.write(asked.change or "")
        if asked.moment is not None:
            self._numbers.write(self.query_one("#field-moment", Field), asked.moment)
        self._numbers.write(self.query_one("#field-strength", Field), asked.strength)
        self._numbers.write(self.query_one("#field-alpha", Field), asked.alpha)

    def draw_lines(self, query: DecideQuery, decision: Decision, room: int) -> None:
        view = query.monitor.view
        lines = [*monitor_lines(view, room), (Run(f" {rests_on(view)}", "muted"),)] if view is not None else []
        self.query_one("#stretches", Lines).show(lines)

    def parts(self, query: DecideQuery, decision: Decision, page: DecidePage) -> list[Draw]:
        view = query.monitor.view
        if view is None:
            return []
        over_time = self.query_one("#accuracy-over-time", ReadableChart)
        martingale = self.query_one("#martingale", ReadableChart)
        return [
            lambda: over_time.show(accuracy_chart(view)),
            lambda: martingale.show(martingale_chart(view)),
            lambda: self._draw_image(query, page.style),
        ]

    def _draw_image(self, query: DecideQuery, style: PixelStyle) -> None:
        view = query.monitor.view
        before, after = self.query_one("#image-before", PictureView), self.query_one("#image-after", PictureView)
        before.pixel_style = after.pixel_style = style
        image = view.image if view is not None else None
        self.set_class(image is None, "-no-image")
        if image is None:
            before.show(None, "no image is changed")
            after.show(None)
            return
        titles = image_titles(image, query.names)
        before.show(Image(image.before, image.height, image.width), titles[0])
        after.show(Image(image.after, image.height, image.width), titles[1])

    def said(self, query: DecideQuery, decision: Decision) -> str:
        answer = query.monitor
        return "" if answer.view is None and answer.refusal else monitor_said(answer.view, decision)

    def offer(self, query: DecideQuery, decision: Decision, page: DecidePage) -> Offer:
        answer = query.monitor
        return next_in_monitor(answer.view, answer.asked)
