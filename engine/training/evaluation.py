"""What a model, or each model of a group, says about a split, a bounded number of images at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.pairs import Pair
from engine.numerics.model import losses_of
from engine.training.chunks import SeedSource

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


def evaluate_group(
    weight: Tensor, bias: Tensor, sources: Sequence[SeedSource | None], rates: int, pixel_scale: float
) -> list[tuple[float, float]]:
    """Mean loss from logits and accuracy of each model, seed by seed.

    The weight is (seeds, rates * classes, features), the bias (seeds, rates * classes). Seeds that share their data
    share the conversion of a block; the figures of a seed without a source are 0.
    """
    models = len(sources) * rates
    losses = torch.zeros(models, dtype=torch.float64, device=weight.device)
    right = torch.zeros(models, dtype=torch.int64, device=weight.device)
    size = next(len(source.data.validation_labels) for source in sources if source is not None)
    for start in range(0, size, IMAGES_AT_ONCE):
        converted: dict[int, Tensor] = {}
        for seed, source in enumerate(sources):
            if source is None:
                continue
            images, labels = source.data.validation_images, source.data.validation_labels
            if id(images) not in converted:
                converted[id(images)] = images[start : start + IMAGES_AT_ONCE].to(weight.dtype)
            here = slice(seed * rates, (seed + 1) * rates)
            product = torch.addmm(bias[seed].unsqueeze(1), weight[seed], converted[id(images)].t(), alpha=pixel_scale)
            block = _losses_and_hits(product.view(rates, -1, product.shape[1]), labels[start : start + IMAGES_AT_ONCE])
            losses[here] += block[0]
            right[here] += block[1]
    return [(loss / size, hit / size) for loss, hit in zip(losses.tolist(), right.tolist(), strict=True)]


def _losses_and_hits(logits_rcb: Tensor, labels_b: Tensor) -> tuple[Tensor, Tensor]:
    """Sums over the images, (rates,) each; the logits are overwritten."""
    shifted_rcb = logits_rcb.sub_(logits_rcb.amax(1, keepdim=True))
    target_rb = shifted_rcb.gather(1, labels_b.expand(len(shifted_rcb), 1, -1)).squeeze(1)
    losses_rb = shifted_rcb.exp().sum(1).log_().sub_(target_rb)
    return losses_rb.sum(1, dtype=torch.float64), (target_rb == 0).sum(1)
