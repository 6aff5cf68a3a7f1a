"""A line that says so where the terminal is too small for the pane in front."""

from __future__ import annotations

from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from tui.pane.commands import PANES

_ROOM_FOR_ALL = Size(80, 24)
# With fewer columns or rows a chart, a figure or what is said of it is cut: seen with a finished run in each pane.
_LEAST = {
    "train": Size(60, 18),
    "softmax": Size(80, 22),
    "loss": Size(77, 20),
    "mistakes": Size(50, 17),
    "decide": Size(78, 22),
    "sweep": Size(60, 18),
    "vocabulary": Size(75, 21),
}


def too_small(pane_id: str, room: Size) -> str:
    """What was found and what is expected, as long as it fits into one line; "" where there is room for the pane."""
    least = _LEAST[pane_id]
    if room.width >= least.width and room.height >= least.height:
        return ""
    title = next(pane.title for pane in PANES if pane.id == pane_id)
    expected = f"{_in_words(_ROOM_FOR_ALL)} or more"
    lines = (
        f"Too small for {title}: found {_in_words(room)}, expected {expected}",
        f"Too small: found {_in_words(room)}, expected {expected}",
        f"found {_in_words(room)}, expected {expected}",
        f"expected {expected}",
    )
    return next((line for line in lines if len(line) <= room.width - 4), expected)


def _in_words(size: Size) -> str:
    return f"{size.width} × {size.height}"


class SizeLine(Widget):
    """Only there where something is cut. The pane stays below it, with as much as there is room for."""

    DEFAULT_CSS = """
    SizeLine { height: 1; background: $warning 20%; color: $foreground; padding: 0 1; display: none; }
    SizeLine.-shown { display: block; }
    """

    active: reactive[str] = reactive("")
    room: reactive[Size] = reactive(Size(80, 24))

    def on_mount(self) -> None:
        self.room = self.app.size
        self.watch(self.app, "active_pane", self._go_to)

    def _go_to(self, pane_id: str) -> None:
        self.active = pane_id

    def watch_active(self) -> None:
        self._look()

    def watch_room(self) -> None:
        self._look()

    def _look(self) -> None:
        self.set_class(bool(self._said), "-shown")

    @property
    def _said(self) -> str:
        return too_small(self.active, self.room) if self.active else ""

    def render(self) -> Text:
        return Text(f"! {self._said}", no_wrap=True, overflow="ellipsis")
