"""How the Vocabulary pane looks: slider, table, charts, and what is said of them, by the room there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.drawing.plain import plain
from tui.drawing.prose import wrapped
from tui.drawing.spans import Line
from tui.pane.base import Manner
from tui.pane.form_board import FormBoard
from tui.pane.frames import Draw, Frames
from tui.pane.lab_form import LabForm
from tui.pane.themes import palette_of
from tui.vocabulary.form import VocabularyFormText
from tui.vocabulary.page import Look, above, charts_of, said, table_of
from tui.vocabulary.words import VIEWS, next_to_try, progress_line
from tui.widgets.chart import Chart
from tui.widgets.lines import Lines


class VocabularyBoard(FormBoard):
    """Draws a `Look` as often as the manner allows, and nothing while it is hidden."""

    BROAD = 140
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    def __init__(self, manner: Manner, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self.form = LabForm(VocabularyFormText(), first="text")
        self.frames = Frames(self, manner.frames_per_second, self._parts)
        self.lines = {name: Lines(id=name) for name in ("track", "table", "said", "next", "progress")}
        self.charts = [Chart() for _ in range(2)]

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

    # Drawing

    def _parts(self) -> list[Draw]:
        palette = palette_of(self.app.theme)
        for lines in self.lines.values():
            lines.palette = palette
        for chart in self.charts:
            chart.palette = palette
        look = self._look()
        specs = charts_of(look, self._main_width, self.app.size.height)
        self.query_one("#charts").display = bool(specs)
        for index, chart in enumerate(self.charts):
            chart.display = index < len(specs)
        parts: list[Draw] = [lambda: self._draw_lines(look)]
        if not self.form_covers:
            parts += [
                lambda chart=chart, spec=spec: chart.show(spec)  # type: ignore[misc]
                for chart, spec in zip(self.charts, specs, strict=False)
            ]
        return parts

    @property
    def _main_width(self) -> int:
        return self.query_one("#main").size.width or self.size.width

    def _draw_lines(self, look: Look) -> None:
        width, main = self.size.width, self._main_width
        following = next_to_try(
            look.view,
            look.words,
            look.stops[-1],
            look.chosen,
            look.measured,
            look.race,
            look.doing,
            wrong=look.question is None,
        )
        self._show("track", above(look, main))
        self._show("table", table_of(look, main, self.app.size.height))
        self._show("said", wrapped(said(look, width, self.app.size.height), width))
        self._show("next", wrapped(following, width, "accent"))
        able = look.question is not None and bool(look.chosen)
        progress = progress_line(look.view, look.sizes, look.doing, look.trouble, look.note, width, able=able)
        self._show("progress", [progress])
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
        device = plain(question.device, 12) + (f" on {look.ranks} ranks" if look.ranks > 1 else "")
        text.append(f" form: {shape}, {device}, {words}", Style(meta=meta))
        return text

    def _show(self, name: str, lines: Sequence[Line]) -> None:
        self.lines[name].show(lines)

    def _say(self, selector: str, text: Text) -> None:
        static = self.query_one(selector, Static)
        if static.content != text:
            static.update(text)


def _views(look: Look) -> Text:
    text = Text(" ", no_wrap=True, overflow="ellipsis")
    for view, key, title in VIEWS:
        chosen, meta = view == look.view, {"@click": f"app.in_pane('show_{view}')"}
        text.append(key, Style(bold=True, reverse=chosen, meta=meta))
        text.append(f" {title}", Style(bold=chosen, reverse=chosen, meta=meta))
        text.append("   ")
    return text
