"""Everything that the Train pane shows, put together: which parts are there, how they are looked at, the footer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from engine.contract.run_state import RunState
from engine.verdicts.run_sentence import sentence
from tui.drawing.plain import plain
from tui.drawing.wrapping import wrapped
from tui.pane.base import DisplayOptions
from tui.pane.engine_link import EngineLink
from tui.pane.form_board import FormBoard
from tui.pane.frames import Draw
from tui.pane.hearing import silence_of
from tui.pane.live_run import LiveRun
from tui.pane.tour import Tour
from tui.train.charts import ChartsView
from tui.train.control import Phase, RunControl
from tui.train.earlier_runs import EarlierRuns
from tui.train.hints import next_to_try
from tui.train.lines import earlier_lines, figures_line, progress_line, summary_line
from tui.train.live_templates import LiveTemplates
from tui.train.pace import Speed
from tui.train.run_view import Charts
from tui.train.settings_form import TrainForm
from tui.widgets.lines import TextLines


class Footer(Vertical):
    """Three groups of lines; a click on the last starts or holds the run."""

    def __init__(self) -> None:
        super().__init__()
        self._figures = TextLines(id="figures")
        self._sentence = TextLines(id="sentence")
        self._progress = TextLines(id="progress")

    def compose(self) -> ComposeResult:
        yield self._figures
        yield self._sentence
        yield self._progress

    def draw(self, control: RunControl, following: str, refused: bool) -> None:
        """`following` is what to try next, or where it is `refused` why not."""
        run, phase = control.run, control.phase
        width = self.size.width or self.app.size.width
        self._figures.show([figures_line(run, width)])
        said = sentence(run)
        first = wrapped(said, width) if said else []
        self._sentence.show([*first, *wrapped(following, width, "wrong" if refused else "accent")])
        self._progress.show(
            [
                progress_line(
                    run,
                    phase,
                    width,
                    pace=control.pace.words,
                    images_per_second=control.speed.images_per_second,
                    seconds_left=_seconds_left(run, control.speed),
                    progress=control.progress,
                    waiting_for=control.warming,
                    silence=silence_of(self),
                )
            ]
        )


def _seconds_left(run: RunState, speed: Speed) -> float | None:
    rate = speed.minibatches_per_second
    return (run.minibatches - run.position) / rate if rate else None


_LOW = 34  # rows, as in the app's own classes


@dataclass(frozen=True)
class Layout:
    """`None` leaves the choice to the size of the terminal."""

    rows: int = 24
    accuracy_chosen: bool | None = None
    templates_chosen: bool | None = None

    @property
    def low(self) -> bool:
        """Whether loss and accuracy take turns."""
        return self.rows < _LOW

    @property
    def accuracy(self) -> bool:
        """Whether the accuracy is there."""
        return not self.low if self.accuracy_chosen is None else self.accuracy_chosen

    @property
    def templates(self) -> bool:
        """Whether the weights are there, as pictures."""
        return not self.low if self.templates_chosen is None else self.templates_chosen


_BROAD = 140  # columns, as in the app's own classes
_SPACE: dict[Phase, str] = {"running": "space pause", "paused": "space go on", "queued": "space undo"}


class TrainBoard(FormBoard):
    """A skeleton at first; fields and charts come after the first frame, which they would delay."""

    BROAD = 100

    form: TrainForm

    def __init__(
        self,
        engine: EngineLink,
        options: DisplayOptions,
        live: LiveRun,
        control: RunControl,
        earlier: EarlierRuns,
        refusal: Callable[[], str],
        tour: Callable[[], Tour],
    ) -> None:
        """`refusal` gives the last line that something was refused with, until it is out of date."""
        super().__init__(options)
        self.form = TrainForm()
        self.charts_view, self.layout_chosen = ChartsView(), Layout()
        self.autopsy_folded = False
        self.furnished = False
        self._live, self._control, self._earlier = live, control, earlier
        self._refusal, self._tour = refusal, tour
        self._charts = Charts(id="main")
        self._templates = LiveTemplates(engine, options)
        self._footer = Footer()
        self._summary = TextLines(id="summary")
        self._earlier_list = TextLines(id="earlier")

    def compose(self) -> ComposeResult:
        yield self._summary
        yield Horizontal(Vertical(id="side"), id="body")
        yield self._footer

    def on_mount(self) -> None:
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
        self.place_form()

    # Which parts are there

    def choose(self, layout: Layout) -> None:
        """Has these pictures from now on."""
        self.layout_chosen = layout
        self.place_form()

    def place_form(self) -> None:
        """The form, and all that gives it room."""
        super().place_form()
        width, height = self.app.size
        self.layout_chosen = layout = replace(self.layout_chosen, rows=height)
        self.set_class(width >= _BROAD, "-broad")
        self.form.set_class(self.narrow, "-two-columns")
        self._summary.display = self.narrow or not self.form_open
        self._charts.display = not self.form_covers
        self._charts.choose(layout.low, layout.accuracy, self.shows_autopsy)
        templates = layout.templates and not self.form_covers and not (self.shows_autopsy and layout.low)
        self._templates.display = templates
        self.set_class(templates and layout.low and self.narrow, "-pictures")

    @property
    def pictures_cover(self) -> bool:
        """Whether the weights take the place of the charts, as there is no room for both."""
        return self.has_class("-pictures")

    @property
    def shows_autopsy(self) -> bool:
        """Whether the autopsy of a run that has diverged is in sight."""
        return self._live.state.diverged is not None and not self.autopsy_folded

    def focus_autopsy(self) -> None:
        """For the keys that scroll it."""
        if self.furnished:
            self._charts.autopsy.focus()

    # Drawing

    def view_charts(self, view: ChartsView) -> None:
        """Shows the charts like this from now on."""
        self.charts_view = view
        self.frames.now()

    def _parts(self) -> list[Draw]:
        """The lines of text with the first chart, as keys change these, then each other chart, then the weights."""
        if not self.furnished:
            return [self.draw_lines]
        run = self._live.state
        covered = self.pictures_cover
        charts = [] if covered else self._charts.parts(run, self.charts_view, self._earlier.overlays)

        def lines_and_chart() -> None:
            self.draw_lines()
            for draw in charts[:1]:
                draw()

        return [lines_and_chart, *charts[1:], lambda: self._templates.follow(run)]

    def _following(self) -> str:
        control, form, run = self._control, self.form.form_text, self._live.state
        held = control.phase == "paused"
        offer = next_to_try(run, held, form.texts, control.pace.words, form.edits, self._tour())
        wrong = self._refusal() or next(iter(form.faults().values()), "")
        instead = f"! {plain(wrong)}" if wrong and not self.form.typing else ""
        if not instead and run.status == "running":
            instead = self.form.waiting("r, space", "run")
        return self.hint(offer, instead)

    def draw_lines(self) -> None:
        """What looks the same as before costs the terminal nothing."""
        control, form = self._control, self.form.form_text
        if self.furnished:
            self.form.stand_beside(control.started_with)
        self._footer.draw(control, self._following(), bool(self._refusal()))
        texts = {**form.texts, **control.started_with}
        self._summary.show([summary_line(texts, form.edits, len(form.faults()), self.form_open, self.app.size.width)])
        if self.furnished:
            size = self._earlier_list.size
            self._earlier_list.show(earlier_lines(self._earlier.rows, self._earlier.marked, size.width, size.height))
            self.query_one("#start", Button).label = _SPACE.get(control.phase, "space start")
