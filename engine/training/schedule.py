"""The learning rate as a function of how far the run is."""

from __future__ import annotations

import math

from engine.contract.config import TrainConfig


def learning_rate_at(config: TrainConfig, epochs_done: int, fraction: float) -> float:
    """The learning rate after `epochs_done` whole epochs and a `fraction` of the next.

    Constant; or multiplied with a factor every so many epochs; or falling along half a cosine from the start of the run
    to its end (Loshchilov and Hutter 2017, without restarts; *Dive into Deep Learning* 12.11).
    """
    if config.schedule == "step":
        return config.learning_rate * config.schedule_factor ** (epochs_done // config.schedule_epochs)
    if config.schedule == "cosine":
        return config.learning_rate * 0.5 * (1 + math.cos(math.pi * (epochs_done + fraction) / config.epochs))
    return config.learning_rate
