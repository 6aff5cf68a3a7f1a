"""The texts of a form and what they stand for. Whatever was typed is kept, right or wrong."""

from __future__ import annotations

from typing import Any

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.pairs import resolve_pair
from engine.contract.settings import Setting, Value, parse, settings_of

_PAIR = ("softmax", "loss", "gradient", "label_smoothing")


def written(value: Value) -> str:
    """A value as a person would type it: `0.1`, `1e-7`, `on`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if not isinstance(value, float):
        return str(value)
    mantissa, _, exponent = f"{value:.9g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


class FormText:
    """One text for each setting of a training run."""

    def __init__(self, config: TrainConfig | None = None) -> None:
        config = config or TrainConfig()
        self.settings = settings_of(TrainConfig)
        self.texts = {setting.name: written(getattr(config, setting.name)) for setting in self.settings}

    def setting(self, name: str) -> Setting:
        """The setting of that name."""
        return next(setting for setting in self.settings if setting.name == name)

    def is_default(self, name: str) -> bool:
        """Whether the text is the one that the default is written as."""
        return self.texts[name].strip() == written(self.setting(name).default)

    def faults(self) -> dict[str, str]:
        """The one line that is wrong with each setting, by its name; empty where all is well.

        Softmax, loss, gradient and label smoothing are looked at together once each is right in itself.
        """
        faults: dict[str, str] = {}
        values: dict[str, Any] = {}
        for setting in self.settings:
            try:
                values[setting.name] = parse(setting, self.texts[setting.name])
            except InputError as error:
                faults[setting.name] = str(error)
        pair = [values[name] for name in _PAIR if name in values]
        if len(pair) == len(_PAIR):
            try:
                resolve_pair(*pair)
            except InputError as error:
                faults[self.named_in(str(error)) or "loss"] = str(error)
        return faults

    def config(self) -> TrainConfig:
        """What the texts stand for. Raises InputError with the first line that is wrong."""
        for line in self.faults().values():
            raise InputError(line)
        values: dict[str, Any] = {setting.name: parse(setting, self.texts[setting.name]) for setting in self.settings}
        return TrainConfig(**values)

    def named_in(self, line: str) -> str | None:
        """The setting that a line is about: `learning rate: found …` names the one of that label."""
        label = line.partition(":")[0]
        return next((setting.name for setting in self.settings if setting.label == label), None)


def at_field(setting: Setting, line: str) -> str:
    """The line without the label that stands beside it anyway."""
    return line.removeprefix(f"{setting.label}: ")
