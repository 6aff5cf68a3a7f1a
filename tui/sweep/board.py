"""How the Sweep pane looks: the form, the charts or the grid, the table, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Button

from engine.contract.errors import InputError
from engine.contract.sweeps import SweepConfig
from tui.drawing.plot import ChartSpec
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table
from tui.drawing.wrapping import wrap
from tui.pane.base import Manner
from tui.pane.frames import Draw, Frames
from tui.pane.heard import silence_of
from tui.pane.lab_form import LabForm
from tui.pane.themes import palette_of
from tui.sweep.charts import curves_chart, final_chart
from tui.sweep.form import SweepFormText
from tui.sweep.grid import grid_of
from tui.sweep.layout import CURVES, FINAL, TABLE, SweepLayout
from tui.sweep.sketch import Sketch, sketch_chart
from tui.sweep.state import SweepState
from tui.sweep.table import live_results, live_table
from tui.sweep.value_grid import ValueGrid
from tui.sweep.words import (
    Phase,
    form_line,
    next_to_try,
    progress_line,
    sentence,
    sweep_line,
    wrapped_words,
)
from tui.widgets.chart import Chart
from tui.widgets.file_field import FileField
from tui.widgets.row_list import RowList
from tui.widgets.text_lines import TextLines


@dataclass(frozen=True)
class Look:
    """What there is to draw. `runs` and `seconds_left` are of the next sweep while none is going on."""

    sweep: SweepState
    phase: Phase
    share: float
    seconds_left: float | None
    runs: int | None
    loading: str
    looked_back: bool
    sketch: Sketch | None
    cursor: int
    log: bool
    refusal: str
    has_decide: bool

    @property
    def sketching(self) -> bool:
        return self.sketch is not None and self.sketch.open


class SweepBoard(Vertical):
    """Draws a `Look` as often as the manner allows, and nothing while it is hidden."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    def __init__(self, manner: Manner, look: Callable[[], Look]) -> None:
        super().__init__()
        self._manner, self._look = manner, look
        self.fit = SweepLayout()
        self.form = LabForm(SweepFormText(), first="values")
        self.frames = Frames(self, manner.frames_per_second, self._parts)
        self.table = RowList(id="table")
        self.grid = ValueGrid(id="grid")
        self.file = FileField()
        self._curves = Chart(id="curves")
        self.final = Chart(id="final")
        self._lines = {name: TextLines(id=name) for name in ("settings", "which", "sentence", "progress")}
        self._shown: object = None  # what stands in the table
        self.final_spec = ChartSpec(())

    def compose(self) -> ComposeResult:
        yield self._lines["settings"]
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield self.form
                with Horizontal(id="buttons"):
                    yield Button("space start", id="start", variant="primary", compact=True)
                    yield Button("b exercise", id="exercise", compact=True)
            with Vertical(id="main"):
                yield self._lines["which"]
                with Container(id="plots"):
                    yield self._curves
                    yield self.final
                    yield self.grid
                yield self.table
        yield self.file
        yield self._lines["sentence"]
        yield self._lines["progress"]

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self.frames.now, init=False)
        self.choose(self.fit)

    def on_resize(self) -> None:
        self.choose(self.fit)

    def choose(self, fit: SweepLayout) -> None:
        """Lays the parts out like this from now on, as far as the size of the terminal allows."""
        self.fit = fit
        self.settle()
        self.call_after_refresh(self.frames.now)

    @property
    def form_open(self) -> bool:
        return self.fit.form

    @property
    def form_covers(self) -> bool:
        """Whether the form takes the place of everything else."""
        return not self.fit.main

    def show_form(self, opened: bool | None) -> None:
        """`None` leaves it to the room there is."""
        self.choose(replace(self.fit, form_chosen=opened))

    def next_view(self) -> None:
        self.choose(self.fit.next_view(bool(self._look().sweep.results)))

    def settle(self) -> None:
        """Which parts are there: the sketch alone while it is drawn, so that nothing is given away."""
        look, size = self._look(), self.app.size
        self.fit = fit = self.fit.sized(size.width, size.height)
        self.set_class(fit.narrow, "-narrow")
        self.set_class(fit.columns >= 140, "-broad")
        parts = fit.view(bool(look.sweep.results)) if look.sweep.config is not None else (CURVES,)
        parts = (FINAL,) if look.sketching else parts
        grid = bool(look.sweep.config and look.sweep.config.second_parameter) and not look.sketching
        self._lines["settings"].display = fit.narrow
        self.query_one("#side").display = fit.form
        self.query_one("#main").display = fit.main
        self._lines["which"].display = not look.sketching
        self.query_one("#plots").display = parts != (TABLE,)
        self._curves.display = CURVES in parts
        self.final.display = FINAL in parts and not grid
        self.grid.display = FINAL in parts and grid
        self.table.display = TABLE in parts
        values = len(look.sweep.config.points) if look.sweep.config is not None else 1
        self.table.styles.height = "1fr" if parts == (TABLE,) else min(values + 1, max(4, (fit.rows - 10) // 2))

    # Drawing

    def _parts(self) -> list[Draw]:
        self.settle()
        look, palette = self._look(), palette_of(self.app.theme)
        self.table.palette = self.grid.palette = self._curves.palette = self.final.palette = palette
        for lines in self._lines.values():
            lines.palette = palette
        parts = [self._draw_lines]
        if self._curves.display and self.fit.main:
            parts.append(lambda: self._curves.show(curves_chart(look.sweep, log=look.log, chosen=look.cursor)))
        if self.final.display and self.fit.main:
            parts.append(lambda: self._draw_final(look))
        return parts

    def _draw_final(self, look: Look) -> None:
        config = look.sweep.config
        if look.sketch is not None and look.sketch.open:
            spec: ChartSpec | None = sketch_chart(look.sketch)
        elif config is None:
            spec = ChartSpec((), y_label="loss")
        else:
            marks = look.sketch.marks if look.sketch is not None and look.sketch.config.values == config.values else ()
            columns = self.final.size.width - 6  # beside the axis and its labels
            spec = final_chart(config, live_results(look.sweep), columns=columns, sketch=marks)
        self.final_spec = spec or ChartSpec((), y_label="loss", empty="two values make a chart")
        self.final.show(self.final_spec)

    def _draw_lines(self) -> None:
        look = self._look()
        width = self.size.width or self.app.size.width
        texts, faults = self.form.form_text.texts, self.form.form_text.faults()
        self._lines["settings"].show([form_line(texts, len(faults), self.fit.form, width)])
        room = self._lines["which"].size.width or width
        self._lines["which"].show([sweep_line(look.sweep, room, look.looked_back)])
        said = _wrapped(sentence(look.sweep, look.phase, look.sketch, self._planned()), width, "text")
        following = next_to_try(look.sweep, look.phase, look.sketch, look.has_decide)
        if look.refusal:
            following = f"! {look.refusal}"
        self._lines["sentence"].show([*said, *_wrapped(following, width, "wrong" if look.refusal else "accent")])
        progress = progress_line(
            look.sweep,
            look.phase,
            width,
            share=look.share,
            seconds_left=look.seconds_left,
            runs=look.runs,
            loading=look.loading,
            silence=silence_of(self),
        )
        self._lines["progress"].show([progress])
        self.query_one("#start", Button).label = "space stop" if look.phase in ("running", "loading") else "space start"
        self._draw_table(look)

    def _planned(self) -> SweepConfig | None:
        try:
            return self.form.form_text.config()
        except InputError:
            return None

    def _draw_table(self, look: Look) -> None:
        grid = grid_of(look.sweep) if self.grid.display else None
        if grid is not None:
            self.grid.show(grid, divmod(look.cursor, len(grid.columns)))
        if not self.table.display:
            return
        header, rows = live_table(look.sweep)
        shown = (header, rows, look.cursor)
        if shown != self._shown:
            self._shown = shown
            lines = table(header, rows) if header else ["no values yet: space starts"]
            self.table.show(lines[0], lines[1:], look.cursor)


def _wrapped(text: str, width: int, role: str) -> list[Line]:
    return [(Run(f" {line}", role),) for line in wrap(wrapped_words(text), max(20, width - 2)) if text]
