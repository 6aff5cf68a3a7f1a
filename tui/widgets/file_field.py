"""A field for the name of a file that is to be written or read, and under it why it was not."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.drawing.plain import plain
from tui.widgets.plain_input import PlainInput


class _Name(PlainInput):
    """Owns every printable key while it has the focus, as text fields do."""

    def __init__(self, typing_hint: str) -> None:
        super().__init__(compact=True)
        self.typing_hint = typing_hint


class FileField(Widget):
    """Hidden until `ask`; posts `Named` at enter, `Left` at esc or where the focus goes elsewhere."""

    DEFAULT_CSS = """
    FileField { layout: grid; grid-size: 2; grid-columns: 12 1fr; grid-rows: auto; height: auto; display: none; }
    FileField.-open { display: block; layout: grid; }
    FileField > .label { height: 1; text-style: bold; padding: 0 0 0 1; }
    FileField > _Name { width: 1fr; background: $surface; }
    FileField > _Name:focus { background: $panel; }
    FileField > .message { display: none; column-span: 2; height: auto; color: $error; padding: 0 0 0 1; }
    FileField.-wrong > .message { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave the field", show=False)]

    class Named(Message):
        """A name was entered."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Left(Message):
        """The focus is to go back to the owner of the field."""

    def __init__(
        self, label: str = "write to", typing_hint: str = "typing a file name: enter writes it  esc leaves  F1–F7 panes"
    ) -> None:
        super().__init__()
        self._label, self._typing_hint = label, typing_hint

    def compose(self) -> ComposeResult:
        yield Static(self._label, markup=False, classes="label")
        yield _Name(self._typing_hint)
        yield Static("", markup=False, classes="message")

    def ask(self, suggested: str) -> None:
        """Opens with a name that can be typed over."""
        self.show_message("")
        self.add_class("-open")
        field = self.query_one(_Name)
        field.value = suggested
        field.action_end()
        field.focus()

    def close(self) -> None:
        """Hides it."""
        self.remove_class("-open")

    def show_message(self, line: str) -> None:
        """One line that says what is wrong, empty when nothing is."""
        self.set_class(bool(line), "-wrong")
        self.query_one(".message", Static).update(Text(plain(line)))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.show_message("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Named(event.value))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.close()

    def action_leave(self) -> None:
        self.post_message(self.Left())
