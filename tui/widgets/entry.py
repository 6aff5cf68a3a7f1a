"""What is typed into while a value is edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets.input import Selection

from tui.widgets.plain_input import PlainInput

# Whether the edit is kept, and how many rows on the cursor goes.
_LEAVE = {"enter": (True, 0), "tab": (True, 1), "shift+tab": (True, -1), "escape": (False, 0)}


class Entry(PlainInput):
    """Lies over a value. It says what is wanted of it, and decides nothing.

    Where a text goes on beyond an edge, that edge shows `…`.
    """

    DEFAULT_CSS = """
    Entry, Entry:focus {
        position: absolute; display: none; height: 1; padding: 0; border: none; background: $panel; color: $foreground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(True)", "Step up", show=False),
        Binding("down", "step(False)", "Step down", show=False),
    ]

    # Its text scrolls within; as in `Widget`, every character would lay the whole screen out anew: 20 ms a key.
    virtual_size = reactive(Size(0, 0), layout=False)

    def __init__(self, number: bool, step: Callable[[bool], None], leave: Callable[[bool, int, bool], None]) -> None:
        """`step` takes up (True) or down; `leave` whether to keep the text, how many rows on, whether to stay away."""
        super().__init__(compact=True, select_on_focus=False)
        self.number, self._step, self._leave = number, step, leave

    @property
    def typing_hint(self) -> str:
        """What the footer says meanwhile."""
        if self.number:
            return "typing a number: enter keeps  esc restores  ↑↓ step  ? keys  F1–F7 panes"
        return "typing: enter keeps  esc restores  F1–F7 panes"

    def begin(self, text: str, over: bool = False) -> None:
        """With this text: a number to be typed over, and another where it is one of several names (`over`)."""
        self.display = True
        self.value = text
        self.selection = Selection(0 if self.number or over else len(text), len(text))
        self.call_after_refresh(self._show_caret)
        self.screen.set_focus(self)

    def on_blur(self) -> None:
        # Another window of the terminal's desktop is no reason to stop: the focus comes back here.
        if self.app.app_focus:
            self._leave(True, 0, True)

    def action_step(self, up: bool) -> None:
        self._step(up)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return bool(self.display) and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Ends the edit at once: bindings are looked up after keys that come right behind have been typed."""
        if not self.display:
            event.prevent_default()
        elif event.key in _LEAVE:
            event.stop()
            event.prevent_default()
            self._leave(*_LEAVE[event.key], False)

    # Where a long text goes on

    def watch_selection(self) -> None:
        self._show_caret()

    def _show_caret(self) -> None:
        """With a cell on either side, so that no edge sign hides what the caret stands on."""
        self.scroll_to_region(Region(max(0, self._cursor_offset - 2), 0, 4, 1), force=True, animate=False)

    def render_line(self, y: int) -> Strip:
        width, scrolled = self.size.width, self.scroll_offset.x
        strip, sign = super().render_line(y).crop(0, width), Strip([Segment("…", self.rich_style)])
        if scrolled > 0:
            strip = Strip.join([sign, strip.crop(1)])
        if self.content_width - 1 - scrolled > width:  # without the cell that a caret at the end stands on
            strip = Strip.join([strip.crop(0, width - 1), sign])
        return strip
