"""The settings of the next sweep as fields, with what is wrong under each."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from engine.contract.errors import InputError
from engine.contract.sweeps import SweepConfig
from tui.drawing.form_text import at_field
from tui.drawing.stepping import DATASETS
from tui.drawing.sweep_form import NO_SECOND, SweepFormText, offered_values
from tui.widgets.field import Field

_DEFAULTS = SweepFormText().texts


class SweepForm(VerticalScroll, can_focus=False):
    """Keeps whatever was typed. `config()` is what it stands for."""

    DEFAULT_CSS = "SweepForm { height: auto; scrollbar-size-vertical: 1; }"
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
        self.form_text = SweepFormText()
        self._blamed: tuple[str, str] | None = None  # a field and the line of a refusal, until it is edited
        texts = self.form_text.texts
        self._fields = {setting.name: Field(setting, texts[setting.name]) for setting in self.form_text.settings}
        self._fields["dataset"].suggestions = DATASETS

    def compose(self) -> ComposeResult:
        yield from self._fields.values()

    def on_mount(self) -> None:
        self._show_messages()

    def config(self) -> SweepConfig:
        """The sweep as typed.

        Raises:
            InputError: with the first line that is wrong, after the focus has gone to the field at fault.
        """
        try:
            return self.form_text.config()
        except InputError:
            self.focus_field(next(iter(self.form_text.faults())))
            raise

    def blame(self, line: str) -> None:
        """Shows a refusal of the engine at the field that it names."""
        self._blamed = (self.form_text.named_in(line), line)
        self._show_messages()

    def focus_field(self, name: str = "values") -> None:
        self._fields[name].focus_control()

    def take(self, preset: dict[str, str]) -> None:
        """Fills in one of the exercises."""
        self.form_text.take(preset)
        self._rewrite(self.form_text.texts)

    def write(self, name: str, text: str) -> None:
        """Puts a text into a field as if it had been typed."""
        self._rewrite(self.form_text.write(name, text))

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        name = event.field.setting.name
        if event.text == self.form_text.texts[name]:
            return  # the echo of what was written into it
        self._rewrite(self.form_text.write(name, event.text), besides=name)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def _rewrite(self, texts: dict[str, str], besides: str = "") -> None:
        for name, text in texts.items():
            if name != besides and self._fields[name].text != text:
                self._fields[name].write(text)
        if self._blamed is not None and self._blamed[0] in texts:
            self._blamed = None
        self._show_messages()
        self.post_message(self.Changed())

    def _show_messages(self) -> None:
        faults = self.form_text.faults()
        if self._blamed is not None:
            faults.setdefault(*self._blamed)
        texts = self.form_text.texts
        for name, field in self._fields.items():
            default = _DEFAULTS[name]
            if name == "values":
                default = offered_values(texts["parameter"])
            elif name == "second_values" and texts["second"] != NO_SECOND:
                default = offered_values(texts["second"], across=True)
            field.show_message(at_field(field.setting, faults.get(name, "")), texts[name] == default)
        self._fields["second_values"].display = texts["second"] != NO_SECOND
        self._fields["question"].display = "batch-size" in (texts["parameter"], texts["second"])
