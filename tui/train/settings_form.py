"""A form made from the settings of a training run: one line a field, the advanced ones folded away."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.settings import Setting
from tui.drawing.form_text import FormText, at_field
from tui.drawing.stepping import DATASETS, DEVICES
from tui.widgets.field import Field


class Fold(Widget, can_focus=True):
    """The row under which the advanced settings lie."""

    DEFAULT_CSS = """
    Fold { height: 1; width: 1fr; color: $foreground 80%; margin-top: 1; }
    Fold:focus { background: $primary; color: $background; text-style: bold; }
    Fold:hover { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,right,left", "unfold", "Open", show=False)]
    typing_hint = "enter opens or folds the other settings, tab next field, esc leaves"

    class Toggled(Message):
        """The row was chosen."""

    opened: reactive[bool] = reactive(False)
    changed: reactive[int] = reactive(0)

    def render(self) -> Text:
        changed = f", {self.changed} changed" if self.changed else ""
        return Text(f"{'-' if self.opened else '+'} more settings{changed}", no_wrap=True, overflow="ellipsis")

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character is not None and character.isprintable()

    def action_unfold(self) -> None:
        self.post_message(self.Toggled())

    def on_click(self) -> None:
        self.action_unfold()


class Form(VerticalScroll, can_focus=False):
    """Keeps whatever was typed. `config()` is what it stands for."""

    DEFAULT_CSS = """
    Form { layout: vertical; scrollbar-size-vertical: 1; }
    Form > .fields { layout: grid; grid-size: 1; grid-rows: auto; height: auto; grid-gutter: 1 2; }
    Form.-two-columns > .fields { grid-size: 2; }
    Form .group { height: auto; }
    Form .group > .heading { color: $primary; height: 1; text-style: bold; }
    Form > .advanced { display: none; margin-top: 1; }
    Form.-open > .advanced { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.focus_next", "Next field", show=False),
        Binding("escape", "leave", "Leave the field", show=False),
    ]

    class Changed(Message):
        """A text has changed, to something right or wrong."""

    class Left(Message):
        """The focus is to go back to the owner of the form."""

    def __init__(self, config: TrainConfig | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self.form_text = FormText(config)
        self._fields: dict[str, Field] = {}
        self._last = "learning_rate"  # where the focus goes first: the setting that does most
        self._suggestions: dict[str, tuple[str, ...]] = {"dataset": DATASETS, "device": DEVICES}
        self._blamed: tuple[str, str] | None = None  # a setting and the line of a refusal, until it is edited

    def compose(self) -> ComposeResult:
        with Vertical(classes="fields plain"):
            yield from self._groups(advanced=False)
        yield Fold()
        yield Vertical(classes="fields advanced")

    def _groups(self, advanced: bool) -> Iterable[Widget]:
        settings = [setting for setting in self.form_text.settings if setting.advanced == advanced]
        names = list(dict.fromkeys(setting.group for setting in settings))
        settings.sort(key=lambda setting: names.index(setting.group))
        for group, members in groupby(settings, key=lambda setting: setting.group):
            yield Vertical(Static(group, markup=False, classes="heading"), *map(self._field, members), classes="group")

    def _field(self, setting: Setting) -> Field:
        suggestions = self._suggestions.get(setting.name, ())
        field = self._fields[setting.name] = Field(setting, self.form_text.texts[setting.name], suggestions)
        return field

    # What it says

    def config(self) -> TrainConfig:
        """The settings as typed.

        Raises:
            InputError: with the first line that is wrong, after the focus has gone to the field at fault.
        """
        try:
            return self.form_text.config()
        except InputError:
            self.run_worker(self._go_to(next(iter(self.form_text.faults()))), group="fault")
            raise

    def blame(self, line: str) -> bool:
        """Shows a refusal at the setting that it names and goes there; False where it names none."""
        name = self.form_text.named_in(line)
        if name is None:
            return False
        self._blamed = (name, line)
        self._show_messages()
        self.run_worker(self._go_to(name), group="fault")
        return True

    def suggest_devices(self, devices: Iterable[str]) -> None:
        """What the device field goes through, besides `auto`."""
        self._suggestions["device"] = tuple(dict.fromkeys((*DEVICES, *devices)))
        if "device" in self._fields:
            self._fields["device"].suggestions = self._suggestions["device"]

    def focus_field(self) -> None:
        """Gives the focus to the field that had it last."""
        if self._last in self._fields:
            self._fields[self._last].focus_control()

    async def _go_to(self, name: str) -> None:
        if self.form_text.setting(name).advanced:
            await self._open(True)
        self._last = name
        self.focus_field()

    # What happens to it

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        self.form_text.texts[event.field.setting.name] = event.text
        if self._blamed is not None and self._blamed[0] == event.field.setting.name:
            self._blamed = None
        self._show_messages()
        self.post_message(self.Changed())

    async def on_fold_toggled(self, event: Fold.Toggled) -> None:
        event.stop()
        await self._open(not self.has_class("-open"))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        field = event.widget.parent
        if isinstance(field, Field):
            self._last = field.setting.name

    def action_leave(self) -> None:
        self.post_message(self.Left())

    async def _open(self, opened: bool) -> None:
        self.set_class(opened, "-open")
        self.query_one(Fold).opened = opened
        advanced = self.query_one(".advanced", Vertical)
        if opened and not advanced.children:
            # Mounted when they are first wanted: seventeen fields cost as long as the first frame.
            await advanced.mount(*self._groups(advanced=True))
            self._show_messages()

    def _show_messages(self) -> None:
        faults = self.form_text.faults()
        if self._blamed is not None:
            faults.setdefault(*self._blamed)
        changed = [setting for setting in self.form_text.settings if not self.form_text.is_default(setting.name)]
        for name, field in self._fields.items():
            line = at_field(field.setting, faults.get(name, ""))
            field.show_message(line, field.setting not in changed)
        self.query_one(Fold).changed = sum(setting.advanced for setting in changed)
