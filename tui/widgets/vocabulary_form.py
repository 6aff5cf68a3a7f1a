"""The settings of the vocabulary lab as fields, with what is wrong under each."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from tui.drawing.form_text import at_field
from tui.drawing.stepping import DEVICES
from tui.drawing.vocabulary_form import VocabularyFormText
from tui.widgets.field import Field


class VocabularyForm(VerticalScroll, can_focus=False):
    """Keeps whatever was typed; `form_text` says what it stands for."""

    DEFAULT_CSS = "VocabularyForm { height: auto; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.focus_next", "Next field", show=False),
        Binding("escape", "leave", "Leave the field", show=False),
    ]

    class Changed(Message):
        """A text has changed, to something right or wrong."""

    class Left(Message):
        """The focus is to go back to the owner of the form."""

    def __init__(self) -> None:
        super().__init__()
        self.form_text = VocabularyFormText()
        self._blamed: tuple[str, str] | None = None  # a field and the line of a refusal, until it is edited
        texts = self.form_text.texts
        self._fields = {setting.name: Field(setting, texts[setting.name]) for setting in self.form_text.settings}
        self._fields["device"].suggestions = DEVICES

    def compose(self) -> ComposeResult:
        yield from self._fields.values()

    def on_mount(self) -> None:
        self._show_messages()

    def blame(self, line: str) -> str:
        """Shows a refusal at the field that it names; returns that field's name, "" where it names none."""
        name = self.form_text.named_in(line)
        if name:
            self._blamed = (name, line)
            self._show_messages()
        return name

    def focus_field(self, name: str = "positions") -> None:
        self._fields[name].focus_control()

    def write(self, name: str, text: str) -> None:
        """Puts a text into a field as if it had been typed."""
        if self._fields[name].text != text:
            self._fields[name].write(text)
        self._take(name, text)

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        if event.text != self.form_text.texts[event.field.setting.name]:  # else the echo of what was written into it
            self._take(event.field.setting.name, event.text)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def _take(self, name: str, text: str) -> None:
        self.form_text.texts[name] = text
        if self._blamed is not None and self._blamed[0] == name:
            self._blamed = None
        self._show_messages()
        self.post_message(self.Changed())

    def _show_messages(self) -> None:
        faults = self.form_text.faults()
        if self._blamed is not None:
            faults.setdefault(*self._blamed)
        for name, field in self._fields.items():
            default = self.form_text.texts[name] == self.form_text.default(name)
            field.show_message(at_field(field.setting, faults.get(name, "")), default)
