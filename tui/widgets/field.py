"""One setting in a line: its label, its value, and under it what is wrong with that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from engine.contract.settings import Setting
from tui.drawing.plain import plain
from tui.drawing.stepping import choices_of, stepped
from tui.widgets.choice import Choice
from tui.widgets.messages import FromWidget
from tui.widgets.plain_input import PlainInput

LEAST_LABEL = 13  # columns, so that most values stand below each other


class Entry(PlainInput):
    """A text field whose up and down take a step."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(True)", "Step up", show=False),
        Binding("down", "step(False)", "Step down", show=False),
    ]
    typing_hint = "typing goes to the field: up, down step, enter next field, esc leaves"

    # Its text scrolls within; as in `Widget`, every character would lay the whole screen out anew: 20 ms a key.
    virtual_size = reactive(Size(0, 0), layout=False)

    class Stepped(Message):
        """The value is to go a step up or down."""

        def __init__(self, up: bool) -> None:
            super().__init__()
            self.up = up

    def __init__(self, value: str) -> None:
        super().__init__(value, compact=True)

    def action_step(self, up: bool) -> None:
        self.post_message(self.Stepped(up))


class Field(Widget):
    """Posts `Edited` for every change, whether the text is right or wrong."""

    DEFAULT_CSS = """
    Field { layout: grid; grid-size: 2; grid-rows: auto; height: auto; width: 1fr; }
    Field > .label { height: 1; width: 1fr; color: $foreground 80%; }
    Field:focus-within > .label { text-style: bold; color: $foreground; }
    Field > Entry { width: 1fr; background: $surface; }
    Field > Entry:focus { background: $panel; }
    Field > .message { display: none; column-span: 2; height: auto; color: $error; padding: 0 0 0 1; }
    Field.-wrong > .message { display: block; }
    Field.-wrong > .label { text-style: bold; color: $error; }
    Field.-changed > .label { text-style: italic; }
    """

    class Edited(FromWidget["Field"]):
        """The text is another one, right or wrong."""

        def __init__(self, field: Field, text: str) -> None:
            super().__init__(field)
            self.text = text

    def __init__(
        self, setting: Setting, text: str, suggestions: Sequence[str] = (), least_label: int = LEAST_LABEL
    ) -> None:
        super().__init__(id=f"field-{setting.name}")
        self.setting = setting
        self.suggestions = tuple(suggestions)
        self.text = text
        self.message = ""
        self._label = max(least_label, len(setting.label))  # columns
        self.tooltip = f"{setting.help}: {setting.expected}"
        choices = choices_of(setting)
        self._control: Entry | Choice = Choice(choices, text) if choices else Entry(text)

    def compose(self) -> ComposeResult:
        yield Static(self.setting.label, markup=False, classes="label")
        yield self._control
        yield Static("", markup=False, classes="message")

    def on_mount(self) -> None:
        self.styles.grid_columns = f"{self._label + 1} 1fr"

    def focus_control(self) -> None:
        self._control.focus()

    def write(self, text: str) -> None:
        """Puts a text into the field as if it had been typed."""
        self._control.value = text
        if isinstance(self._control, Entry):
            self._control.action_end()

    def show_message(self, line: str, default: bool) -> None:
        """One line that says what is wrong, empty when nothing is."""
        self.set_class(bool(line), "-wrong")
        self.set_class(not default, "-changed")
        if line != self.message:
            self.message = line
            self.query_one(".message", Static).update(Text(plain(line)))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._edited(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        self._edited(event.value)

    def on_entry_stepped(self, event: Entry.Stepped) -> None:
        event.stop()
        self.write(stepped(self.setting, self._control.value, event.up, self.suggestions))

    def _edited(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.post_message(self.Edited(self, text))
