"""The settings in which a run differs from the defaults."""

from __future__ import annotations

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.pairs import resolve_pair
from engine.contract.settings import settings_of, value_text

SHORTER = {"learning-rate": "rate", "batch-size": "batch", "weight-decay": "decay", "label-smoothing": "smoothing"}
_DECIDED = ("dataset", "device", "loss", "gradient")  # what a run decides itself where nothing is chosen


def changed_settings(config: TrainConfig) -> list[tuple[str, str]]:
    """Those settings by their flags, each with its value; what a run decides itself is left out."""
    return [
        (setting.flag, value_text(value))
        for setting in settings_of(TrainConfig)
        if (value := getattr(config, setting.name)) != setting.default
        and (setting.name not in _DECIDED or _was_chosen(config, setting.name))
    ]


def settings_words(config: TrainConfig) -> str:
    """The same in few cells, "rate 0.5  batch 64"; "" for the defaults."""
    flags = [(flag.removeprefix("--"), value) for flag, value in changed_settings(config)]
    return "  ".join(f"{SHORTER.get(name, name)} {value}" for name, value in flags)


def _was_chosen(config: TrainConfig, name: str) -> bool:
    """Whether a loss or gradient differs from what `auto` would have become."""
    if name not in ("loss", "gradient"):
        return False
    loss = "auto" if name == "loss" else config.loss
    try:
        pair = resolve_pair(config.softmax, loss, "auto", config.label_smoothing)
    except InputError:  # a stored pair that no run could begin with
        return True
    return bool(getattr(pair, name) != getattr(config, name))
