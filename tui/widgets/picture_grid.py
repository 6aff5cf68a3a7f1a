"""A gallery of captioned pictures with a cursor, drawn as one widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from tui.drawing.palette import Palette
from tui.drawing.pixels import PixelStyle
from tui.drawing.plain import padded
from tui.widgets.messages import FromWidget
from tui.widgets.picture_fit import CAPTION_LINES, MOST_CAPTION_LINES, Fit, fit
from tui.widgets.picture_view import MARGIN, Caption, CaptionedPicture, Mark, Paint, tile_lines
from tui.widgets.strips import Painted, in_ascii_app, role_style

__all__ = ["Caption", "CaptionedPicture", "PictureGrid"]


class PictureGrid(Painted, can_focus=True):
    """Pictures side by side, as large as leaves room for `wanted` of them."""

    DEFAULT_CSS = "PictureGrid { width: 1fr; height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "previous", show=False),
        Binding("right", "move(1)", "next", show=False),
        Binding("up", "move_row(-1)", "row above", show=False),
        Binding("down", "move_row(1)", "row below", show=False),
        Binding("pageup", "page(-1)", "page before", show=False),
        Binding("pagedown", "page(1)", "page after", show=False),
        Binding("home", "first", "first", show=False),
        Binding("end", "last", "last", show=False),
        Binding("enter", "open", "enlarge", show=False),
    ]

    class Highlighted(FromWidget["PictureGrid"]):
        """The cursor moved to the picture `index` of those shown."""

        def __init__(self, grid: PictureGrid, index: int) -> None:
            super().__init__(grid)
            self.index = index

    class Opened(Highlighted):
        """The picture `index` was chosen, by enter or a double click."""

    class PageWanted(FromWidget["PictureGrid"]):
        """The cursor ran past an end: −1 asks for what comes before, 1 for what comes after."""

        def __init__(self, grid: PictureGrid, direction: int) -> None:
            super().__init__(grid)
            self.direction = direction

    class CapacityChanged(FromWidget["PictureGrid"]):
        """From now on `capacity` pictures fit."""

        def __init__(self, grid: PictureGrid, capacity: int) -> None:
            super().__init__(grid)
            self.capacity = capacity

    pixel_style: reactive[PixelStyle] = reactive("ascii", init=False)

    def __init__(
        self, *, palette: Palette | None = None, wanted: int = 8, empty: str = "no pictures", id: str | None = None
    ) -> None:
        super().__init__(palette=palette, id=id)
        self.cursor = 0
        self._pictures: Sequence[CaptionedPicture] = ()
        self._wanted = wanted
        self._shape = (28, 28)  # until the first picture says
        self._empty = empty
        self._top = 0
        self._capacity = 0
        self._rows_drawn: dict[int, list[Strip]] = {}
        self._drawn_for = (Size(), Style(), False)

    # What fits

    @property
    def _fit(self) -> Fit:
        return fit(self._shape, self.size, self._wanted)

    @property
    def picture_size(self) -> tuple[int, int]:
        """Rows and columns of one drawn picture."""
        return self._fit.picture

    @property
    def caption_size(self) -> tuple[int, int]:
        """How many lines there are under each picture, and how wide they are."""
        (rows, columns), picture_rows = self._fit.tile, self._fit.picture[0]
        return max(CAPTION_LINES, min(MOST_CAPTION_LINES, rows - picture_rows)), columns - MARGIN

    @property
    def columns(self) -> int:
        """How many pictures fit side by side."""
        return self._fit.grid[1]

    @property
    def rows(self) -> int:
        """How many pictures fit below each other."""
        return self._fit.grid[0]

    @property
    def capacity(self) -> int:
        """How many pictures can be seen at once, at least one."""
        return self.columns * self.rows

    @property
    def in_view(self) -> range:
        """The numbers of the pictures that can be seen now."""
        first = self._top * self.columns
        return range(first, min(first + self.capacity, len(self._pictures)))

    # What is shown

    def show(self, pictures: Sequence[CaptionedPicture], cursor: int = 0, empty: str | None = None) -> None:
        """Show these from now on, the cursor on number `cursor`; say `empty` where there are none."""
        self._empty = self._empty if empty is None else empty
        self._pictures = pictures
        first = next((picture for picture in pictures if picture.pixels), None)
        if first is not None:
            self._shape = (first.height, first.width)
        self.cursor = max(0, min(cursor, len(pictures) - 1))
        self._forget()

    def move_to(self, index: int) -> None:
        """Put the cursor on a picture and say so."""
        index = max(0, min(index, len(self._pictures) - 1))
        if index == self.cursor or not self._pictures:
            return
        before, self.cursor = self.cursor, index
        top = self._top
        self._scroll()
        if self._top != top:
            self._forget()
        else:
            for changed in {before // self.columns, index // self.columns}:
                self._rows_drawn.pop(changed, None)
            self.refresh(self._region(before), self._region(index))
        self.post_message(self.Highlighted(self, index))

    def action_move(self, step: int) -> None:
        if 0 <= self.cursor + step < len(self._pictures):
            self.move_to(self.cursor + step)
        else:
            self.post_message(self.PageWanted(self, step))

    def action_move_row(self, step: int) -> None:
        row = self.cursor // self.columns + step
        if 0 <= row <= (len(self._pictures) - 1) // self.columns:
            self.move_to(self.cursor + step * self.columns)
        else:
            self.post_message(self.PageWanted(self, step))

    def action_page(self, step: int) -> None:
        target = self.cursor + step * self.capacity
        if 0 <= target < len(self._pictures):
            self.move_to(target)
        else:
            self.post_message(self.PageWanted(self, step))

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self._pictures) - 1)

    def action_open(self) -> None:
        if self._pictures:
            self.post_message(self.Opened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        column, row = offset.x // self._tile_width, self._top + offset.y // self._tile_height
        index = row * self.columns + column
        if column < self.columns and index < len(self._pictures):
            self.move_to(index)
            if event.chain >= 2:
                self.post_message(self.Opened(self, index))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move_row(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move_row(-1)

    def on_resize(self) -> None:
        self._forget()

    def on_focus(self) -> None:
        self._forget()

    def on_blur(self) -> None:
        self._forget()

    def watch_pixel_style(self) -> None:
        self._forget()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        # Here, not in `render_line`: finding out the style takes as long as a line.
        drawn_for = (self.size, self.rich_style, self.has_focus)
        if drawn_for != self._drawn_for:
            self._rows_drawn.clear()
            self._drawn_for = drawn_for
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self._drawn_for[1]
        if not self._pictures:
            text = padded(f" {self._empty}", width) if y == 0 else " " * width
            return Strip([Segment(text, base + role_style("muted", self.palette))], width)
        row, line = divmod(y, self._tile_height)
        if row >= self.rows:
            return Strip.blank(width, base)
        row += self._top
        if row not in self._rows_drawn:
            self._rows_drawn[row] = self._draw_row(row)
        drawn = self._rows_drawn[row]
        return drawn[line] if line < len(drawn) else Strip.blank(width, base)

    def _draw_row(self, row: int) -> list[Strip]:
        start, base = row * self.columns, self._drawn_for[1]
        paint = Paint(base, self.palette, "ascii" if in_ascii_app(self) else self.pixel_style)
        captions = self.caption_size
        tiles = [
            tile_lines(picture, self.picture_size, captions, paint, self._mark(index))
            for index, picture in enumerate(self._pictures[start : start + self.columns], start)
        ]
        return [
            Strip([segment for tile in tiles for segment in tile[line]]).adjust_cell_length(self.size.width, base)
            for line in range(self.picture_size[0] + captions[0])
        ]

    def _mark(self, index: int) -> Mark:
        return "none" if index != self.cursor else "focused" if self.has_focus else "chosen"

    @property
    def _tile_width(self) -> int:
        return self._fit.tile[1]

    @property
    def _tile_height(self) -> int:
        return self._fit.tile[0]

    def _region(self, index: int) -> Region:
        row, column = divmod(index, self.columns)
        wide, high = self._tile_width, self._tile_height
        return Region(column * wide, (row - self._top) * high, wide, high)

    def _scroll(self) -> None:
        row = self.cursor // self.columns
        self._top = max(0, min(max(self._top, row - self.rows + 1), row))

    def _forget(self) -> None:
        self._rows_drawn.clear()
        self._scroll()
        if self.size and self.capacity != self._capacity:
            self._capacity = self.capacity
            self.post_message(self.CapacityChanged(self, self._capacity))
        self.refresh()
