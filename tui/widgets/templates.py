"""Signed pictures side by side, such as the weights of each class, with a label under each and a scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from tui.drawing.palette import Palette
from tui.drawing.pixels import fitting, largest, resized_signed
from tui.drawing.plain import padded
from tui.widgets.signed import Values, draw_signed, signed_paint
from tui.widgets.signed_scale import SCALE_COLUMNS, range_lines, scale_across, scale_lines
from tui.widgets.strips import Painted, role_style, row_segments

Lines = list[list[Segment]]

# A picture of 28 × 28 as it is; narrower than the least a template shows nothing.
FULL_COLUMNS, LEAST_COLUMNS = 28, 6
_HIGH = 12  # rows: from here on the scale is beside the pictures, below it is under them
_KEYS = ("left, right choose", "enter enlarges", "esc back")


class Room(NamedTuple):
    """How the pictures share a widget: `picture` is (rows, columns) of each, `tile` its columns with what is beside."""

    picture: tuple[int, int]
    shown: int
    tile: int
    beside: bool


class Templates(Painted, can_focus=True):
    """As many templates as fit; left and right choose one, enter shows it as large as the room is.

    All in sight share one limit, the greatest magnitude among the pixels as drawn, so that they can be compared.
    """

    DEFAULT_CSS = "Templates { width: 1fr; height: 8; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "previous", show=False),
        Binding("right", "move(1)", "next", show=False),
        Binding("enter", "enlarge(True)", "enlarge", show=False),
        Binding("escape", "enlarge(False)", "back", show=False),
    ]

    large: reactive[bool] = reactive(False, init=False)

    def __init__(self, *, palette: Palette | None = None, empty: str = "no weights yet", id: str | None = None) -> None:
        super().__init__(palette=palette, id=id)
        self.cursor = 0
        self.first = 0
        self._values: Sequence[Values] = ()
        self._labels: Sequence[str] = ()
        self._shape = (1, 1)
        self._empty = empty
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, Style] | None = None

    def show(self, values: Sequence[Values], labels: Sequence[str], height: int, width: int) -> None:
        """Show a picture of height × width for each label, row by row."""
        self._values, self._labels, self._shape = values, labels, (height, width)
        self.cursor = max(0, min(self.cursor, len(values) - 1))
        self.large = self.large and bool(values)
        self._forget()
        if self.size:  # now and not with all else that is painted next, so that a key waits for less at a time
            self._draw_where_needed()

    # What fits

    @property
    def shown(self) -> int:
        """How many are seen at once."""
        return self._room.shown

    @property
    def _room(self) -> Room:
        (height, width), size, count = self._shape, self.size, max(1, len(self._values))
        full = fitting(height, width, max(height, FULL_COLUMNS), FULL_COLUMNS)
        beside = size.height >= _HIGH and size.width >= FULL_COLUMNS + SCALE_COLUMNS
        rows, columns = max(1, size.height - (1 if beside else 2)), size.width - (SCALE_COLUMNS if beside else 0)
        if self.large:
            times = max(1, min(rows // full[0], columns // full[1]))
            picture = fitting(height, width, min(rows, times * full[0]), max(1, min(columns, times * full[1])))
            return Room(picture, 1, picture[1] + 1 if beside else columns, beside)
        wished = fitting(height, width, min(rows, full[0]), full[1])
        together = fitting(height, width, min(rows, full[0]), columns // count - 1)
        if 4 * together[1] >= 3 * max(LEAST_COLUMNS, wished[1]):
            picture, shown = together, count
        else:
            picture, shown = wished, max(1, min(count, columns // (wished[1] + 1)))
        return Room(picture, shown, picture[1] + 1 if beside else columns // shown, beside)

    # Keys and clicks

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What changes nothing is left to the widgets around, as escape."""
        return action != "enlarge" or (bool(self._values) and self.large != parameters[0])

    def action_move(self, step: int) -> None:
        self.cursor = max(0, min(self.cursor + step, len(self._values) - 1))
        self._forget()

    def action_enlarge(self, large: bool) -> None:
        self.large = large

    def watch_large(self) -> None:
        self.set_class(self.large, "-large")
        self._forget()

    def on_click(self, event: events.Click) -> None:
        if self.large or not self._values:
            return
        number = self.first + event.x // self._room.tile
        if number < min(self.first + self.shown, len(self._values)):
            self.cursor = number
            self.large = event.chain >= 2
            self._forget()

    def on_focus(self) -> None:
        self._forget()

    def on_blur(self) -> None:
        self._forget()

    # Drawing

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
        width, muted = size.width, base + role_style("muted", self.palette)
        if not self._values:
            return [Strip([Segment(padded(f" {self._empty}", width), muted)], width)]
        room, count = self._room, len(self._values)
        if self.large:
            self.first = self.cursor
        self.first = max(0, min(max(self.first, self.cursor - room.shown + 1), self.cursor, count - room.shown))
        numbers = range(self.first, self.first + room.shown)
        paint = signed_paint(self, self.palette)
        limit = (
            largest(self._values[self.cursor])  # the range that is said beside it
            if self.large
            else self._limit(numbers, room.picture, paint.pixels_a_row)
        )
        lines = self._pictures(numbers, room, limit, base)
        if room.beside:
            aside = scale_lines(limit, paint, base, self._words(numbers), len(lines))
            lines = [line + part for line, part in zip(lines, aside, strict=True)]
        else:
            lines.append(scale_across(limit, paint, base, "   ".join(self._words(numbers)), width))
        return [Strip(line).adjust_cell_length(width, base) for line in lines]

    def _limit(self, numbers: range, picture: tuple[int, int], pixels_a_row: int) -> float:
        rows, columns = picture[0] * pixels_a_row, picture[1]
        drawn = (resized_signed(self._values[number], *self._shape, rows, columns) for number in numbers)
        return max(largest([value for line in lines for value in line]) for lines in drawn)

    def _pictures(self, numbers: range, room: Room, limit: float, base: Style) -> Lines:
        (rows, columns), tile = room.picture, room.tile
        paint, text = signed_paint(self, self.palette), base + role_style("text", self.palette)
        side = (tile - columns) // 2
        before, after = Segment(" " * side, base), Segment(" " * (tile - side - columns), base)
        lines: Lines = [[] for _ in range(rows + 1)]
        for number in numbers:
            picture = draw_signed(self._values[number], self._shape, limit, room.picture, paint)
            for line, row in zip(lines, picture, strict=False):
                line += [before, *row_segments(row, base), after]
            label = padded(self._labels[number], tile - 1).strip()
            chosen = Style(reverse=True, bold=True) if self.has_focus and number == self.cursor else Style.null()
            lines[-1] += [Segment(padded(label.center(tile - 1), tile - 1), text + chosen), Segment(" ", base)]
        return lines

    def _words(self, numbers: range) -> list[str]:
        """What is said of the pictures, and the keys that hold here."""
        count, last = len(self._values), numbers[-1]
        if self.large:
            return [f"{last + 1} of {count}", *range_lines(self._values[last]), "esc back"]
        place = f"{numbers[0] + 1} to {last + 1} of {count}" if len(numbers) > 1 else f"{last + 1} of {count}"
        paged = [place] if len(numbers) < count else []
        return [*paged, *(_KEYS if self.has_focus else ("tab: choose one",))]

    def _forget(self) -> None:
        self._drawn_for = None
        self.refresh()
