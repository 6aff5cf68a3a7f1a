"""How the Loss pane looks: settings, views, tables and charts, and what is said of them, by the room there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult

from tui.drawing.edits import next_words
from tui.drawing.plain import plain
from tui.drawing.wrapping import wrapped
from tui.loss.form import NO_PRESET, LossFormText
from tui.loss.hints import next_to_try
from tui.loss.page import LossPage, above, answers, below, chart_of, said
from tui.loss.words import VIEWS, progress_line
from tui.pane.base import DisplayOptions
from tui.pane.frames import Draw
from tui.pane.lab_form import LabForm
from tui.pane.measuring import MeasuringBoard, append_key, empty_bar

_ROOMY = 140  # columns for a wider form
_BARS = 2  # settings and views


class LossBoard(MeasuringBoard):
    """Draws a `LossPage` as often as the options allow, and nothing while it is hidden."""

    BROAD = 120
    LINES = ("above", "below")
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    form: LabForm[LossFormText]

    def __init__(self, options: DisplayOptions, page: Callable[[], LossPage]) -> None:
        super().__init__(options)
        self._page = page
        self.answers: frozenset[str] = frozenset()  # to the exercise, as drawn
        self.form = LabForm(LossFormText(), first="batch_size")

    def figures(self) -> ComposeResult:
        yield self.lines["above"]
        yield from self.charts
        yield self.lines["below"]

    def place_form(self) -> None:
        super().place_form()
        self.set_class(self.app.size.width >= _ROOMY, "-broad")

    # Drawing

    def _parts(self) -> list[Draw]:
        page = self._page()
        specs = [] if (spec := chart_of(page)) is None else [spec]
        return self.frame(lambda: self._draw_lines(page), specs)

    def _draw_lines(self, page: LossPage) -> None:
        width, height = self.size
        form = self.form.form_text
        self.form.stand_beside(page.started_with)
        figures = above(page, self.main_width, self.app.size.height)
        self.show_lines("above", figures)
        self.show_lines("below", below(page, self.main_width))
        training = page.view == "training" and bool(page.doing.training)
        following = self.hint(
            next_to_try(
                page.view,
                page.measured,
                len(page.scale),
                page.runs,
                page.probability,
                page.doing,
                page.tour,
                soft=page.soft,
            ),
            self.form.waiting("space, space", "training") if training else "",
        )
        progress = progress_line(page.view, page.doing, page.trouble, page.stale, page.ready, width)
        taken = max(len(figures), self.form.size.height + 1 if self.form_open else 0)
        advice = wrapped(following, width, "accent")
        shown = said(page, width, max(2, height - _BARS - 1 - len(advice) - taken))
        self.answers = answers(page, shown)
        self.show_lines("said", shown)
        self.show_lines("next", advice)
        self.show_lines("progress", [progress])
        self.show_bar("#settings", _settings(page, form, self.form_open))
        self.show_views(VIEWS, page.view)


def _settings(page: LossPage, form: LossFormText, opened: bool) -> Text:
    """The settings of the figures in front with their keys, and what is edited since; each can be clicked."""
    texts = {**form.texts, **page.started_with}
    preset = texts["preset"]
    size = "" if preset != NO_PRESET else f"{texts['batch_size']} × {texts['num_classes']}"
    parts = (
        ("h", "toggle_form", f"form: {size}" if size else "form"),
        ("p", "next_preset", f"example: {preset}"),
        ("d", "next_dtype", texts["dtype"]),
        ("s", "soften", f"smoothing: {texts['smoothing']}"),
        ("w", "toggle_gradient", "gradient" if page.with_gradient else "value alone"),
    )
    bar = empty_bar()
    if page.question is None:
        bar.append("! a setting is wrong   ", Style(bold=True, meta={"@click": "app.in_pane('toggle_form')"}))
    for key, action, words in parts:
        append_key(bar, key, plain(words, 32), action)
        if key == "h" and (following := next_words(form.edits, 40)):
            bar.append(f"{following}   ", Style(bold=True, meta={"@click": f"app.in_pane('{action}')"}))
    return bar
