"""Everything that the Train pane shows, put together: which parts are there, and how they are looked at."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from tui.pane.base import Manner
from tui.pane.engine_link import EngineLink
from tui.pane.frames import Draw, Frames
from tui.pane.themes import palette_of
from tui.train.charts import View
from tui.train.control import Phase, RunControl
from tui.train.earlier_runs import EarlierRuns
from tui.train.footer import Footer
from tui.train.layout import Layout
from tui.train.lines import earlier_lines, summary_line
from tui.train.live_templates import LiveTemplates
from tui.train.run_view import Charts
from tui.train.settings_form import Form
from tui.widgets.text_lines import TextLines

_SPACE: dict[Phase, str] = {"running": "space pause", "paused": "space go on", "queued": "space undo"}


class TrainView(Vertical):
    """A skeleton at first; fields and charts come after the first frame, which they would delay."""

    def __init__(self, engine: EngineLink, manner: Manner, control: RunControl, earlier: EarlierRuns) -> None:
        super().__init__()
        self.look, self.fit = View(), Layout()
        self.refusal = ""  # the last line that something was refused with, until it is out of date
        self.autopsy_folded = False
        self.furnished = False
        self.form = Form()
        self.frames = Frames(self, manner.frames_per_second, self._parts)
        self._control, self._earlier = control, earlier
        self._charts = Charts(manner, id="main")
        self._templates = LiveTemplates(engine, manner)
        self._footer = Footer(manner)
        self._summary = TextLines(id="summary")
        self._earlier_list = TextLines(id="earlier")

    def compose(self) -> ComposeResult:
        yield self._summary
        yield Horizontal(Vertical(id="side"), id="body")
        yield self._footer

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self.frames.now, init=False)
        self.choose(self.fit)
        self.call_after_refresh(self._furnish)

    async def _furnish(self) -> None:
        await self.query_one("#body").mount(self._charts)
        await self.mount(self._templates, before=self._footer)
        buttons = Horizontal(
            Button("space start", id="start", variant="primary", compact=True),
            Button("r reset", id="reset", compact=True),
            id="buttons",
        )
        await self.query_one("#side").mount(self.form, buttons, self._earlier_list)
        self.furnished = True
        self.choose(self.fit)

    # Which parts are there

    def on_resize(self) -> None:
        self.choose(self.fit.sized(self.app.size.width, self.app.size.height))

    def choose(self, fit: Layout) -> None:
        """Lays the parts out like this from now on."""
        self.fit = fit
        self.set_class(fit.narrow, "-narrow")
        self.set_class(fit.broad, "-broad")
        self.form.set_class(fit.narrow, "-two-columns")
        self._summary.display = fit.narrow
        self.query_one("#side").display = fit.form
        self._charts.display = fit.charts
        self._charts.choose(fit.low, fit.accuracy, self.shows_autopsy)
        self._templates.display = fit.templates and not (self.shows_autopsy and fit.low)
        self.call_after_refresh(self.frames.now)

    @property
    def shows_autopsy(self) -> bool:
        return self._control.run.diverged is not None and not self.autopsy_folded

    def focus_autopsy(self) -> None:
        """For the keys that scroll it."""
        if self.furnished:
            self._charts.autopsy.focus()

    def show_form(self, opened: bool) -> None:
        self.choose(replace(self.fit, form_chosen=opened))

    def refuse(self, line: str) -> None:
        """Says a line under the chart, and at the field where it names one."""
        self.refusal = line
        if self.furnished and self.form.blame(line):
            self.show_form(True)

    # Drawing

    def look_at(self, look: View) -> None:
        """Looks at the charts like this from now on."""
        self.look = look
        self.frames.now()

    def _parts(self) -> list[Draw]:
        """The lines of text with the first chart, as keys change these, then each other chart, then the weights."""
        if not self.furnished:
            return [self.draw_lines]
        run, palette = self._control.run, palette_of(self.app.theme)
        charts = self._charts.parts(run, self.look, self._earlier.overlays, palette)

        def lines_and_chart() -> None:
            self.draw_lines()
            for draw in charts[:1]:
                draw()

        return [lines_and_chart, *charts[1:], lambda: self._templates.follow(run)]

    def draw_lines(self) -> None:
        """What looks the same as before costs the terminal nothing."""
        control, palette = self._control, palette_of(self.app.theme)
        for lines in (self._summary, self._earlier_list, self._templates):
            lines.palette = palette
        texts, faults = self.form.form_text.texts, self.form.form_text.faults()
        self._footer.draw(control, texts, self.refusal, palette)
        self._summary.show([summary_line(texts, len(faults), self.fit.form, self.fit.columns)])
        if self.furnished:
            size = self._earlier_list.size
            self._earlier_list.show(earlier_lines(self._earlier.listed, self._earlier.marked, size.width, size.height))
            self.query_one("#start", Button).label = _SPACE.get(control.phase, "space start")
