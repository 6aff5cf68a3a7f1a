"""A view of Decide with images to look at: a gallery, or a table of inputs that are no pictures."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widget import Widget

from tui.decide.query import DecideQuery
from tui.decide.tiles import Rows, Tiles
from tui.decide.view_panel import ViewPanel
from tui.drawing.pixels import PixelStyle
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList


class PicturesPanel(ViewPanel):
    """Where the room is tight, the pictures take turns with what else there is."""

    def __init__(self) -> None:
        super().__init__()
        self.in_pictures = False  # whether the keys go to the pictures
        self._drawn: tuple[object, ...] = ()
        self._tiles: Tiles | None = None

    def compose_pictures(self) -> ComposeResult:
        """The gallery and the table, of which one is seen."""
        yield PictureGrid(wanted=2, id="gallery")
        yield RowList(id="rows")

    @property
    def gallery(self) -> PictureGrid | RowList:
        """The gallery, or the table of what has no pictures."""
        return self.query_one("#rows", RowList) if self.has_class("-rows") else self.query_one(PictureGrid)

    @property
    def front(self) -> Widget | None:
        return self.gallery if self.in_pictures else self.in_front_of_pictures

    @property
    def in_front_of_pictures(self) -> Widget | None:
        """What the keys go to unless they go to the pictures."""
        return None

    @property
    def shows_pictures(self) -> bool:
        return self.in_pictures or not self.has_class("-tight")

    def toggle_pictures(self) -> bool:
        """The keys go to the pictures, or back."""
        self.in_pictures = not self.in_pictures
        self.fit(self.has_class("-tight"))
        return True

    def fit(self, tight: bool) -> None:
        self.set_class(tight, "-tight")
        self.set_class(self.in_pictures, "-pictures")

    def knows(self, query: DecideQuery) -> None:
        """Whether the inputs of the source are pictures."""
        if query.dataset is not None:
            self.set_class(query.dataset.image_height == 0, "-rows")

    def draw_gallery(
        self,
        query: DecideQuery,
        shown: object,
        cursor: int,
        style: PixelStyle,
        empty: str,
        tiles: Callable[[int], Tiles],
        rows: Callable[[int], Rows],
    ) -> None:
        """The images that are `shown`, as `tiles` or `rows` of a width; `empty` stands where there are none."""
        if self.has_class("-rows"):
            table = self.query_one("#rows", RowList)
            lines = rows(table.size.width)
            table.show(lines.heading, lines, cursor)
            return
        gallery = self.query_one(PictureGrid)
        gallery.pixel_style = style
        drawn = (shown, query.moment, gallery.size, empty)
        news = self._tiles is None or self._tiles.has_news
        if drawn != self._drawn or news or gallery.cursor != cursor:
            self._drawn = drawn
            self._tiles = tiles(gallery.caption_size[1])
            gallery.show(self._tiles, cursor, empty=empty)
