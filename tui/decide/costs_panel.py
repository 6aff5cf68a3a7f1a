"""The view Costs: what each wrong decision costs, and the images whose decision flips, each made when it is drawn."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Button

from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import CostsView, Decision
from engine.contract.errors import InputError
from tui.decide.cost_grid import CostGrid
from tui.decide.flips import FlipRows, FlipTiles
from tui.decide.lines import costs_lines, kinds_heading, kinds_of, title_line
from tui.decide.number_fields import NumberFields
from tui.decide.pictures_panel import PicturesPanel
from tui.decide.query import DecideQuery
from tui.decide.scenario import SETTINGS, TWO_PRICES
from tui.decide.view_panel import DecidePage
from tui.decide.words import nothing_to_flip
from tui.drawing.form_text import written
from tui.drawing.pixels import PixelStyle
from tui.pane.frames import Draw
from tui.widgets.buttons import relabel
from tui.widgets.field import Field
from tui.widgets.file_field import FileField
from tui.widgets.lines import Lines
from tui.widgets.row_list import RowList


class CostsPanel(PicturesPanel):
    """Prices, the matrix, what it comes to, and pictures; where the room is tight, matrix and pictures take turns."""

    VIEW = "costs"

    def __init__(self) -> None:
        super().__init__()
        self._numbers = NumberFields()
        self._kinds: tuple[CostsView | None, int] = (None, 0)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            for name in ("miss", "false_alarm"):
                yield Field(SETTINGS[name], written(SETTINGS[name].default))
            yield Button("", id="preset", compact=True)
        yield FileField("read from", "typing a file name: enter reads its costs  esc leaves  F1–F7 panes")
        yield Lines(id="sums")
        with Container(classes="body"):
            with Horizontal(classes="upper"):
                yield CostGrid(id="matrix")
                yield RowList(id="kinds")
            yield from self.compose_pictures()

    @property
    def first_field(self) -> Field:
        """The price of a miss."""
        return self.query_one("#field-miss", Field)

    @property
    def file(self) -> FileField:
        """The field for the name of a file of costs."""
        return self.query_one(FileField)

    @property
    def in_front_of_pictures(self) -> Widget:
        """The matrix."""
        return self.query_one(CostGrid)

    def draw_fields(self, query: DecideQuery, page: DecidePage) -> None:
        costs = query.question.costs
        self._numbers.write(self.query_one("#field-miss", Field), costs.miss)
        self._numbers.write(self.query_one("#field-false_alarm", Field), costs.false_alarm)
        relabel(self.query_one("#preset", Button), f"d: {costs.name}")
        if query.matrix is not None:
            grid = self.query_one(CostGrid)
            if not self.has_class("-tight"):
                self.query_one(".upper").styles.height = min(13, len(query.names) + 2)
            else:
                self.query_one(".upper").styles.height = "1fr"
            first = not grid.rows
            grid.show(query.matrix.rows, query.names)
            if first:  # on a miss, which the scenario is about
                grid.move_to(query.positive, 0 if query.positive else 1)

    def draw_lines(self, query: DecideQuery, decision: Decision, room: int) -> None:
        """What the costs come to, and the kinds of flips."""
        self.knows(query)
        kinds = self.query_one("#kinds", RowList)
        lines = self.query_one("#sums", Lines)
        told = self.has_class("-tight") or query.question.costs.name == TWO_PRICES  # the prices stand in their fields
        title = [] if told else [title_line(decision.costs.costs, room)]
        lines.show([*title, *costs_lines(decision.costs, room)])
        width = kinds.size.width
        if self._kinds[0] is not decision.costs or self._kinds[1] != width:
            self._kinds = (decision.costs, width)
            flips, flipped = decision.costs.flips, len(decision.costs.flipped)
            rows = kinds_of(flips, flipped, decision.label_names, width - 2)
            kinds.show(kinds_heading(flipped, width - 2), rows, 0 if query.kind is None else query.kind + 1)

    def parts(self, query: DecideQuery, decision: Decision, page: DecidePage) -> list[Draw]:
        if not self.shows_pictures:
            return []
        empty = nothing_to_flip(decision)
        return [lambda: self._draw_pictures(query, page.style, empty)]

    def _draw_pictures(self, query: DecideQuery, style: PixelStyle, empty: str) -> None:
        """The images that flip; `empty` stands where there are none."""
        data, flipped, images = query.dataset, query.flipped, query.images
        if data is not None:
            self.draw_gallery(
                query,
                flipped,
                query.cursor,
                style,
                empty,
                lambda width: FlipTiles(flipped, images, data, width),
                lambda width: FlipRows(flipped, images, data, width),
            )


async def costs_in_file(name: str, names: tuple[str, ...]) -> CostMatrix:
    """The costs for classes of these names, read in another thread: a thousand classes are a million numbers.

    Raises:
        InputError: there is no such file, or no such matrix in it.
    """
    if not name or "\0" in name:
        raise InputError(f"found {name!r}, expected the name of a CSV file")
    from engine.data.brought.costs import read_cost_matrix

    return await asyncio.to_thread(read_cost_matrix, Path(name), names)
