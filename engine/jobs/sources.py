"""From settings to data on a device: one dataset for all seeds, or one a seed where the seed decides what is drawn."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo
from engine.contract.progress import Notice, Progress
from engine.data.dataset import with_label_noise
from engine.data.load import FALLBACK, DatasetRequest, load
from engine.jobs.unused_settings import unused_words
from engine.training.devices import resolve
from engine.training.resident import ResidentData
from engine.verdicts.inputs_notice import inputs_notice


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
