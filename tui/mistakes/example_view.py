"""One image, large: what it looks like, what the model says of it, and which pixels made it say so."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from engine.contract.answers import ExampleShown
from engine.contract.events import DatasetInfo
from tui.drawing.bars import Bar
from tui.drawing.pixels import PixelStyle
from tui.mistakes.change_words import change_words
from tui.mistakes.evidence_scale import EvidenceScale
from tui.mistakes.example_pictures import PICTURES, Shown, pages_of, pictures_of
from tui.mistakes.example_words import (
    Side,
    distribution_bars,
    evidence_of,
    evidence_words,
    example_words,
    sides_of,
    strongest,
)
from tui.widgets.bars import Bars
from tui.widgets.focused import StyledAlone
from tui.widgets.picture_view import Image, PictureView

_NARROW = 100  # columns: from here on the image and its evidence are seen together
_LOW = 30  # rows: from here on with the evidence for each class and for their difference
_NUMBERS = 50  # columns: what bars and words need


class ExampleView(StyledAlone, Vertical, can_focus=True):
    """Shows what it is given; left and right ask for the neighbours."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text()

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "step(-1)", "neighbour before", show=False),
        Binding("right,down", "step(1)", "neighbour after", show=False),
        Binding("pageup", "step(-10)", "ten before", show=False),
        Binding("pagedown", "step(10)", "ten after", show=False),
        Binding("tab", "next_side(1)", "evidence for another class", show=False),
        Binding("shift+tab", "next_side(-1)", "evidence for another class", show=False),
    ]

    class Step(Message):
        """Left or right was pressed: so many neighbours away."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: ExampleShown | None = None
        self._dataset: DatasetInfo | None = None
        self._place = ""
        self._part = "validation"
        self._room = 1  # pictures
        self._view = 0  # which of the pages of pictures

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        with Horizontal(id="halves"):
            with Container(id="pictures"):
                for name in PICTURES:
                    yield PictureView(id=name)
            yield Bars(id="features")
            with Vertical(id="numbers"):
                yield Static(id="columns", markup=False)
                yield Bars(id="distribution")
                yield Static(id="words", markup=False)
                yield EvidenceScale()

    def show(self, shown: ExampleShown | None, dataset: DatasetInfo | None, place: str, part: str) -> None:
        """An example of that part of a dataset; None while it is on its way. `place` says which of how many it is."""
        self._shown, self._dataset, self._place, self._part = shown, dataset, place, part
        self._draw()

    def draw_in(self, style: PixelStyle) -> None:
        """Draws the pictures in that style from now on."""
        for picture in self.query(PictureView):
            picture.pixel_style = style

    def pages(self, shown: ExampleShown, dataset: DatasetInfo) -> int:
        """How many pages of an example `tab` goes through."""
        sides = sides_of(shown)
        return len(pages_of(shown, self._room)) if sides and dataset.image_height else len(sides)

    def action_step(self, step: int) -> None:
        self.post_message(self.Step(step))

    def action_next_side(self, step: int) -> None:
        self._view += step
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        narrow, low = event.size.width < _NARROW, event.size.height < _LOW
        self._room = 1 if narrow else 2 if low else 4
        for room in (1, 2, 4):
            self.set_class(room == self._room, f"-room-{room}")
        # As wide as two pictures are that fill the height; the bars have the rest.
        high = (event.size.height - 2) // (2 if self._room == 4 else 1) - 1
        wide = 2 * (min(2 * high, (event.size.width - _NUMBERS) // 2 - 2) + 2)
        pictures = self.query_one("#pictures")
        pictures.styles.width = 30 if narrow else max(30, wide)
        pictures.styles.height = 2 * (high + 1) if self._room == 4 else "1fr"
        self._draw()
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        shown, dataset = self._shown, self._dataset
        title = self.query_one("#title", Static)
        if shown is None or dataset is None:
            title.update(Text(f" {self._place}: loading"), layout=False)
            return
        where = f"the {self._part} set" if dataset.train_size else "the file"
        heading = f" image {shown.example.index:,} of {where}"
        if shown.example.true == shown.example.predicted:
            heading += ", predicted right"
        title.update(Text(heading, "bold"), layout=False)
        self._draw_numbers(shown, dataset, self._draw_pictures(shown, dataset))

    def _draw_pictures(self, shown: ExampleShown, dataset: DatasetInfo) -> tuple[Shown, ...]:
        """Returns what is seen."""
        shape, sides = (dataset.image_height, dataset.image_width), sides_of(shown)
        pictures, features = self.query_one("#pictures"), self.query_one("#features", Bars)
        pictures.display, features.display = shape[0] > 0, shape[0] == 0
        scale = self.query_one(EvidenceScale)
        scale.show(0.0)
        if not sides:
            self._draw_image_alone(shown, shape)
            return ("image",)
        if not shape[0]:
            side = sides[self._view % len(sides)]
            found = strongest(evidence_of(shown, side), max(1, features.size.height))
            features.show([Bar(f"feature {feature}", value) for feature, value in found])
            return (side,)
        pages = pages_of(shown, self._room)
        page = pages[self._view % len(pages)]
        made = pictures_of(shown, dataset)
        for name in PICTURES:
            picture = self.query_one(f"#{name}", PictureView)
            picture.display = name in page
            if name in page:
                picture.show(*made.pictures[name])
        if "change" in page:
            scale.show(made.change_limit, ("darker", "brighter"))
        elif page != ("image",) and "changed" not in page:
            scale.show(made.evidence_limit)
        return page

    def _draw_image_alone(self, shown: ExampleShown, shape: tuple[int, int]) -> None:
        """Of another program's classifier there is no evidence."""
        self.query_one("#features", Bars).display = False
        for name in PICTURES:
            picture = self.query_one(f"#{name}", PictureView)
            picture.display = name == "image" and shape[0] > 0
        if shape[0]:
            self.query_one("#image", PictureView).show(Image(shown.example.pixels, *shape), "as the model sees it")

    def _draw_numbers(self, shown: ExampleShown, dataset: DatasetInfo, page: tuple[Shown, ...]) -> None:
        names = dataset.label_names
        distribution = self.query_one("#distribution", Bars)
        distribution.styles.max_height = len(shown.example.probabilities)
        room = max(3, distribution.size.height or 10)
        distribution.show(distribution_bars(shown, names, room), 1.0)
        distribution.display = shown.example.is_scored
        legend = Text("● true  ▶ said   probability, gradient p − y" if shown.example.is_scored else "", "dim")
        self.query_one("#columns", Static).update(legend, layout=False)
        lines = example_words(shown, names)
        seen: list[Side] = [side for side in sides_of(shown) if side in page]
        if "change" in page or "changed" in page:
            lines = [lines[0], change_words(shown, names)]
        elif not shown.evidence:
            lines.append("A predictions file holds no weights, so the deciding pixels are unknown.")
        elif len(seen) > 1 or (seen and self._room == 4):
            lines.append("Evidence is weight times pixel.")
        elif seen:
            lines.append(evidence_words(shown, seen[0]))
        self.query_one("#words", Static).update(Text("\n".join(lines)))
