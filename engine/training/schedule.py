"""The learning rate as a function of how far the run is."""

from __future__ import annotations

import math

from engine.contract.config import TrainConfig


def rate_factor(config: TrainConfig, epochs_done: int, fraction: float) -> float:
    """What the learning rate is multiplied with after `epochs_done` whole epochs and a `fraction` of the next.

    It is 1 for a constant rate; or a factor more every so many epochs; or it falls along half a cosine from the start
    of the run to its end (Loshchilov and Hutter 2017, without restarts; *Dive into Deep Learning* 12.11).
    """
    if config.schedule == "step":
        return config.schedule_factor ** (epochs_done // config.schedule_epochs)
    if config.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (epochs_done + fraction) / config.epochs))
    return 1.0
