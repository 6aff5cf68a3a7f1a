"""The texts of a form and what they stand for. Whatever was typed is kept, right or wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.contract.errors import InputError
from engine.contract.settings import Setting, Value, parse
from tui.drawing.edits import Edit


def written(value: Value) -> str:
    """A value as a person would type it: `0.1`, `1e-7`, `on`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if not isinstance(value, float):
        return str(value)
    mantissa, _, exponent = f"{value:.9g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


class FormText:
    """One text for each setting. A subclass says what they stand for together."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        self.settings = tuple(settings)
        self.texts = {setting.name: written(setting.default) for setting in self.settings}
        self.in_front: dict[str, str] = {}  # what the run in front was started with; empty where there is none

    def setting(self, name: str) -> Setting:
        """The setting of that name, which there is."""
        return next(setting for setting in self.settings if setting.name == name)

    @property
    def hidden(self) -> Collection[str]:
        """The names of the fields that make no sense beside the other texts."""
        return ()

    def default(self, name: str) -> str:
        """The text that a field has where nobody has changed it."""
        return written(self.setting(name).default)

    def is_default(self, name: str) -> bool:
        """Whether nobody has changed it."""
        return self.texts[name].strip() == self.default(name)

    def before(self, name: str) -> str | None:
        """What the run in front has instead; None where it has the same, or there is no run."""
        started_with = self.in_front.get(name)
        if started_with is None or name in self.hidden or self.texts[name].strip() == started_with:
            return None
        try:
            return None if self.same(name, started_with) else started_with
        except InputError:
            return started_with

    def same(self, name: str, text: str) -> bool:
        """Whether a text stands for what the field says: 0.10 is 0.1. Raises InputError where one is nothing."""
        return self.parsed(name) == parse(self.setting(name), text)

    @property
    def edits(self) -> list[Edit]:
        """What is the next run's alone."""
        found = ((setting, self.before(setting.name)) for setting in self.settings)
        return [Edit(one.name, one.label, was, self.texts[one.name].strip()) for one, was in found if was is not None]

    def write(self, name: str, text: str) -> dict[str, str]:
        """Takes a text; returns the texts of all that changed with it."""
        self.texts[name] = text
        return {name: text}

    def parsed(self, name: str) -> Value:
        """What a text stands for. Raises InputError where that is nothing."""
        return parse(self.setting(name), self.texts[name])

    def faults(self) -> dict[str, str]:
        """The one line that is wrong with each field in sight, by its name; empty where all is well."""
        return self._faults_of([setting.name for setting in self.settings if setting.name not in self.hidden])

    def named_in(self, line: str) -> str:
        """The field that a refusal is about: `learning rate: found …` names the one of that label; "" for none."""
        label = line.partition(":")[0]
        return next((setting.name for setting in self.settings if setting.label == label), "")

    def check(self, *besides: str) -> None:
        """Raises InputError with the first line that is wrong, but for the fields `besides`."""
        for name, line in self.faults().items():
            if name not in besides:
                raise InputError(line)

    def _faults_of(self, names: Sequence[str]) -> dict[str, str]:
        """Of each of these fields alone."""
        faults: dict[str, str] = {}
        for name in names:
            try:
                self.parsed(name)
            except InputError as error:
                faults[name] = str(error)
        return faults


def at_field(setting: Setting, line: str) -> str:
    """The line without the label that stands beside it anyway."""
    return line.removeprefix(f"{setting.label}: ")
