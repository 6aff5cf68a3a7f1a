"""From settings to data on a device: one dataset for all seeds, or one a seed; and which settings it has no use for."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo
from engine.contract.pairs import pair_of
from engine.contract.progress import Notice, Progress
from engine.contract.settings import Setting, settings_of, value_text
from engine.contract.sweeps import SweepConfig
from engine.data.dataset import with_label_noise
from engine.data.load import FALLBACK, DatasetRequest, load
from engine.training.devices import resolve
from engine.training.resident import ResidentData
from engine.verdicts.inputs import inputs_notice
from engine.verdicts.naming import listed
from engine.verdicts.one_line import one_line


def resolved(config: TrainConfig) -> TrainConfig:
    """The settings with no `auto` in them but the dataset's.

    Raises:
        InputError: the pair of softmax and loss does not exist, or this machine has no such device.
    """
    pair = pair_of(config)
    device = str(resolve(config.device, config.dtype))
    return replace(config, loss=pair.loss, gradient=pair.gradient, mine=pair.source, device=device)


def expect_same_data(name: str, info: DatasetInfo, checksum: str, which: str) -> None:
    """Raises InputError where a run or a sweep cannot go on: its data are not those of the checksum."""
    if info.checksum != checksum:
        raise InputError(
            f"{name}: found {info.name} with checksum {info.checksum}, expected {checksum}: "
            f"the data are not those that {name} was {which}"
        )


def notices_of(config: TrainConfig, info: DatasetInfo) -> tuple[Notice, ...]:
    """Which settings the data have no use for, and what is unusual about their inputs."""
    return tuple(Notice(said) for said in (unused_words(config, info), inputs_notice(info)) if said)


class Sources:
    """Keeps the datasets of the settings that were last asked for, of at most so many seeds."""

    def __init__(self, data_dir: Path, most: int) -> None:
        self._data_dir = data_dir
        self._most = most
        self._settings: object = None
        self._kept: dict[int, tuple[ResidentData, DatasetInfo]] = {}

    def of(self, config: TrainConfig) -> Generator[Progress | Notice, None, tuple[ResidentData, DatasetInfo]]:
        """Yields the progress of loading and returns the data on the config's device.

        Raises:
            InputError: they cannot be had.
        """
        knobs = (config.train_size, config.validation_size, config.noise, config.jitter, config.occlusion)
        settings = (config.dataset, config.device, config.label_noise, knobs)
        if settings != self._settings:
            self._settings, self._kept = settings, {}
        # The order of the images is another matter: it is the run's, not the data's.
        drawn = config.dataset == FALLBACK or config.label_noise > 0
        seed = config.seed if drawn else 0
        if seed not in self._kept:
            if len(self._kept) >= self._most:
                self._kept = {}
            dataset = yield from load(DatasetRequest(config.dataset, *knobs, config.seed), self._data_dir)
            if config.label_noise:
                dataset = with_label_noise(dataset, config.label_noise, config.seed)
            data = ResidentData.of(dataset, resolve(config.device, config.dtype))
            self._kept[seed] = (data, dataset.info)
            if config.dataset != dataset.name:  # `auto`, which is asked for once: from here on it has a name
                self._settings = (dataset.name, *settings[1:])
                self._kept = {config.seed if dataset.name == FALLBACK or drawn else 0: (data, dataset.info)}
        return self._kept[seed] if seed in self._kept else self._kept[config.seed]


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
            raise InputError(
                f"{setting.label}: found a sweep of this setting, expected another setting: {_own_images(info)}"
            )


def _of_drawn(info: DatasetInfo) -> list[Setting]:
    if info.name == FALLBACK:
        return []
    return [setting for setting in settings_of(TrainConfig) if setting.name in _OF_DRAWN]


def _own_images(info: DatasetInfo) -> str:
    sizes = f"{info.train_size:,} training and {info.validation_size:,} validation images"
    return f"{one_line(Path(info.name).name)} has its own {sizes}"


def _purpose(count: int) -> str:
    return f"{'This setting is' if count == 1 else 'These settings are'} for {FALLBACK} only."
