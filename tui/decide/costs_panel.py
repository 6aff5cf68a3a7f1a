"""The view Costs: what each wrong decision costs, and the images whose decision flips for it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button

from engine.contract.decisions import CostsView, Decision
from tui.decide.cost_grid import CostGrid
from tui.decide.flip_tiles import FlipRows, FlipTiles
from tui.decide.lines import costs_lines, kinds_heading, kinds_of
from tui.decide.number_fields import NumberFields
from tui.decide.query import DecideQuery
from tui.decide.question import SETTINGS
from tui.drawing.form_text import written
from tui.drawing.pixels import PixelStyle
from tui.widgets.field import Field
from tui.widgets.file_field import FileField
from tui.widgets.lines import Lines
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList


class CostsPanel(Vertical):
    """Prices, the matrix, what it comes to, and pictures; where the room is tight, matrix and pictures take turns."""

    def __init__(self) -> None:
        super().__init__(id="costs-view")
        self._numbers = NumberFields()
        self.in_pictures = False  # whether the keys go to the pictures
        self._drawn: tuple[object, ...] = ()
        self._kinds: tuple[CostsView | None, int] = (None, 0)
        self._tiles: FlipTiles | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            for name in ("miss", "false_alarm"):
                yield Field(SETTINGS[name], written(SETTINGS[name].default))
            yield Button("", id="preset", compact=True)
        yield FileField("read from", "typing a file name: enter reads its costs  esc leaves  F1–F7 panes")
        yield Lines(id="sums")
        with Container(id="body"):
            with Horizontal(id="upper"):
                yield CostGrid(id="matrix")
                yield RowList(id="kinds")
            yield PictureGrid(wanted=2, id="gallery")
            yield RowList(id="rows")

    @property
    def first_field(self) -> Field:
        """The price of a miss."""
        return self.query_one("#field-miss", Field)

    @property
    def file(self) -> FileField:
        """The field for the name of a file of costs."""
        return self.query_one(FileField)

    @property
    def list(self) -> PictureGrid | RowList:
        """The gallery, or the table of what has no pictures."""
        return self.query_one("#rows", RowList) if self.has_class("-rows") else self.query_one(PictureGrid)

    @property
    def front(self) -> Widget:
        """What the keys go to."""
        return self.list if self.in_pictures else self.query_one(CostGrid)

    @property
    def shows_pictures(self) -> bool:
        """Whether the images that flip are in sight."""
        return self.in_pictures or not self.has_class("-tight")

    def fit(self, tight: bool) -> None:
        """`tight` where matrix and pictures take turns."""
        self.set_class(tight, "-tight")
        self.set_class(self.in_pictures, "-pictures")

    def draw_fields(self, query: DecideQuery) -> None:
        """What the keys have changed; a field that is typed into is left alone."""
        costs = query.question.costs
        self._numbers.write(self.query_one("#field-miss", Field), costs.miss)
        self._numbers.write(self.query_one("#field-false_alarm", Field), costs.false_alarm)
        self.query_one("#preset", Button).label = f"d: {costs.name}"
        if query.matrix is not None:
            grid = self.query_one(CostGrid)
            if not self.has_class("-tight"):
                self.query_one("#upper").styles.height = min(13, len(query.names) + 2)
            else:
                self.query_one("#upper").styles.height = "1fr"
            first = not grid.rows
            grid.show(query.matrix.rows, query.names)
            if first:  # on a miss, which the scenario is about
                grid.move_to(query.positive, 0 if query.positive else 1)

    def draw_lines(self, query: DecideQuery, decision: Decision, room: int) -> None:
        """What the costs come to, in `room` columns, and the kinds of flips."""
        kinds = self.query_one("#kinds", RowList)
        lines = self.query_one("#sums", Lines)
        lines.show(costs_lines(decision.costs, room))
        width = kinds.size.width
        if self._kinds[0] is not decision.costs or self._kinds[1] != width:
            self._kinds = (decision.costs, width)
            flips, flipped = decision.costs.flips, len(decision.costs.flipped)
            rows = kinds_of(flips, flipped, decision.label_names, width - 2)
            kinds.show(kinds_heading(flipped, width - 2), rows, 0 if query.kind is None else query.kind + 1)

    def draw_pictures(self, query: DecideQuery, style: PixelStyle, empty: str) -> None:
        """The images that flip; `empty` stands where there are none."""
        dataset = query.dataset
        if dataset is None:
            return
        if self.has_class("-rows"):
            rows = self.query_one("#rows", RowList)
            table = FlipRows(query.flipped, query.images, dataset, rows.size.width)
            rows.show(table.heading, table, query.cursor)
            return
        gallery = self.query_one(PictureGrid)
        gallery.pixel_style = style
        drawn = (query.flipped, query.moment, gallery.size, empty)
        news = self._tiles is None or self._tiles.has_news
        if drawn != self._drawn or news or gallery.cursor != query.cursor:
            self._drawn = drawn
            self._tiles = FlipTiles(query.flipped, query.images, dataset, gallery.picture_size[1])
            gallery.show(self._tiles, query.cursor, empty=empty)
