"""The texts of the Train pane's form, and the run that they stand for."""

from __future__ import annotations

from typing import Any

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.pairs import resolve_pair
from engine.contract.settings import settings_of
from tui.drawing.form_text import FormText, written

_PAIR = ("softmax", "loss", "gradient", "label_smoothing")


def texts_of(config: TrainConfig, *, resolved: bool) -> dict[str, str]:
    """The config as it would stand in the form.

    Where it is `resolved` nobody knows what was left to `auto`, and the settings that may be are left out.
    """
    return {
        setting.name: written(getattr(config, setting.name))
        for setting in settings_of(TrainConfig)
        if not (resolved and setting.default == "auto")
    }


class TrainFormText(FormText):
    """One text for each setting of a training run."""

    def __init__(self) -> None:
        super().__init__(settings_of(TrainConfig))

    def faults(self) -> dict[str, str]:
        """Softmax, loss, gradient and label smoothing are looked at together once each is right in itself."""
        faults = super().faults()
        if not faults.keys() & set(_PAIR):
            pair: Any = [self.parsed(name) for name in _PAIR]
            try:
                resolve_pair(*pair)
            except InputError as error:
                faults[self.named_in(str(error)) or "loss"] = str(error)
        return faults

    def config(self) -> TrainConfig:
        """What the texts stand for. Raises InputError with the first line that is wrong."""
        self.check()
        values: dict[str, Any] = {setting.name: self.parsed(setting.name) for setting in self.settings}
        return TrainConfig(**values)
