"""From settings to data on a device: one dataset for all seeds, or one a seed where the seed draws the data."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo
from engine.contract.pairs import pair_of
from engine.contract.progress import Notice, Progress
from engine.data.dataset import with_label_noise
from engine.data.load import FALLBACK, DatasetRequest, load
from engine.jobs.unused_settings import unused_words
from engine.training.devices import resolve
from engine.training.resident import ResidentData
from engine.verdicts.inputs_notice import inputs_notice


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
            f"the data are not those it was {which}"
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
