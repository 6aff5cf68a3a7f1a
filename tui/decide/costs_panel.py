"""The view Costs: what each wrong decision costs, and the images whose decision flips, each made when it is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Button

from engine.contract.answers import Mistake
from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import CostsView, Decision, Flip
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo
from tui.decide.cost_grid import CostGrid
from tui.decide.lines import costs_lines, kinds_heading, kinds_of, title_line
from tui.decide.number_fields import NumberFields
from tui.decide.query import DecideQuery
from tui.decide.scenario import SETTINGS, TWO_PRICES
from tui.decide.view_panel import DecidePage, ViewPanel
from tui.decide.words import nothing_to_flip
from tui.drawing.confusions import name_of, pair_words
from tui.drawing.form_text import written
from tui.drawing.pixels import PixelStyle
from tui.pane.frames import Draw
from tui.widgets.buttons import relabel
from tui.widgets.field import Field
from tui.widgets.file_field import FileField
from tui.widgets.lines import Lines
from tui.widgets.made import MadeWhenDrawn
from tui.widgets.picture_grid import Caption, CaptionedPicture, PictureGrid
from tui.widgets.picture_view import WAITING
from tui.widgets.row_list import RowList

_WIDE = 70  # cells: from here on longer names

Flipped = Sequence[tuple[int, Flip]]


class FlipTiles(MadeWhenDrawn[CaptionedPicture]):
    """Each image over `most likely → cheapest` and what it truly is."""

    def __init__(self, flipped: Flipped, images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        self._flipped, self._images, self._dataset = flipped, images, dataset
        self._width = width
        self._waiting: set[int] = set()

    @property
    def has_news(self) -> bool:
        """Whether one that was drawn as waiting is there by now."""
        return any(index in self._images for index in self._waiting)

    def __len__(self) -> int:
        return len(self._flipped)

    def made(self, rank: int) -> CaptionedPicture:
        index, flip = self._flipped[rank]
        image = self._images.get(index)
        if image is None:
            self._waiting.add(index)
            return WAITING
        data = self._dataset
        words = pair_words(data.label_names, flip.most_likely, flip.decision, self._width)
        verdict = _verdict(image.true, flip)
        sign = {"better": "+", "worse": "-", "neither": " "}[verdict]
        truth = name_of(data.label_names, image.true, max(4, self._width - 9))
        return CaptionedPicture(
            image.pixels,
            data.image_height,
            data.image_width,
            (
                Caption(words, "right" if verdict == "better" else "text"),
                Caption(f"{sign} truly {truth}", "muted"),
            ),
        )


class FlipRows(MadeWhenDrawn[str]):
    """For inputs that are no pictures: each a line of a table, in two widths."""

    def __init__(self, flipped: Flipped, images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        self._flipped, self._images, self._dataset = flipped, images, dataset
        self._pair, self._truth = (31, 14) if width >= _WIDE else (19, 9)

    @property
    def heading(self) -> str:
        """What stands over the columns."""
        return f"{'index':>7} {'flips':<{self._pair}} {'truly':<{self._truth}} {'sure':>5}"

    def __len__(self) -> int:
        return len(self._flipped)

    def made(self, rank: int) -> str:
        index, flip = self._flipped[rank]
        names = self._dataset.label_names
        words = pair_words(names, flip.most_likely, flip.decision, self._pair)
        line = f"{index:>7,} {words}{' ' * (self._pair - cell_len(words))}"
        image = self._images.get(index)
        if image is None:
            return f"{line} ..."
        truth = name_of(names, image.true, self._truth)
        return f"{line} {truth}{' ' * (self._truth - cell_len(truth))} {image.probabilities[image.predicted]:>5.3f}"


def _verdict(true: int, flip: Flip) -> str:
    """Whether the flip led to the truth or away from it."""
    return "better" if true == flip.decision else "worse" if true == flip.most_likely else "neither"


class CostsPanel(ViewPanel):
    """Prices, the matrix, what it comes to, and pictures; where the room is tight, matrix and pictures take turns."""

    VIEW = "costs"

    def __init__(self) -> None:
        super().__init__()
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
    def gallery(self) -> PictureGrid | RowList:
        """The gallery, or the table of what has no pictures."""
        return self.query_one("#rows", RowList) if self.has_class("-rows") else self.query_one(PictureGrid)

    @property
    def front(self) -> Widget:
        """What the keys go to."""
        return self.gallery if self.in_pictures else self.query_one(CostGrid)

    @property
    def shows_pictures(self) -> bool:
        """Whether the images that flip are in sight."""
        return self.in_pictures or not self.has_class("-tight")

    def fit(self, tight: bool) -> None:
        """`tight` where matrix and pictures take turns."""
        self.set_class(tight, "-tight")
        self.set_class(self.in_pictures, "-pictures")

    def draw_fields(self, query: DecideQuery, page: DecidePage) -> None:
        costs = query.question.costs
        self._numbers.write(self.query_one("#field-miss", Field), costs.miss)
        self._numbers.write(self.query_one("#field-false_alarm", Field), costs.false_alarm)
        relabel(self.query_one("#preset", Button), f"d: {costs.name}")
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
        """What the costs come to, and the kinds of flips."""
        if query.dataset is not None:
            self.set_class(query.dataset.image_height == 0, "-rows")
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
            self._tiles = FlipTiles(query.flipped, query.images, dataset, gallery.caption_size[1])
            gallery.show(self._tiles, query.cursor, empty=empty)


async def costs_in_file(name: str, names: tuple[str, ...]) -> CostMatrix:
    """The costs for classes of these names, read in another thread: a thousand classes are a million numbers.

    Raises:
        InputError: there is no such file, or no such matrix in it.
    """
    if not name or "\0" in name:
        raise InputError(f"found {name!r}, expected the name of a CSV file")
    from engine.data.brought.costs import read_cost_matrix

    return await asyncio.to_thread(read_cost_matrix, Path(name), names)
