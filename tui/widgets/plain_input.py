"""A text field that shows nothing but what a terminal shows."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Input


class PlainInput(Input):
    """Owns every printable key while it has the focus. Its cursor stands still."""

    cursor_blink = reactive(False, init=False)  # a blinking cursor sends bytes while nothing happens

    def validate_value(self, value: str) -> str:
        """Pasted control characters would reach the terminal."""
        return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
