"""How the Sweep pane looks: the form, the charts or the grid, the table, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Button

from engine.contract.errors import InputError
from engine.contract.sweeps import SweepConfig
from tui.drawing.chart_spec import ChartSpec
from tui.drawing.numbers import with_minus
from tui.drawing.tables import table
from tui.drawing.wrapping import wrapped
from tui.pane.base import DisplayOptions
from tui.pane.form_board import FormBoard
from tui.pane.frames import Draw
from tui.pane.hearing import silence_of
from tui.pane.lab_form import LabForm
from tui.pane.tour import Tour
from tui.sweep.charts import curves_chart, final_chart
from tui.sweep.form import SweepFormText
from tui.sweep.hints import next_to_try
from tui.sweep.sketch import Sketch, sketch_chart
from tui.sweep.state import SweepState
from tui.sweep.table import live_results, live_table
from tui.sweep.value_grid import ValueGrid, grid_of
from tui.sweep.words import (
    Phase,
    form_line,
    progress_line,
    sentence,
    sweep_line,
)
from tui.widgets.file_field import FileField
from tui.widgets.lines import TextLines
from tui.widgets.readable_chart import ReadableChart
from tui.widgets.row_list import RowList

_NARROW, _LOW = 100, 34  # columns, rows, as in the app's own classes
CURVES, FINAL, TABLE = "curves", "final", "table"
Parts = tuple[str, ...]

_ROOMY: tuple[Parts, ...] = ((CURVES, FINAL, TABLE), (CURVES,), (FINAL,), (TABLE,))
_WIDE_AND_LOW: tuple[Parts, ...] = ((CURVES, FINAL), (TABLE,))
_SMALL: tuple[Parts, ...] = ((CURVES,), (FINAL,), (TABLE,))


@dataclass(frozen=True)
class SweepLayout:
    """`None` leaves the choice to the size of the terminal, and to whether there are results yet."""

    columns: int = 80
    rows: int = 24
    view_chosen: int | None = None

    @property
    def narrow(self) -> bool:
        """Whether form and figures take turns."""
        return self.columns < _NARROW

    @property
    def low(self) -> bool:
        """Whether there is room for one row of charts."""
        return self.rows < _LOW

    def view(self, ended: bool) -> Parts:
        """The parts that are shown; by itself the final losses once there are some, where only one has room."""
        views = self._views
        if self.view_chosen is None:
            return (FINAL,) if views is _SMALL and ended else views[0]
        return views[self.view_chosen % len(views)]

    def next_view(self, ended: bool) -> SweepLayout:
        """The view after the one in front is chosen."""
        return replace(self, view_chosen=(self._views.index(self.view(ended)) + 1) % len(self._views))

    def sized(self, columns: int, rows: int) -> SweepLayout:
        """In another size the view is the one that size has."""
        other = replace(self, columns=columns, rows=rows)
        return other if other._views is self._views else replace(other, view_chosen=None)

    @property
    def _views(self) -> tuple[Parts, ...]:
        if not self.low:
            return _ROOMY
        return _SMALL if self.narrow else _WIDE_AND_LOW


@dataclass(frozen=True)
class SweepPage:
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
    seconds: bool  # along the axis of the curves
    started_with: dict[str, str]  # the sweep in front, as texts of the form
    refusal: str
    tour: Tour = field(default_factory=Tour)

    @property
    def sketching(self) -> bool:
        """Whether a sketch is being drawn, and nothing may be given away."""
        return self.sketch is not None and self.sketch.open


class SweepBoard(FormBoard):
    """Draws a `SweepPage` as often as the options allow, and nothing while it is hidden."""

    BROAD = 100
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    form: LabForm[SweepFormText]

    def __init__(self, options: DisplayOptions, page: Callable[[], SweepPage]) -> None:
        super().__init__(options)
        self._page = page
        self.fit = SweepLayout()
        self.form = LabForm(SweepFormText(), first="values")
        self.table = RowList(id="table")
        self.grid = ValueGrid(id="grid")
        self.file = FileField()
        self._curves = ReadableChart(also="X axis", id="curves")
        self.final = ReadableChart(id="final")
        self._lines = {name: TextLines(id=name) for name in ("settings", "which", "sentence", "progress")}
        self._shown: object = None  # what stands in the table

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

    def next_view(self) -> None:
        """To the next of the views that there is room for."""
        self.fit = self.fit.next_view(bool(self._page().sweep.results))
        self.place_form()

    def place_form(self) -> None:
        super().place_form()
        self.settle()

    def settle(self) -> None:
        """Which parts are there: the sketch alone while it is drawn, so that nothing is given away."""
        page, size = self._page(), self.app.size
        self.fit = fit = self.fit.sized(size.width, size.height)
        self.set_class(fit.columns >= 140, "-broad")
        parts = fit.view(bool(page.sweep.results)) if page.sweep.config is not None else (CURVES,)
        parts = (FINAL,) if page.sketching else parts
        grid = bool(page.sweep.config and page.sweep.config.second_parameter) and not page.sketching
        self._lines["settings"].display = self.narrow
        self._lines["which"].display = not page.sketching
        self.query_one("#plots").display = parts != (TABLE,)
        self._curves.display = CURVES in parts
        self.final.display = FINAL in parts and not grid
        self.final.can_focus = not page.sketching  # the arrows draw the sketch
        self.grid.display = FINAL in parts and grid
        self.table.display = TABLE in parts
        values = len(page.sweep.config.points) if page.sweep.config is not None else 1
        self.table.styles.height = "1fr" if parts == (TABLE,) else min(values + 1, max(4, (fit.rows - 10) // 2))

    # Drawing

    def _parts(self) -> list[Draw]:
        self.settle()
        page = self._page()
        parts = [self._draw_lines]
        if self._curves.display and not self.form_covers:
            parts.append(lambda: self._draw_curves(page))
        if self.final.display and not self.form_covers:
            parts.append(lambda: self._draw_final(page))
        return parts

    def _draw_curves(self, page: SweepPage) -> None:
        spec = curves_chart(page.sweep, log=page.log, chosen=page.cursor, seconds=page.seconds)
        self._curves.show(spec)

    def _draw_final(self, page: SweepPage) -> None:
        config = page.sweep.config
        if page.sketch is not None and page.sketch.open:
            spec: ChartSpec | None = sketch_chart(page.sketch)
        elif config is None:
            spec = ChartSpec((), y_label="loss")
        else:
            marks = page.sketch.marks if page.sketch is not None and page.sketch.config.values == config.values else ()
            columns = self.final.size.width - 6  # beside the axis and its labels
            spec = final_chart(config, live_results(page.sweep), columns=columns, sketch=marks)
        self.final.show(spec or ChartSpec((), y_label="loss", empty="two values make a chart"))

    def _draw_lines(self) -> None:
        page = self._page()
        width = self.size.width or self.app.size.width
        self.form.stand_beside(page.started_with)
        texts, faults = self.form.form_text.texts, self.form.form_text.faults()
        self._lines["settings"].show([form_line(texts, len(faults), self.form_open, width)])
        room = self._lines["which"].size.width or width
        self._lines["which"].show([sweep_line(page.sweep, room, page.looked_back)])
        said = wrapped(with_minus(sentence(page.sweep, page.phase, page.sketch, self._planned())), width)
        instead = f"! {page.refusal}" if page.refusal else ""
        if not instead and page.phase == "running" and not page.sketching and not page.looked_back:
            instead = self.form.waiting("space, space", "sweep")
        following = self.hint(next_to_try(page.sweep, page.phase, page.sketch, page.tour), instead)
        self._lines["sentence"].show(
            [*said, *wrapped(with_minus(following), width, "wrong" if page.refusal else "accent")]
        )
        progress = progress_line(
            page.sweep,
            page.phase,
            width,
            share=page.share,
            seconds_left=page.seconds_left,
            runs=page.runs,
            loading=page.loading,
            silence=silence_of(self),
        )
        self._lines["progress"].show([progress])
        self.query_one("#start", Button).label = "space stop" if page.phase in ("running", "loading") else "space start"
        self._draw_table(page)

    def _planned(self) -> SweepConfig | None:
        try:
            return self.form.form_text.config()
        except InputError:
            return None

    def _draw_table(self, page: SweepPage) -> None:
        grid = grid_of(page.sweep) if self.grid.display else None
        if grid is not None:
            self.grid.show(grid, divmod(page.cursor, len(grid.columns)))
        if not self.table.display:
            return
        header, rows = live_table(page.sweep)
        shown = (header, rows, page.cursor)
        if shown != self._shown:
            self._shown = shown
            lines = table(header, rows) if header else ["no values yet: space starts"]
            self.table.show(lines[0], lines[1:], page.cursor)
