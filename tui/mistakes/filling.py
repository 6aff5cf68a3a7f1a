"""Puts what the pane of mistakes looks at into its widgets."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from engine.contract.events import DatasetInfo
from tui.drawing.confusions import name_of
from tui.drawing.matrix import digits_of
from tui.drawing.palette import Palette
from tui.drawing.pixels import PixelStyle
from tui.drawing.plain import plain
from tui.mistakes.example_view import ExampleView
from tui.mistakes.heatmap import Heatmap
from tui.mistakes.pair_list import PairList
from tui.mistakes.query import Inquiry
from tui.mistakes.tiles import Rows, Tiles
from tui.mistakes.words import (
    filter_words,
    finding,
    moment_words,
    next_step,
    order_words,
    place_words,
)
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList


@dataclass(frozen=True)
class Look:
    """How to draw it. `run` names the run and how it is looked at; `invitation` stands where there is nothing."""

    palette: Palette
    style: PixelStyle
    run: str
    invitation: str


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


def draw(pane: Widget, inquiry: Inquiry, look: Look, drawn: Drawn) -> None:
    """Everything that has changed, from the one state that the pane has."""
    head, dataset = inquiry.head, inquiry.dataset
    pane.set_class(head is None, "-nothing")
    pane.set_class(inquiry.large, "-large")
    pane.set_class(dataset is not None and dataset.image_height == 0, "-rows")
    if head is None or dataset is None:
        if drawn.again("nothing", look.invitation):
            pane.query_one("#nothing", Static).update(Text(look.invitation))
        return
    draw_heading(pane, inquiry, look)
    _draw_sentence(pane, inquiry, look, drawn)
    question, model = inquiry.album.question, (inquiry.moment, look.palette, pane.size, dataset)
    if drawn.again("matrix", model, inquiry.question.true, inquiry.question.predicted):
        _draw_matrix(pane, inquiry, look, dataset)
    if inquiry.large:
        example = pane.query_one(ExampleView)
        example.dress(look.palette, look.style)
        if drawn.again("example", model, inquiry.enlarged, inquiry.example, question):
            example.show(inquiry.example, dataset, place_words(inquiry.album, inquiry.cursor))
    elif pane.has_class("-rows"):
        table = pane.query_one(RowList)
        table.palette = look.palette
        table.show(Rows.HEADING, Rows(inquiry.album, dataset), inquiry.cursor)
    else:
        _draw_gallery(pane, inquiry, look, dataset, drawn, (model, question))


def _draw_gallery(
    pane: Widget, inquiry: Inquiry, look: Look, dataset: DatasetInfo, drawn: Drawn, source: object
) -> None:
    gallery, album = pane.query_one(PictureGrid), inquiry.album
    gallery.palette, gallery.pixel_style = look.palette, look.style
    # Pages are fetched ahead: one whose images are not seen yet changes nothing.
    news = drawn.tiles is None or drawn.tiles.has_news(gallery.in_view)
    if drawn.again("gallery", source, gallery.size) or news or gallery.cursor != inquiry.cursor:
        drawn.tiles = Tiles(album, dataset, gallery.picture_size[1])
        gallery.show(drawn.tiles, inquiry.cursor, empty="none of this kind")


def draw_heading(pane: Widget, inquiry: Inquiry, look: Look) -> None:
    """The line on top: the run and its moment at the left, place, order and filter at the right."""
    head = inquiry.head
    if head is None:
        return
    names, question = head.dataset.label_names, inquiry.question
    left = f" {look.run}"
    right = f"{place_words(inquiry.album, inquiry.cursor)} {order_words(question)} | {filter_words(question, names)} "
    width = pane.size.width
    trained = head.dataset.train_size > 0  # a predictions file was not
    if trained and cell_len(left + right) + len(moment_words(head)) + 4 <= width:
        left += f", {moment_words(head)}"
    right = plain(right, max(0, width - cell_len(left) - 2))
    text = Text(plain(left, width), "bold")
    text.append(" " * max(0, width - text.cell_len - cell_len(right)))
    text.append(right, "not bold")
    pane.query_one("#heading", Static).update(text, layout=False)


def _draw_sentence(pane: Widget, inquiry: Inquiry, look: Look, drawn: Drawn) -> None:
    said = Text(plain(finding(inquiry.album)) + "\n")
    if inquiry.refusal:
        said.append("! " + plain(inquiry.refusal), "bold")
    elif inquiry.large:
        unknown = inquiry.example is not None and not inquiry.example.evidence
        other = "" if unknown or pane.query_one(ExampleView).shows_all else "tab for other evidence, "
        said.append(f"left and right for the neighbours, {other}esc back", "dim")
    else:
        said.append(next_step(inquiry.album, inquiry.pairs), "dim")
    if drawn.again("sentence", said.plain, pane.size.width):
        sentence = pane.query_one("#sentence", Static)
        lines = said.wrap(pane.app.console, max(20, pane.size.width - 2))
        sentence.styles.height = max(2, len(lines))  # the next thing to try is not pushed out by a long finding
        sentence.update(said, layout=False)


def _draw_matrix(pane: Widget, inquiry: Inquiry, look: Look, dataset: DatasetInfo) -> None:
    head = inquiry.head
    assert head is not None
    names = [name_of(dataset.label_names, label) for label in range(len(head.confusion))]
    matrix, pairs = pane.query_one(Heatmap), pane.query_one(PairList)
    matrix.palette = pairs.palette = look.palette
    matrix.show(head.confusion, names)
    question = inquiry.question
    pairs.show(inquiry.pairs, dataset.label_names, (question.true, question.predicted))
    side = pane.query_one("#side")
    if not pane.has_class("-tight"):
        widest = min(14, max(map(len, names), default=1))
        wanted = widest + 2 + len(names) * (digits_of(head.confusion) + 2)
        side.styles.width = max(34, min(wanted, pane.size.width * 11 // 20))
    else:
        side.styles.width = "1fr"
    matrix.styles.height = max(4, min(len(names) + 2, side.container_size.height * 2 // 3 or len(names) + 2))
