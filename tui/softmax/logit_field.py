"""The field that a logit is typed into."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.widgets.cell_field import CellField


class LogitField(CellField):
    """Enter and tab go from cell to cell; up and down change the number."""

    DEFAULT_CSS = "LogitField.-rubbish { background: $error 40%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+up", "step(1)", "+1", show=False),
        Binding("down,shift+down", "step(-1)", "−1", show=False),
        Binding("pageup", "step(10)", "+10", show=False),
        Binding("pagedown", "step(-10)", "−10", show=False),
        Binding("enter,tab", "take(1)", "next", show=False),
        Binding("shift+tab", "take(-1)", "previous", show=False),
        Binding("escape", "leave", "leave", show=False),
    ]

    class Stepped(Message):
        """The number is to be raised by `by`."""

        def __init__(self, by: float) -> None:
            super().__init__()
            self.by = by

    class Taken(Message):
        """The text is done, and the next cell (+1) or the one before (−1) is wanted."""

        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    typing_hint = "typing a logit: enter next  esc restores  ↑↓ ±1  ? keys  F1–F7 panes"

    def __init__(self) -> None:
        super().__init__(max_length=40)

    def action_step(self, by: float) -> None:
        self.post_message(self.Stepped(by))

    def action_take(self, direction: int) -> None:
        self.post_message(self.Taken(direction))
