"""The field in which one cost of a matrix is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.widgets.cell_field import CellField


class CostField(CellField):
    """Enter and tab go from cell to cell, up and down from row to row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,tab", "take(0, 1)", "next cell", show=False),
        Binding("shift+tab", "take(0, -1)", "cell before", show=False),
        Binding("up", "take(-1, 0)", "cell above", show=False),
        Binding("down", "take(1, 0)", "cell below", show=False),
        Binding("escape", "leave", "leave", show=False),
    ]
    typing_hint = "typing a cost: enter next cell  esc restores  ↑↓ other rows  ? keys  F1–F7 panes"

    class Taken(Message):
        """The text is done; the cell so many rows and columns away is wanted."""

        def __init__(self, down: int, right: int) -> None:
            super().__init__()
            self.down, self.right = down, right

    def __init__(self) -> None:
        super().__init__(max_length=24)

    def action_take(self, down: int, right: int) -> None:
        self.post_message(self.Taken(down, right))
