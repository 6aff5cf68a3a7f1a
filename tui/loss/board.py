"""How the Loss pane looks: settings, views, tables and charts, and what is said of them, by the room there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.drawing.plain import plain
from tui.drawing.prose import wrapped
from tui.drawing.spans import Line
from tui.loss.form import NO_PRESET, LossFormText
from tui.loss.page import Look, above, below, chart_of, said
from tui.loss.words import VIEWS, next_to_try, progress_line
from tui.pane.base import Manner
from tui.pane.form_board import FormBoard
from tui.pane.frames import Draw, Frames
from tui.pane.lab_form import LabForm
from tui.pane.themes import palette_of
from tui.widgets.chart import Chart
from tui.widgets.lines import Lines

_ROOMY = 140  # columns for a wider form
_BARS = 2  # settings and views


class LossBoard(FormBoard):
    """Draws a `Look` as often as the manner allows, and nothing while it is hidden."""

    BROAD = 120
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text("utf-8")

    def __init__(self, manner: Manner, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self.form = LabForm(LossFormText(), first="batch_size")
        self.frames = Frames(self, manner.frames_per_second, self._parts)
        self.lines = {name: Lines(id=name) for name in ("above", "below", "said", "next", "progress")}
        self.chart = Chart()

    def compose(self) -> ComposeResult:
        yield Static(id="settings", markup=False)
        yield Static(id="views", markup=False)
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield self.form
            with Vertical(id="main"):
                yield self.lines["above"]
                yield self.chart
                yield self.lines["below"]
        yield self.lines["said"]
        yield self.lines["next"]
        yield self.lines["progress"]

    def place_form(self) -> None:
        super().place_form()
        self.set_class(self.app.size.width >= _ROOMY, "-broad")

    # Drawing

    def _parts(self) -> list[Draw]:
        palette = palette_of(self.app.theme)
        self.chart.palette = palette
        for widget in self.lines.values():
            widget.palette = palette
        look = self._look()
        spec = chart_of(look)
        self.chart.display = spec is not None
        parts: list[Draw] = [lambda: self._draw_lines(look)]
        if spec is not None and not self.form_covers:
            parts.append(lambda: self.chart.show(spec))
        return parts

    def _draw_lines(self, look: Look) -> None:
        width, height = self.size
        main = self.query_one("#main").size.width or width
        figures = above(look, main, self.app.size.height)
        self._show("above", figures)
        self._show("below", below(look, main))
        following = next_to_try(look.view, look.measured, len(look.scale), look.runs, look.probability, look.doing)
        progress = progress_line(look.view, look.doing, look.trouble, look.stale, look.ready, width)
        taken = max(len(figures), self.form.size.height + 1 if self.form_open else 0)
        advice = wrapped(following, width, "accent")
        self._show("said", said(look, width, max(2, height - _BARS - 1 - len(advice) - taken)))
        self._show("next", advice)
        self._show("progress", [progress])
        self._say("#settings", _settings(look, self.form.form_text.texts, self.form_open))
        self._say("#views", _views(look))

    def _show(self, name: str, lines: Sequence[Line]) -> None:
        self.lines[name].show(lines)

    def _say(self, selector: str, text: Text) -> None:
        static = self.query_one(selector, Static)
        if static.content != text:
            static.update(text)


def _settings(look: Look, texts: Mapping[str, str], opened: bool) -> Text:
    """The settings with their keys; each can be clicked."""
    preset = texts["preset"]
    size = "" if preset != NO_PRESET else f"{texts['batch_size']} × {texts['num_classes']}"
    parts = (
        ("h", "toggle_form", f"form: {size}" if size else "form"),
        ("p", "next_preset", f"example: {preset}"),
        ("d", "next_dtype", texts["dtype"]),
        ("s", "soften", f"smoothing: {texts['smoothing']}"),
        ("g", "toggle_gradient", "with gradient" if look.with_gradient else "value alone"),
    )
    text = Text(" ", no_wrap=True, overflow="ellipsis")
    if look.question is None:
        text.append("! a setting is wrong   ", Style(bold=True, meta={"@click": "app.in_pane('toggle_form')"}))
    for key, action, words in parts:
        _append(text, key, plain(words, 32), action)
    return text


def _views(look: Look) -> Text:
    text = Text(" ", no_wrap=True, overflow="ellipsis")
    for view, key, title in VIEWS:
        _append(text, key, title, f"show_{view}", chosen=view == look.view)
    return text


def _append(text: Text, key: str, words: str, action: str, chosen: bool = False) -> None:
    meta = {"@click": f"app.in_pane('{action}')"}
    text.append(key, Style(bold=True, reverse=chosen, meta=meta))
    text.append(f" {words}", Style(bold=chosen, reverse=chosen, meta=meta))
    text.append("   ")
