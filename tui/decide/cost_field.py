"""The field in which one cost of a matrix is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.widgets.plain_input import PlainInput


class CostField(PlainInput):
    """Lies over the cell that is edited, and owns every printable key."""

    DEFAULT_CSS = """
    CostField, CostField:focus {
        position: absolute; display: none; height: 1; padding: 0; border: none;
        background: $accent 30%; color: $foreground; text-style: bold underline;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,tab", "take(0, 1)", "next cell", show=False),
        Binding("shift+tab", "take(0, -1)", "cell before", show=False),
        Binding("up", "take(-1, 0)", "cell above", show=False),
        Binding("down", "take(1, 0)", "cell below", show=False),
        Binding("escape", "leave", "leave", show=False),
    ]
    typing_hint = "typing a cost: enter next cell, up and down other rows, esc leaves it as it was"

    class Taken(Message):
        """The text is done; the cell so many rows and columns away is wanted."""

        def __init__(self, down: int, right: int) -> None:
            super().__init__()
            self.down, self.right = down, right

    class Left(Message):
        """The cell is to stay as it was; or, where it was left `aside`, the focus has gone elsewhere already."""

        def __init__(self, aside: bool) -> None:
            super().__init__()
            self.aside = aside

    def __init__(self) -> None:
        super().__init__(max_length=24, select_on_focus=False, compact=True)

    def action_take(self, down: int, right: int) -> None:
        self.post_message(self.Taken(down, right))

    def action_leave(self) -> None:
        self.post_message(self.Left(aside=False))

    def on_blur(self) -> None:
        if self.app.app_focus:
            self.post_message(self.Left(aside=True))
