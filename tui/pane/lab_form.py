"""The settings of a lab as fields, with what is wrong under each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from engine.contract.settings import Setting
from tui.drawing.form_text import FormText, at_field
from tui.drawing.stepping import DATASETS, DEVICES
from tui.widgets.field import LEAST_LABEL, Field

TextT = TypeVar("TextT", bound=FormText)


class LabForm(VerticalScroll, Generic[TextT], can_focus=False):
    """Keeps whatever was typed; `form_text` says what it stands for. `first` is the field that the focus goes to."""

    DEFAULT_CSS = "LabForm { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.focus_next", "Next field", show=False),
        Binding("escape", "leave", "Leave the field", show=False),
    ]

    class Changed(Message):
        """A text has changed, to something right or wrong."""

    class Left(Message):
        """The focus is to go back to the owner of the form."""

    def __init__(self, form_text: TextT, first: str) -> None:
        super().__init__()
        self.form_text = form_text
        self.visited = False  # whether the focus has been in it
        self._first = first
        self._blamed: tuple[str, str] | None = None  # a field and the line of a refusal, until it is edited
        self._suggestions: dict[str, tuple[str, ...]] = {"dataset": DATASETS, "device": DEVICES}
        self._fields: dict[str, Field] = {}  # those that were made by now

    def compose(self) -> ComposeResult:
        label = max(LEAST_LABEL, *(len(setting.label) for setting in self.form_text.settings))
        yield from self.made(self.form_text.settings, label)

    def made(self, settings: Iterable[Setting], label: int = LEAST_LABEL) -> list[Field]:
        """The fields of these settings, with `label` cells for what each is called."""
        fields = [
            Field(setting, self.form_text.texts[setting.name], self._suggestions.get(setting.name, ()), label)
            for setting in settings
        ]
        self._fields.update((field.setting.name, field) for field in fields)
        return fields

    def on_mount(self) -> None:
        self._show_messages()

    def blame(self, line: str) -> str:
        """Shows a refusal at the field that it names; returns that field's name, "" where it names none."""
        name = self.form_text.named_in(line)
        if name:
            self._blamed = (name, line)
            self._show_messages()
        return name

    def focus_field(self, name: str = "") -> None:
        """Into a field, the first of those in sight where that one is hidden."""
        name = name or self._first
        if name in self.form_text.hidden:
            name = next(other for other in self._fields if other not in self.form_text.hidden)
        self._fields[name].focus_control()

    def write(self, name: str, text: str) -> None:
        """Puts a text into a field as if it had been typed."""
        self._take(name, text)

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        name = event.widget.setting.name
        if event.text != self.form_text.texts[name]:  # else the echo of what was written into it
            self._take(name, event.text, besides=name)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.visited = True

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def _take(self, name: str, text: str, besides: str = "") -> None:
        """The text, and into the fields, but for one, all that it changed."""
        texts = self.form_text.write(name, text)
        for changed in texts.keys() - {besides}:
            self._fields[changed].write(texts[changed])
        if self._blamed is not None and self._blamed[0] in texts:
            self._blamed = None
        self._show_messages()
        self.post_message(self.Changed())

    def _show_messages(self) -> None:
        faults = self.form_text.faults()
        if self._blamed is not None:
            faults.setdefault(*self._blamed)
        for name, field in self._fields.items():
            field.show_message(at_field(field.setting, faults.get(name, "")), self.form_text.is_default(name))
            field.display = name not in self.form_text.hidden
