"""The field in which one cell of a table is typed."""

from __future__ import annotations

from textual.message import Message

from tui.widgets.plain_input import PlainInput


class CellField(PlainInput):
    """Lies over the cell that is edited. It says what is wanted of it, and decides nothing."""

    DEFAULT_CSS = """
    CellField, CellField:focus {
        position: absolute; display: none; height: 1; padding: 0; border: none;
        background: $accent 30%; color: $foreground; text-style: bold underline;
    }
    """

    number = True

    class Left(Message):
        """The field is to be closed; where it was left `aside`, the focus has gone elsewhere already."""

        def __init__(self, aside: bool) -> None:
            super().__init__()
            self.aside = aside

    def __init__(self, max_length: int) -> None:
        super().__init__(max_length=max_length, select_on_focus=False, compact=True)

    def action_leave(self) -> None:
        self.post_message(self.Left(aside=False))

    def on_blur(self) -> None:
        # Another window of the terminal's desktop is no reason to stop: the focus comes back here.
        if self.app.app_focus:
            self.post_message(self.Left(aside=True))
