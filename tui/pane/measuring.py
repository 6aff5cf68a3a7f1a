"""What Loss and Vocabulary share: views of what was measured, one of them in front, and lines and charts for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.drawing.chart_spec import ChartSpec
from tui.drawing.spans import Line
from tui.pane.base import DisplayOptions
from tui.pane.engine_link import EngineLink
from tui.pane.form_board import FormBoard
from tui.pane.frames import Draw
from tui.pane.lab import JobControl, LabPane
from tui.pane.live_run import LiveRun
from tui.widgets.lines import Lines
from tui.widgets.readable_chart import ReadableChart


class MeasuringBoard(FormBoard):
    """Has `lines` by name and `charts`, and above them two bars: `#settings` and `#views`.

    A subclass names the lines of its figures; those that say what is seen, what follows and how far it is stand below.
    """

    LINES: ClassVar[tuple[str, ...]]
    CHARTS: ClassVar[int] = 1

    def __init__(self, options: DisplayOptions) -> None:
        super().__init__(options)
        self.lines = {name: Lines(id=name) for name in (*self.LINES, "said", "next", "progress")}
        self.charts = [ReadableChart() for _ in range(self.CHARTS)]

    def compose(self) -> ComposeResult:
        yield Static(id="settings", markup=False)
        yield Static(id="views", markup=False)
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield self.form
            with Vertical(id="main"):
                yield from self.figures()
        for name in ("said", "next", "progress"):
            yield self.lines[name]

    def figures(self) -> ComposeResult:
        """What stands beside the form, or takes turns with it."""
        raise NotImplementedError

    @property
    def main_width(self) -> int:
        """Columns that the figures have."""
        return self.query_one("#main").size.width or self.size.width

    def show_lines(self, name: str, lines: Sequence[Line]) -> None:
        """These lines from now on."""
        self.lines[name].show(lines)

    def show_bar(self, selector: str, text: Text) -> None:
        """This bar from now on."""
        static = self.query_one(selector, Static)
        if static.content != text:
            static.update(text)

    def show_views(self, views: Sequence[tuple[str, str, str]], front: str) -> None:
        """The names of the views with their keys; each can be clicked."""
        bar = empty_bar()
        for view, key, title in views:
            append_key(bar, key, title, f"show_{view}", chosen=view == front)
        self.show_bar("#views", bar)

    def frame(self, draw_lines: Draw, specs: Sequence[ChartSpec]) -> list[Draw]:
        """The lines first, as keys change these, then each chart that there is."""
        for index, chart in enumerate(self.charts):
            chart.display = index < len(specs)
        drawn = [] if self.form_covers else zip(self.charts, specs, strict=False)
        return [draw_lines, *(partial(chart.show, spec) for chart, spec in drawn)]


def empty_bar() -> Text:
    """One line that keys are appended to."""
    return Text(" ", no_wrap=True, overflow="ellipsis")


def append_key(text: Text, key: str, words: str, action: str, chosen: bool = False) -> None:
    """A key and what it does, to be clicked; in reverse where it is what is chosen."""
    meta = {"@click": f"app.in_pane('{action}')"}
    text.append(key, Style(bold=True, reverse=chosen, meta=meta))
    text.append(f" {words}", Style(bold=chosen, reverse=chosen, meta=meta))
    text.append("   ")


MeasuringBoardT = TypeVar("MeasuringBoardT", bound=MeasuringBoard)
ControlT = TypeVar("ControlT", bound=JobControl)
ViewT = TypeVar("ViewT", bound=str)


class MeasuringPane(LabPane[MeasuringBoardT, ControlT], Generic[MeasuringBoardT, ControlT, ViewT]):
    """Turns keys into questions and changes of the view; what was measured is told by the engine."""

    def __init__(
        self,
        pane_id: str,
        engine: EngineLink,
        options: DisplayOptions,
        live: LiveRun,
        control: ControlT,
        views: Sequence[tuple[ViewT, str, str]],
    ) -> None:
        """`views` have each a key and a title; the first is where `back` leads."""
        super().__init__(pane_id, engine, options, live, control)
        self._views = [view for view, _, _ in views]
        self.view = self._views[0]

    def begin_or_end(self) -> None:
        """What space does where nothing waits for the engine."""
        raise NotImplementedError

    def action_go(self) -> None:
        """Begins or ends what the view in front is about."""
        self._refusal = ""
        if self.control.take_waiting() is None:
            self.begin_or_end()
        self.board.frames.now()

    # How it is looked at

    def show_view(self, view: str) -> None:
        """Brings a view to the front."""
        self.view, self._refusal = next(one for one in self._views if one == view), ""
        self.fold()
        self.board.frames.now()

    def action_show_table(self) -> None:
        self.show_view("table")

    def action_show_time(self) -> None:
        self.show_view("time")

    def action_show_training(self) -> None:
        self.show_view("training")

    def action_next_view(self) -> None:
        self.show_view(self._views[(self._views.index(self.view) + 1) % len(self._views)])

    def action_back(self) -> None:
        """Out of the form, then to the table."""
        if self.board.form_covers:
            self.fold()
        elif self.view != self._views[0]:
            self.show_view(self._views[0])
        self.focus()
        self.board.frames.now()
