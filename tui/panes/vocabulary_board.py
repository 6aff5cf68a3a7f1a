"""How the Vocabulary pane looks: slider, table, charts, and what is said of them, by the room there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.drawing.loss_figures import spelled, spelled_line
from tui.drawing.plain import plain
from tui.drawing.plot import ChartSpec
from tui.drawing.runs import Line
from tui.drawing.vocabulary_figures import LETTERS, ROLES
from tui.drawing.vocabulary_page import Look, above, charts_of, said, table_of
from tui.drawing.vocabulary_words import VIEWS, next_to_try, progress_line, wrapped
from tui.panes.frames import Draw, Frames
from tui.panes.pane import Manner
from tui.themes import palette_of
from tui.widgets.chart import Chart
from tui.widgets.lines import Lines
from tui.widgets.vocabulary_form import VocabularyForm

_LETTER_OF = {role: LETTERS[method] for method, role in ROLES.items()}
_BROAD = 140  # columns in which the form stands beside the figures


class VocabularyBoard(Vertical):
    """Draws a `Look` as often as the manner allows, and nothing while it is hidden."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    def __init__(self, manner: Manner, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._ascii_only = ascii_only = manner.ascii_only
        self._form_chosen: bool | None = None
        self.form = VocabularyForm()
        self.frames = Frames(self, manner.frames_per_second, self._parts)
        self.lines = {
            name: Lines(ascii_only=ascii_only, id=name) for name in ("track", "table", "said", "next", "progress")
        }
        self.charts = [Chart(ascii_only=ascii_only) for _ in range(2)]

    def compose(self) -> ComposeResult:
        yield Static(id="settings", markup=False)
        yield Static(id="views", markup=False)
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield self.form
            with Vertical(id="main"):
                yield self.lines["track"]
                with Horizontal(id="charts"):
                    yield from self.charts
                yield self.lines["table"]
        yield self.lines["said"]
        yield self.lines["next"]
        yield self.lines["progress"]

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self.frames.now, init=False)
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    @property
    def form_open(self) -> bool:
        return self.app.size.width >= _BROAD if self._form_chosen is None else self._form_chosen

    @property
    def form_covers(self) -> bool:
        """Whether the form takes the place of everything else."""
        return self.form_open and self.app.size.width < _BROAD

    def show_form(self, opened: bool | None) -> None:
        """`None` leaves it to the room there is."""
        self._form_chosen = opened
        self._arrange()

    def _arrange(self) -> None:
        self.set_class(self.app.size.width < _BROAD, "-narrow")
        self.query_one("#side").display = self.form_open
        self.query_one("#main").display = not self.form_covers
        self.call_after_refresh(self.frames.now)

    # Drawing

    def _parts(self) -> list[Draw]:
        palette = palette_of(self.app.theme)
        for lines in self.lines.values():
            lines.palette = palette
        for chart in self.charts:
            chart.palette = palette
        look = self._look()
        specs = charts_of(look, self.app.size.width, self.app.size.height)
        self.query_one("#charts").display = bool(specs)
        for index, chart in enumerate(self.charts):
            chart.display = index < len(specs)
        parts: list[Draw] = [lambda: self._draw_lines(look)]
        if not self.form_covers:
            parts += [
                lambda chart=chart, spec=spec: chart.show(self._spelled(spec))  # type: ignore[misc]
                for chart, spec in zip(self.charts, specs, strict=False)
            ]
        return parts

    def _draw_lines(self, look: Look) -> None:
        width = self.size.width
        main = self.query_one("#main").size.width or width
        measured = look.measured
        following = next_to_try(look.view, look.words, look.chosen, measured, look.race, look.doing)
        self._show("track", above(look, main))
        self._show("table", table_of(look, main, self.app.size.height))
        self._show("said", wrapped(said(look), width))
        self._show("next", wrapped(following, width, "accent"))
        self._show("progress", [progress_line(look.view, look.words, look.doing, look.trouble, look.note, width)])
        self._say("#settings", self._settings(look))
        self._say("#views", _views(look))

    def _settings(self, look: Look) -> Text:
        """The settings that matter most; a click opens the form."""
        text = Text(" ", no_wrap=True, overflow="ellipsis")
        meta = {"@click": "app.in_pane('toggle_form')"}
        question = look.question
        text.append("h", Style(bold=True, meta=meta))
        if question is None:
            text.append(" ! a setting is wrong", Style(bold=True, meta=meta))
            return text
        words = f"text {plain(question.text, 24)}" if question.text else "Zipf-Markov words"
        shape = f"{question.positions:,} positions × {question.dimension:,} features, {question.dtype}"
        text.append(f" form: {shape}, {plain(question.device, 12)}, {words}", Style(meta=meta))
        return text

    def _show(self, name: str, lines: Sequence[Line]) -> None:
        self.lines[name].show([spelled_line(line, self._ascii_only) for line in lines])

    def _say(self, selector: str, text: Text) -> None:
        static = self.query_one(selector, Static)
        text.plain = spelled(text.plain, self._ascii_only)
        if static.content != text:
            static.update(text)

    def _spelled(self, spec: ChartSpec) -> ChartSpec:
        """In ASCII a line is drawn with the letter of its method."""
        if not self._ascii_only:
            return spec
        series = (replace(one, mark=one.mark or _LETTER_OF.get(one.role, "")) for one in spec.series)
        return replace(spec, series=tuple(series), empty=spelled(spec.empty, True))


def _views(look: Look) -> Text:
    text = Text(" ", no_wrap=True, overflow="ellipsis")
    for view, key, title in VIEWS:
        chosen, meta = view == look.view, {"@click": f"app.in_pane('show_{view}')"}
        text.append(key, Style(bold=True, reverse=chosen, meta=meta))
        text.append(f" {title}", Style(bold=chosen, reverse=chosen, meta=meta))
        text.append("   ")
    return text
