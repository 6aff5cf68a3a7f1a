"""What a model says about a split, a bounded number of images at a time."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.pairs import Pair
from engine.numerics.model import losses_of

IMAGES_AT_ONCE = 1000  # fixed: where a product is cut decides its last bits


def logits_of(weight: Tensor, bias: Tensor, images: Tensor, pixel_scale: float) -> Iterator[Tensor]:
    """The logits (batch, classes) of consecutive images (n, features), a block at a time."""
    for start in range(0, len(images), IMAGES_AT_ONCE):
        converted = images[start : start + IMAGES_AT_ONCE].to(weight.dtype)
        yield torch.addmm(bias.unsqueeze(1), weight, converted.t(), alpha=pixel_scale).t()


def evaluate(
    weight: Tensor,
    bias: Tensor,
    images: Tensor,
    labels: Tensor,
    pixel_scale: float,
    config: TrainConfig,
    pair: Pair,
) -> tuple[float, float]:
    """Mean loss, as the run defines it, and accuracy over a split."""
    losses: list[Tensor] = []
    hits: list[Tensor] = []
    start = 0
    for logits_bc in logits_of(weight, bias, images, pixel_scale):
        labels_b = labels[start : start + len(logits_bc)]
        start += len(logits_bc)
        losses_b = losses_of(logits_bc, labels_b, pair, config.label_smoothing, config.clip_epsilon)
        losses.append(losses_b.sum(dtype=torch.float64))
        hits.append((logits_bc.argmax(1) == labels_b).sum())
    return float(torch.stack(losses).sum()) / len(labels), int(torch.stack(hits).sum()) / len(labels)
