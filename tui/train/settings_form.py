"""A form made from the settings of a training run: one line a field, the advanced ones folded away."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui.drawing.stepping import DEVICES
from tui.pane.lab_form import LabForm
from tui.train.form import TrainFormText
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


class TrainForm(LabForm[TrainFormText]):
    """The settings in groups, the advanced ones folded away."""

    DEFAULT_CSS = """
    TrainForm { layout: vertical; }
    TrainForm > .fields { layout: grid; grid-size: 1; grid-rows: auto; height: auto; grid-gutter: 1 2; }
    TrainForm.-two-columns > .fields { grid-size: 2; }
    TrainForm .group { height: auto; }
    TrainForm .group > .heading { color: $primary; height: 1; text-style: bold; }
    TrainForm > .advanced { display: none; margin-top: 1; }
    TrainForm.-open > .advanced { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(TrainFormText(), first="learning_rate")  # the setting that does most

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
            yield Vertical(Static(group, markup=False, classes="heading"), *self.made(members), classes="group")

    def suggest_devices(self, devices: Iterable[str]) -> None:
        """What the device field goes through, besides `auto`."""
        self._suggestions["device"] = tuple(dict.fromkeys((*DEVICES, *devices)))
        if "device" in self._fields:
            self._fields["device"].suggestions = self._suggestions["device"]

    def focus_field(self, name: str = "") -> None:
        """Into a field, that which had the focus last by default; an advanced one is unfolded first."""
        self._first = name or self._first
        if self.form_text.setting(self._first).advanced and not self.has_class("-open"):
            self.run_worker(self._unfold_to(self._first), group="focus")
        elif self._first in self._fields:
            super().focus_field(self._first)

    async def _unfold_to(self, name: str) -> None:
        await self._open(True)
        super().focus_field(name)

    # What happens to it

    async def on_fold_toggled(self, event: Fold.Toggled) -> None:
        event.stop()
        await self._open(not self.has_class("-open"))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.visited = True
        field = event.widget.parent
        if isinstance(field, Field):
            self._first = field.setting.name

    async def _open(self, opened: bool) -> None:
        self.set_class(opened, "-open")
        self.query_one(Fold).opened = opened
        advanced = self.query_one(".advanced", Vertical)
        if opened and not advanced.children:
            # Mounted when they are first wanted: seventeen fields cost as long as the first frame.
            await advanced.mount(*self._groups(advanced=True))
            self._show_messages()

    def _show_messages(self) -> None:
        super()._show_messages()
        changed = [one for one in self.form_text.settings if not self.form_text.is_default(one.name)]
        self.query_one(Fold).changed = sum(setting.advanced for setting in changed)
