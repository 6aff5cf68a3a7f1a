"""A text field that shows nothing but what a terminal shows."""

from __future__ import annotations

from textual import events
from textual.reactive import reactive
from textual.widgets import Input

_NOT_OF_A_NUMBER = ("space", "question_mark")


class PlainInput(Input):
    """Owns every printable key while it has the focus; for a single `number`, all but `space` and `?`, which do what
    they do everywhere. Its cursor stands still.
    """

    cursor_blink = reactive(False, init=False)  # a blinking cursor sends bytes while nothing happens
    number = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return super().check_consume_key(key, character) and not (self.number and key in _NOT_OF_A_NUMBER)

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and not self.check_consume_key(event.key, event.character):
            event.prevent_default()  # what an input does with any printable key

    def validate_value(self, value: str) -> str:
        """Pasted control characters would reach the terminal."""
        return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
