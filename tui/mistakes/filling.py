"""Puts what the pane of mistakes looks at into its widgets; each image of a long list is made when it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from engine.contract.answers import Mistake
from engine.contract.events import DatasetInfo
from tui.drawing.album import Album
from tui.drawing.confusions import name_of, pair_words
from tui.drawing.matrix import digits_of
from tui.drawing.pixels import PixelStyle
from tui.drawing.plain import plain
from tui.mistakes.example_view import ExampleView
from tui.mistakes.heatmap import Heatmap, PairList
from tui.mistakes.hints import next_to_try
from tui.mistakes.query import MistakesQuery
from tui.mistakes.words import (
    caption_lines,
    filter_words,
    finding,
    moment_words,
    order_words,
    place_words,
)
from tui.pane.hints import Offer
from tui.pane.tour import Tour
from tui.widgets.made import MadeWhenDrawn
from tui.widgets.picture_grid import Caption, CaptionedPicture, PictureGrid
from tui.widgets.picture_view import WAITING
from tui.widgets.row_list import RowList

_LEAST_LIST = 5  # rows: a gap, a heading and three pairs under the matrix
_NAMES = 14  # cells, in the table


class Tiles(MadeWhenDrawn[CaptionedPicture]):
    """For the gallery: each image over `true → predicted` and how sure the model is."""

    def __init__(self, album: Album, dataset: DatasetInfo, room: tuple[int, int]) -> None:
        """`room` has the lines and the columns under each image."""
        self._album, self._dataset = album, dataset
        self._lines, self._width = room
        self._waiting: set[int] = set()

    def has_news(self, ranks: range) -> bool:
        """Whether one of these was drawn as waiting and is there by now."""
        return any(rank in self._waiting and self._album.at(rank) is not None for rank in ranks)

    def __len__(self) -> int:
        return self._album.matching

    def made(self, rank: int) -> CaptionedPicture:
        image = self._album.at(rank)
        if image is None:
            self._waiting.add(rank)
            return WAITING
        return self._tile(image)

    def _tile(self, image: Mistake) -> CaptionedPicture:
        data = self._dataset
        lines = caption_lines(image, data.label_names, self._lines, self._width)
        return CaptionedPicture(
            image.pixels,
            data.image_height,
            data.image_width,
            tuple(Caption(line.text, line.role) for line in lines),
        )


class Rows(MadeWhenDrawn[str]):
    """For inputs that are no pictures: each a line of a table."""

    HEADING = f"{'index':>9}  {'true → predicted':<{2 * _NAMES + 3}} {'probability':>11} {'margin':>7} {'loss':>9}"

    def __init__(self, album: Album, dataset: DatasetInfo) -> None:
        self._album, self._dataset = album, dataset

    def __len__(self) -> int:
        return self._album.matching

    def made(self, rank: int) -> str:
        image = self._album.at(rank)
        return "..." if image is None else self._row(image)

    def _row(self, image: Mistake) -> str:
        width = 2 * _NAMES + 3
        words = pair_words(self._dataset.label_names, image.true, image.predicted, width)
        words = words + " " * (width - cell_len(words))
        if not image.is_scored:
            return f"{image.index:>9,}  {words} {'unknown':>11}"
        first, second = sorted(image.probabilities, reverse=True)[:2]
        return f"{image.index:>9,}  {words} {image.probability:>11.4f} {first - second:>7.4f} {image.loss:>9.4g}"


@dataclass(frozen=True)
class MistakesPage:
    """How to draw it. `run` names the run and how it is looked at; `invitation` stands where there is nothing."""

    style: PixelStyle
    run: str
    invitation: str
    tour: Tour


class Drawn:
    """Remembers what each part was drawn from, so that nothing is drawn, and sent to the terminal, twice."""

    def __init__(self) -> None:
        self._parts: dict[str, object] = {}
        self.tiles: Tiles | None = None

    def again(self, part: str, *source: object) -> bool:
        """Whether the part has to be drawn, because its source is another one."""
        if part in self._parts and self._parts[part] == source:
            return False
        self._parts[part] = source
        return True


def draw(pane: Widget, query: MistakesQuery, page: MistakesPage, drawn: Drawn) -> None:
    """Everything that has changed, from the one state that the pane has."""
    head, dataset = query.head, query.dataset
    pane.set_class(head is None, "-nothing")
    pane.set_class(query.large, "-large")
    pane.set_class(dataset is not None and dataset.image_height == 0, "-rows")
    if head is None or dataset is None:
        if drawn.again("nothing", page.invitation):
            pane.query_one("#nothing", Static).update(Text(page.invitation))
        return
    draw_heading(pane, query, page)
    _draw_sentence(pane, query, page, drawn)
    question, model = query.album.question, (query.moment, pane.size, dataset)
    if drawn.again("matrix", model, query.question.true, query.question.predicted):
        _draw_matrix(pane, query, page, dataset)
    if query.large:
        example = pane.query_one(ExampleView)
        example.draw_in(page.style)
        if drawn.again("example", model, query.enlarged, query.example, question):
            example.show(query.example, dataset, place_words(query.album, query.cursor), head.part)
    elif pane.has_class("-rows"):
        table = pane.query_one(RowList)
        table.show(Rows.HEADING, Rows(query.album, dataset), query.cursor)
    else:
        _draw_gallery(pane, query, page, dataset, drawn, (model, question))


def _draw_gallery(
    pane: Widget, query: MistakesQuery, page: MistakesPage, dataset: DatasetInfo, drawn: Drawn, source: object
) -> None:
    gallery, album = pane.query_one(PictureGrid), query.album
    gallery.pixel_style = page.style
    # Pages are fetched ahead: one whose images are not seen yet changes nothing.
    news = drawn.tiles is None or drawn.tiles.has_news(gallery.in_view)
    if drawn.again("gallery", source, gallery.size) or news or gallery.cursor != query.cursor:
        drawn.tiles = Tiles(album, dataset, gallery.caption_size)
        gallery.show(drawn.tiles, query.cursor, empty="no image of this kind")


def draw_heading(pane: Widget, query: MistakesQuery, page: MistakesPage) -> None:
    """The line on top: the run and its moment at the left, place, order and filter at the right."""
    head = query.head
    if head is None:
        return
    names, question = head.dataset.label_names, query.question
    left = f" {page.run}"
    order = order_words(question, query.album.is_scored)
    right = f"{place_words(query.album, query.cursor)} {order} | {filter_words(question, names)} "
    width = pane.size.width
    trained = head.dataset.train_size > 0  # a predictions file was not
    if trained and cell_len(left + right) + len(moment_words(head)) + 4 <= width:
        left += f", {moment_words(head)}"
    right = plain(right, max(0, width - cell_len(left) - 2))
    text = Text(plain(left, width), "bold")
    text.append(" " * max(0, width - text.cell_len - cell_len(right)))
    text.append(right, "not bold")
    pane.query_one("#heading", Static).update(text, layout=False)


def offer_of(query: MistakesQuery, page: MistakesPage) -> Offer | None:
    """The hint for what is looked at; none where something is wrong, and beside a large image."""
    return None if query.refusal or query.large else next_to_try(query.album, query.pairs, page.tour)


def _draw_sentence(pane: Widget, query: MistakesQuery, page: MistakesPage, drawn: Drawn) -> None:
    said = Text(plain(finding(query.album)) + "\n")
    if query.refusal:
        said.append("! " + plain(query.refusal), "bold")
    elif query.large:
        said.append(f"left and right for neighbours, {_tab_words(pane, query)}esc back", "dim")
    elif (offer := offer_of(query, page)) is not None:
        said.append(offer.line(), "dim")
    if drawn.again("sentence", said.plain, pane.size.width):
        sentence = pane.query_one("#sentence", Static)
        lines = said.wrap(pane.app.console, max(20, pane.size.width - 2))
        sentence.styles.height = max(2, len(lines))  # the next thing to try is not pushed out by a long finding
        sentence.update(said, layout=False)


def _tab_words(pane: Widget, query: MistakesQuery) -> str:
    """What `tab` leads to in the large view."""
    example, dataset = query.example, query.dataset
    if example is None or dataset is None or pane.query_one(ExampleView).pages(example, dataset) < 2:
        return ""
    return "tab for other evidence, " if example.change is None else "tab for evidence and smallest change, "


def _draw_matrix(pane: Widget, query: MistakesQuery, page: MistakesPage, dataset: DatasetInfo) -> None:
    head = query.head
    assert head is not None
    names = [name_of(dataset.label_names, label) for label in range(len(head.confusion))]
    matrix, pairs = pane.query_one(Heatmap), pane.query_one(PairList)
    matrix.show(head.confusion, names)
    question = query.question
    pairs.show(query.pairs, dataset.label_names, (question.true, question.predicted))
    side = pane.query_one("#side")
    if not pane.has_class("-tight"):
        widest = min(14, max(map(len, names), default=1))
        # As wide as the names over the columns are, where the pictures leave so much.
        wanted = widest + 2 + len(names) * max(digits_of(head.confusion) + 2, min(9, widest + 1))
        side.styles.width = max(34, min(wanted, pane.size.width * 11 // 20))
    else:
        side.styles.width = "1fr"
    room = side.container_size.height
    most = max(room * 2 // 3, room - _LEAST_LIST) if room else len(names) + 2
    matrix.styles.height = max(4, min(len(names) + 2, most))
