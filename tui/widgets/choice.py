"""One of a few words, changed by arrow keys, its first letter or a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widget import Widget

from tui.drawing.stepping import cycled
from tui.widgets.messages import FromWidget


class Choice(Widget, can_focus=True):
    """Like a text field it owns every printable key while it has the focus."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; background: $surface; color: $foreground; }
    Choice:hover { background: $panel; }
    Choice:focus { background: $primary; color: $background; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down,space", "cycle(True)", "Next", show=False),
        Binding("left,up", "cycle(False)", "Previous", show=False),
    ]
    typing_hint = "choosing: arrows or space change, enter next field, esc leaves"

    class Chosen(FromWidget["Choice"]):
        """Another value was chosen."""

        def __init__(self, choice: Choice, value: str) -> None:
            super().__init__(choice)
            self.value = value

    value: reactive[str] = reactive("", init=False)

    def __init__(self, choices: Sequence[str], value: str) -> None:
        super().__init__()
        self._choices = choices
        self.set_reactive(Choice.value, value)

    def render(self) -> Text:
        # The signs, not the colour, tell which field has the focus.
        wide = self.size.width >= len(self.value) + 4
        text = f"< {self.value} >" if self.has_focus and wide else self.value
        return Text(text, Style(), no_wrap=True, overflow="ellipsis")

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character is not None and character.isprintable()

    def action_cycle(self, forward: bool) -> None:
        self.value = cycled(self._choices, self.value, forward)

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable or event.character == " ":
            return
        event.stop()
        beginning = [choice for choice in self._choices if choice.startswith(event.character or "\0")]
        if beginning:
            self.value = cycled(beginning, self.value, forward=True)

    def on_click(self) -> None:
        self.action_cycle(True)

    def watch_value(self, value: str) -> None:
        self.post_message(self.Chosen(self, value))
