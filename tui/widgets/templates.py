"""Signed pictures side by side, such as the weights of each class, with a label under each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from tui.drawing.palette import MONO, Palette
from tui.drawing.pixels import fitting, largest, resized_signed
from tui.drawing.plain import padded
from tui.widgets.signed import Values, draw_signed
from tui.widgets.strips import Painted, in_ascii_app, role_style, row_segments

# Narrower than this a template shows nothing.
LEAST_COLUMNS = 6


class Templates(Painted, can_focus=True):
    """As many templates as fit, averaged down to share the width; the arrow keys reach the others.

    All share one limit, the greatest magnitude among the pixels as drawn, so that they can be compared.
    """

    DEFAULT_CSS = "Templates { width: 1fr; height: 8; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scroll_by(-1)", "previous", show=False),
        Binding("right", "scroll_by(1)", "next", show=False),
    ]

    first: reactive[int] = reactive(0, init=False)

    def __init__(self, *, palette: Palette | None = None, empty: str = "no weights yet", id: str | None = None) -> None:
        super().__init__(palette=palette, id=id)
        self._values: Sequence[Values] = ()
        self._labels: Sequence[str] = ()
        self._shape = (1, 1)
        self._empty = empty
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, Style] | None = None

    def show(self, values: Sequence[Values], labels: Sequence[str], height: int, width: int) -> None:
        """Show a picture of height × width for each label, row by row."""
        self._values, self._labels, self._shape = values, labels, (height, width)
        self.first = min(self.first, max(0, len(values) - 1))
        self._forget()
        if self.size:  # now and not with all else that is painted next, so that a key waits for less at a time
            self._draw_where_needed()

    @property
    def shown(self) -> int:
        """How many fit side by side."""
        fit = max(1, self.size.width // (LEAST_COLUMNS + 1))
        return max(1, min(len(self._values), fit))

    def action_scroll_by(self, step: int) -> None:
        self.first = max(0, min(self.first + step, len(self._values) - self.shown))

    def watch_first(self) -> None:
        self._forget()

    def render_lines(self, crop: Region) -> list[Strip]:
        # Here, not in `render_line`: finding out the style takes as long as a line.
        self._draw_where_needed()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw_where_needed(self) -> None:
        drawn_for = (self.size, self.rich_style)
        if self._drawn_for != drawn_for:
            self._drawn_for = drawn_for
            self._strips = self._drawn(*drawn_for)

    def _drawn(self, size: Size, base: Style) -> list[Strip]:
        width = size.width
        muted = base + role_style("muted", self.palette)
        if not self._values:
            return [Strip([Segment(padded(f" {self._empty}", width), muted)], width)]
        palette = MONO if in_ascii_app(self) else self.palette
        numbers = range(self.first, min(self.first + self.shown, len(self._values)))
        tile = width // self.shown
        rows, columns = fitting(*self._shape, max(1, size.height - 1), max(1, tile - 1))
        limit = max(
            largest(
                [value for line in resized_signed(self._values[number], *self._shape, rows, columns) for value in line]
            )
            for number in numbers
        )
        room, side = (rows, columns), (tile - columns) // 2
        lines: list[list[Segment]] = [[] for _ in range(rows + 1)]
        for number in numbers:
            picture = draw_signed(self._values[number], self._shape, limit, room, palette)
            for line, row in zip(lines, picture, strict=False):
                line += [
                    Segment(" " * side, base),
                    *row_segments(row, base),
                    Segment(" " * (tile - side - columns), base),
                ]
            label = padded(self._labels[number], tile - 1).strip()
            lines[-1].append(
                Segment(padded(label.center(tile - 1), tile - 1) + " ", base + role_style("text", self.palette))
            )
        if len(numbers) < len(self._values):
            more = f"{numbers[0]} … {numbers[-1]} of {len(self._values)}, left and right for the others"
            lines.append([Segment(padded(more, width), muted)])
        return [Strip(line).adjust_cell_length(width, base) for line in lines]

    def _forget(self) -> None:
        self._drawn_for = None
        self.refresh()
