"""What one model says about every image of the validation set."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.pairs import YOURS, resolve_pair
from engine.numerics.model import losses_of
from engine.numerics.softmax import IMPLEMENTATIONS
from engine.training.evaluation import logits_of
from engine.training.resident import ResidentData


@dataclass(frozen=True)
class Predictions:
    """On the CPU: `logits` and `probabilities` (n, classes); `losses`, `labels` and `predicted` (n,)."""

    logits: Tensor
    probabilities: Tensor
    losses: Tensor
    labels: Tensor
    predicted: Tensor


def predict(weight: Tensor, bias: Tensor, data: ResidentData, config: TrainConfig) -> Predictions:
    """Probabilities and losses as the run's own softmax and loss compute them.

    A user's own function is not run for looking at what was trained with it: the engine's right one takes its place.
    """
    softmax = "row-max" if config.softmax == YOURS else config.softmax
    pair = resolve_pair(softmax, "auto" if config.loss == YOURS else config.loss, "auto", config.label_smoothing)
    logits: list[Tensor] = []
    probabilities: list[Tensor] = []
    losses: list[Tensor] = []
    start = 0
    for logits_bc in logits_of(weight, bias, data.validation_images, data.pixel_scale):
        labels_b = data.validation_labels[start : start + len(logits_bc)]
        start += len(logits_bc)
        logits.append(logits_bc)
        probabilities.append(IMPLEMENTATIONS[softmax](logits_bc))
        losses.append(losses_of(logits_bc, labels_b, pair, config.label_smoothing, config.clip_epsilon))
    all_logits = torch.cat(logits)
    return Predictions(
        logits=all_logits.cpu(),
        probabilities=torch.cat(probabilities).cpu(),
        losses=torch.cat(losses).cpu(),
        labels=data.validation_labels.cpu(),
        predicted=all_logits.argmax(1).cpu(),
    )
