"""The view Sets: the labels that stay possible at a level, and how often the true class is among them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widgets import Button

from engine.contract.conformal import SetsView
from engine.contract.decisions import Decision
from tui.decide.hints import of_sets
from tui.decide.number_fields import NumberFields
from tui.decide.pictures_panel import PicturesPanel
from tui.decide.query import DecideQuery
from tui.decide.scenario import SETTINGS, moved
from tui.decide.set_pictures import SetRows, SetTiles
from tui.decide.sets_lines import METHOD_WORDS, class_lines, sets_lines, size_rows
from tui.decide.view_panel import DecidePage
from tui.decide.words import sets_said
from tui.drawing.form_text import written
from tui.drawing.pixels import PixelStyle
from tui.pane.commands import key_of
from tui.pane.frames import Draw
from tui.pane.hints import Offer
from tui.widgets.buttons import relabel
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.row_list import RowList

_ROOMY = 22  # lines of the upper part, more classes than that are counted


class SetsPanel(PicturesPanel):
    """Figures, coverage by class, a table of sizes, and pictures; where the room is tight, classes and pictures take
    turns.
    """

    VIEW = "sets"

    def __init__(self) -> None:
        super().__init__()
        self._numbers = NumberFields()

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            yield Field(SETTINGS["level"], written(SETTINGS["level"].default))
            yield Button("", id="method", compact=True)
        yield Lines(id="sets-figures")
        with Container(classes="body"):
            with Horizontal(classes="upper"):
                yield Lines(id="by-class")
                yield RowList(id="sizes")
            yield from self.compose_pictures()

    # The question

    def move(self, query: DecideQuery, step: int, coarse: bool) -> None:
        """The level."""
        query.ask_own("sets", query.sets.at_level(moved(query.sets.question.level, step, coarse)))

    def type_number(self, query: DecideQuery, name: str, value: float) -> None:
        query.ask_own("sets", query.sets.at_level(value))

    # Drawing

    def draw_fields(self, query: DecideQuery, page: DecidePage) -> None:
        question = query.sets.question
        self._numbers.write(self.query_one(Field), question.level)
        relabel(
            self.query_one("#method", Button), f"{key_of('decide', 'next_method')}: {METHOD_WORDS[question.method]}"
        )

    def draw_lines(self, query: DecideQuery, decision: Decision, room: int) -> None:
        view, sizes = query.sets.view, self.query_one("#sizes", RowList)
        self.knows(query)
        self.set_class(view is None, "-waiting")
        if view is None:
            return
        self.query_one("#sets-figures", Lines).show(sets_lines(view, room))
        if not self.has_class("-tight"):
            rows = max(len(view.classes) + 1, len(size_rows(view, 40)[1]) + 1)
            self.query_one(".upper").styles.height = min(rows, max(8, (self.size.height - 6) // 2), _ROOMY)
        else:
            self.query_one(".upper").styles.height = "1fr"
        heading, rows_of = size_rows(view, max(20, sizes.size.width - 2))
        sizes.show(heading, rows_of, query.sets.row)

    def parts(self, query: DecideQuery, decision: Decision, page: DecidePage) -> list[Draw]:
        view = query.sets.view
        if view is None:
            return []
        draws: list[Draw] = [lambda: self._draw_classes(view, decision.label_names)]
        if self.shows_pictures:
            draws.append(lambda: self._draw_pictures(query, page.style))
        return draws

    def said(self, query: DecideQuery, decision: Decision) -> str:
        return sets_said(query.sets.view, decision)

    def offer(self, query: DecideQuery, decision: Decision, page: DecidePage) -> Offer:
        return of_sets(query.sets.view, pictures=self.in_pictures, tour=page.tour)

    def _draw_classes(self, view: SetsView, names: tuple[str, ...]) -> None:
        """Once the lines are laid out, as wide and as high as they have come to be."""
        lines = self.query_one("#by-class", Lines)
        lines.show(class_lines(view, names, lines.size.width, self.query_one(".upper").size.height))

    def _draw_pictures(self, query: DecideQuery, style: PixelStyle) -> None:
        data, sets, images = query.dataset, query.sets.images, query.images
        if data is not None:
            self.draw_gallery(
                query,
                sets,
                query.sets.cursor,
                style,
                "no set of this size",
                lambda width: SetTiles(sets, images, data, width),
                lambda width: SetRows(sets, images, data, width),
            )
