"""How the overflow playground looks: tables, sentences and the offset chart, arranged by the room there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from engine.contract.answers import SoftmaxTraced
from tui.drawing.spans import Line
from tui.pane.base import DisplayOptions
from tui.pane.frames import Frames
from tui.pane.hints import Offer
from tui.pane.tour import Tour
from tui.softmax.charts import offset_chart
from tui.softmax.hints import next_to_try, with_yours
from tui.softmax.logit_table import LogitTable
from tui.softmax.sheet import Sheet
from tui.softmax.table import choice_lines, columns_for, implementation_lines, step_lines
from tui.softmax.words import explanation, legend, verdict, way_of_one, where_it_holds
from tui.widgets.chart import Chart
from tui.widgets.lines import Lines

_WIDE, _BROAD, _TALL = 100, 140, 34  # columns, columns, rows, as in the app's own classes


@dataclass(frozen=True)
class SoftmaxPage:
    """What there is to draw. `reply` answers the latest question that was answered; `waiting` says why there is none.

    `trouble`, where it is not "", takes the place of the sentence. `judged` is what is said of a user's own softmax.
    """

    sheet: Sheet
    selected: str
    reply: SoftmaxTraced | None
    waiting: str
    trouble: str
    judged: str = ""
    tour: Tour = field(default_factory=Tour)


class SoftmaxBoard(Widget):
    """Draws a `SoftmaxPage`: all but the chart at once, that one as often as the options allow."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    def __init__(self, page: SoftmaxPage, options: DisplayOptions) -> None:
        super().__init__()
        self._page = page
        self.offer: Offer | None = None  # the hint that is shown
        self.frames = Frames(self, options.frames_per_second, lambda: [self._draw_chart], options.line)
        self.table = LogitTable(page.sheet)

    def compose(self) -> ComposeResult:
        yield Static(id="settings", markup=False)
        yield Static(id="look-for", markup=False)
        with Container(id="upper"):
            with Container(id="tables"):
                yield self.table
                yield Lines(id="implementations")
                yield Static(id="explanation", markup=False)
                yield Lines(id="way")
                yield Lines(id="steps")
            yield Lines(id="side")
        yield Chart()
        yield Static(id="sentence", markup=False)
        yield Static(id="next", markup=False)

    def on_resize(self) -> None:
        width, height = self.app.size
        self.set_class(width >= _BROAD, "-broad")
        self.set_class(height >= _TALL, "-tall")
        # The tables' widths are known after this layout.
        self.call_after_refresh(self.redraw)

    def draw(self, page: SoftmaxPage) -> None:
        """Draws this from now on."""
        self._page = page
        self.redraw()

    def redraw(self) -> None:
        """Nothing is sent to the terminal where nothing changed."""
        width = self.table.size.width
        if not width:
            return
        page, sheet = self._page, self._page.sheet
        trace = page.reply.trace if page.reply is not None else None
        columns = columns_for(width, sheet.classes, sheet.column)
        made = implementation_lines(trace, sheet, columns, page.selected)
        steps: list[Line] = []
        way: Line = ()
        # While a question is open the answer may be to fewer rows or classes.
        if trace is not None and sheet.row < len(trace.logits) and sheet.classes == len(trace.logits[0]):
            steps = step_lines(trace, page.selected, sheet.row, columns)
            way = way_of_one(trace, page.selected, sheet.row, sheet.column, width)
        tall = self.has_class("-tall")
        self.table.show(sheet, legend([*made, *steps]) if tall else legend([*made, way], trace, width))
        self.query_one("#implementations", Lines).show(made)
        self.query_one("#steps", Lines).show(steps)
        self.query_one("#way", Lines).show([way])
        self.query_one("#side", Lines).show(choice_lines(sheet, trace))
        self.set_class(len(sheet.rows) > 3 and not tall, "-crowded")
        preset = sheet.untouched
        self._say("#settings", _settings(sheet))
        self._say("#look-for", f" look for: {preset.look_for}" if preset else " your own logits")
        self._say("#explanation", explanation(trace, page.selected, page.judged) if trace is not None else page.waiting)
        self._say("#sentence", self._sentence())
        self.offer = next_to_try(sheet, page.tour)
        self._say("#next", with_yours(self.offer.line(), 0 if page.judged else width - 2))
        self.query_one(Chart).visible = page.reply is not None
        self.frames.soon()

    def _sentence(self) -> str:
        reply = self._page.reply
        if self._page.trouble:
            return self._page.trouble
        if reply is None:
            return "You can edit the logits now."
        return f"{verdict(reply.trace)} {where_it_holds(reply.trace, reply.offsets, reply.errors)}".strip()

    def _say(self, selector: str, text: str | Text) -> None:
        line = self.query_one(selector, Static)
        words = Text(text) if isinstance(text, str) else text
        if line.content != words:
            line.update(words)

    def _draw_chart(self) -> None:
        reply = self._page.reply
        if reply is not None:
            chart = self.query_one(Chart)
            width, height = chart.size
            chart.show(offset_chart(reply.trace, reply.offsets, reply.errors, width >= _WIDE, height))


def _settings(sheet: Sheet) -> Text:
    """The choices with their keys; each can be clicked."""
    preset = sheet.untouched
    parts = (
        ((("p", "next_preset"),), f"preset: {preset.title if preset else 'your own'}"),
        ((("d", "next_dtype"),), sheet.dtype),
        ((("r", "add_row"), ("R", "delete_row")), f"rows: {len(sheet.rows)}"),
        ((("k", "add_class"), ("K", "delete_class")), f"classes: {sheet.classes}"),
        ((("z", "undo"),), "undo"),
    )
    text = Text(" ", no_wrap=True, overflow="ellipsis")
    for keys, words in parts:
        for position, (key, action) in enumerate(keys):
            text.append("/" if position else "")
            text.append(key, Style(bold=True, meta={"@click": f"app.in_pane('{action}')"}))
        text.append(f" {words}", Style(meta={"@click": f"app.in_pane('{keys[0][1]}')"}))
        text.append("  ")
    return text
