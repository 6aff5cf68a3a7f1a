"""Settings that only drawn images have, where the dataset is another one."""

from __future__ import annotations

from pathlib import Path

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo
from engine.contract.settings import Setting, settings_of, value_text
from engine.contract.sweeps import SweepConfig
from engine.data.load import FALLBACK
from engine.verdicts.listing import listed
from engine.verdicts.one_line import one_line

_OF_DRAWN = ("train_size", "validation_size", "noise", "jitter", "occlusion")


def unused_words(config: TrainConfig, info: DatasetInfo) -> str:
    """Which settings were changed and change nothing with this dataset; "" where there are none."""
    unused = [
        f"{setting.label} {value_text(value)}"
        for setting in _of_drawn(info)
        if (value := getattr(config, setting.name)) != setting.default
    ]
    if not unused:
        return ""
    return f"{listed(unused)}: not used, because {_own_images(info)}. {_purpose(len(unused))}"


def check_swept(config: SweepConfig, info: DatasetInfo) -> None:
    """Raises InputError where every value of a swept setting would train the same runs again."""
    for setting in _of_drawn(info):
        if setting.name in config.parameters:
            raise InputError(f"{setting.label}: found it swept, expected another setting: {_own_images(info)}")


def _of_drawn(info: DatasetInfo) -> list[Setting]:
    if info.name == FALLBACK:
        return []
    return [setting for setting in settings_of(TrainConfig) if setting.name in _OF_DRAWN]


def _own_images(info: DatasetInfo) -> str:
    sizes = f"{info.train_size:,} training and {info.validation_size:,} validation images"
    return f"{one_line(Path(info.name).name)} has its own {sizes}"


def _purpose(count: int) -> str:
    return f"{'This setting is' if count == 1 else 'These settings are'} for {FALLBACK} only."
