"""A form made from the settings of a training run: one line a field, the advanced ones folded away."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from tui.drawing.form_text import DEVICES
from tui.drawing.plain import plain
from tui.drawing.spans import Run
from tui.pane.lab_form import LabForm
from tui.train.form import TrainFormText
from tui.widgets.row import Row


class Fold(Row):
    """The row under which the advanced settings lie."""

    DEFAULT_CSS = "Fold { width: 1fr; margin-top: 1; } Fold:hover { background: $surface; }"

    def __init__(self) -> None:
        super().__init__(id="more")
        self.opened, self.changed = False, 0

    def tell(self, opened: bool, changed: int) -> None:
        """Whether they are unfolded, and how many of them are not as they were."""
        if (opened, changed) != (self.opened, self.changed):
            self.opened, self.changed = opened, changed
            self.draw()

    def draw(self) -> None:
        changed = f", {self.changed} changed" if self.changed else ""
        said = plain(f"{'-' if self.opened else '+'} more settings{changed}", max(1, self.size.width - 1))
        self.show([(Run(">" if self.here else " ", "title"), Run(said, "cursor" if self.here else "muted"))])


class TrainForm(LabForm[TrainFormText]):
    """The settings in groups, the advanced ones folded away."""

    DEFAULT_CSS = """
    TrainForm { layout: vertical; }
    TrainForm > .fields { layout: grid; grid-size: 1; grid-rows: auto; height: auto; grid-gutter: 1 2; }
    TrainForm.-two-columns > .fields { grid-size: 2; }
    TrainForm .group { height: auto; }
    TrainForm .group > .heading { color: $primary; height: 1; text-style: bold; padding: 0 0 0 1; }
    TrainForm > .advanced { margin-top: 1; }
    """

    def __init__(self) -> None:
        super().__init__(TrainFormText(), first="learning_rate")  # the setting that does most
        self._fold = Fold()
        self._advanced = Vertical(*self._groups(advanced=True), classes="fields advanced")
        self._advanced.display = False

    def compose(self) -> ComposeResult:
        yield Vertical(*self._groups(advanced=False), classes="fields plain")
        yield self._fold
        yield self._advanced

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

    def take_focus(self, name: str = "") -> None:
        """An advanced setting is unfolded first."""
        if name and self.form_text.setting(name).advanced:
            self.unfold(True)
        super().take_focus(name)

    def unfold(self, opened: bool) -> None:
        """Shows the advanced settings, or folds them away."""
        self._advanced.display = opened
        self.draw()

    def action_press(self) -> None:
        if isinstance(self.row, Fold):
            self.unfold(not self._fold.opened)
        else:
            super().action_press()

    def action_turn(self, forward: bool) -> None:
        if isinstance(self.row, Fold):
            self.unfold(forward)
        else:
            super().action_turn(forward)

    def draw(self) -> None:
        super().draw()
        changed = [one for one in self.form_text.settings if not self.form_text.is_default(one.name)]
        self._fold.tell(self._advanced.display, sum(setting.advanced for setting in changed))
