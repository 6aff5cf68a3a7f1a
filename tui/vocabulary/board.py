"""How the Vocabulary pane looks: slider, table, charts, and what is said of them, by the room there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.drawing.edits import next_words
from tui.drawing.plain import plain
from tui.drawing.wrapping import wrapped
from tui.pane.base import DisplayOptions
from tui.pane.frames import Draw
from tui.pane.lab_form import LabForm
from tui.pane.measuring import MeasuringBoard, empty_bar
from tui.vocabulary.form import VocabularyFormText
from tui.vocabulary.hints import next_to_try
from tui.vocabulary.page import TABLE_LINES, VocabularyPage, above, charts_of, said, table_of
from tui.vocabulary.words import VIEWS, progress_line

_BARS = 4  # settings, views, slider, progress


class VocabularyBoard(MeasuringBoard):
    """Draws a `VocabularyPage` as often as the options allow, and nothing while it is hidden."""

    BROAD = 140
    LINES = ("track", "table")
    CHARTS = 2
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    form: LabForm[VocabularyFormText]

    def __init__(self, options: DisplayOptions, page: Callable[[], VocabularyPage]) -> None:
        super().__init__(options)
        self._page = page
        self.form = LabForm(VocabularyFormText(), first="text")

    def figures(self) -> ComposeResult:
        yield self.lines["track"]
        with Horizontal(id="charts"):
            yield from self.charts
        yield self.lines["table"]

    # Drawing

    def _parts(self) -> list[Draw]:
        page = self._page()
        specs = charts_of(page, self.main_width, self.app.size.height)
        self.query_one("#charts").display = bool(specs)
        return self.frame(lambda: self._draw_lines(page), specs)

    def _draw_lines(self, page: VocabularyPage) -> None:
        width, main = self.size.width, self.main_width
        self.form.stand_beside(page.started_with)
        offer = next_to_try(
            page.view,
            page.words,
            page.stops[-1],
            page.chosen,
            page.measured,
            page.race,
            page.doing,
            page.tour,
            wrong=page.question is None,
        )
        of = {"train": "training", "measure": "measurement"}.get(page.doing.what, "")
        following = self.hint(offer, self.form.waiting("space, space", of) if of else "")
        self.show_lines("track", above(page, main))
        advice = wrapped(following, width, "accent")
        room = self.size.height - _BARS - len(advice)
        shown = said(page, width, self.app.size.height, room - TABLE_LINES)
        self.show_lines("table", table_of(page, main, self.app.size.height, room - len(shown)))
        self.show_lines("said", shown)
        self.show_lines("next", advice)
        able = page.question is not None and bool(page.chosen)
        progress = progress_line(page.view, page.sizes, page.doing, page.trouble, page.note, width, able=able)
        self.show_lines("progress", [progress])
        self.show_bar("#settings", self._settings(page))
        self.show_views(VIEWS, page.view)

    def _settings(self, page: VocabularyPage) -> Text:
        """The settings that matter most; a click opens the form."""
        text = empty_bar()
        meta = {"@click": "app.in_pane('toggle_form')"}
        question = page.in_front
        text.append("h", Style(bold=True, meta=meta))
        if page.question is None or question is None:
            text.append(" ! a setting is wrong", Style(bold=True, meta=meta))
            return text
        words = f"text {plain(question.text, 24)}" if question.text else "generated words"
        shape = f"{question.positions:,} positions × {question.dimension:,} features, {question.dtype}"
        device = plain(question.device, 12) + (f" on {page.ranks} ranks" if page.ranks > 1 else "")
        text.append(f" form: {shape}, {device}, {words}", Style(meta=meta))
        if following := next_words(self.form.form_text.edits, 40):
            text.append(f"   {following}", Style(bold=True, meta=meta))
        return text
