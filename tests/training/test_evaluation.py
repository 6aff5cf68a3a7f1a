"""A split of several blocks is judged as it is at once, alone and in a group, beside torch's own cross-entropy."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.contract.config import TrainConfig
from engine.contract.pairs import resolve_pair
from engine.training.chunks import SeedSource
from engine.training.evaluation import IMAGES_AT_ONCE, evaluate, evaluate_group
from engine.training.resident import ResidentData

SIZE = 2 * IMAGES_AT_ONCE + 500


def data_of(seed: int) -> ResidentData:
    random = torch.manual_seed(seed)
    images = torch.randint(0, 256, (SIZE, 5), generator=random, dtype=torch.uint8)
    labels = torch.randint(0, 4, (SIZE,), generator=random)
    return ResidentData(images, labels, images, labels, 1 / 255, 4)


def judged(weight: torch.Tensor, bias: torch.Tensor, data: ResidentData, smoothing: float) -> tuple[float, float]:
    """Mean loss and accuracy, all images at once and in float64."""
    logits = (data.validation_images.double() / 255) @ weight.double().T + bias.double()
    labels = data.validation_labels
    loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    return float(loss), float((logits.argmax(1) == labels).double().mean())


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_every_image_of_every_block_counts_with_its_own_label(smoothing: float) -> None:
    data = data_of(1)
    weight, bias = torch.randn(4, 5, generator=torch.manual_seed(2)), torch.tensor([0.1, -0.3, 0.0, 0.5])
    config = TrainConfig(label_smoothing=smoothing)
    pair = resolve_pair("row-max", "auto", "auto", smoothing)
    images, labels = data.validation_images, data.validation_labels
    found = evaluate(weight, bias, images, labels, data.pixel_scale, config, pair)
    assert found == pytest.approx(judged(weight, bias, data, smoothing), rel=1e-6)


@pytest.mark.parametrize("shared", [False, True])
def test_each_model_of_a_group_is_judged_on_all_images_of_its_seed(shared: bool) -> None:
    """Three seeds of two rates; the seed in the middle has ended."""
    data = [data_of(1), data_of(1 if shared else 2)]
    if shared:
        data[1] = replace(data[0])
    weight, bias = torch.randn(3, 8, 5, generator=torch.manual_seed(3)), torch.randn(3, 8)
    sources = [SeedSource(data[0], 0), None, SeedSource(data[1], 1)]
    found = evaluate_group(weight, bias, sources, 2, 1 / 255)
    assert len(found) == 6
    assert found[2:4] == [(0.0, 0.0)] * 2
    for place in (0, 1, 4, 5):
        rows = slice(place % 2 * 4, place % 2 * 4 + 4)
        wanted = judged(weight[place // 2, rows], bias[place // 2, rows], data[place // 4], 0.0)
        assert found[place] == pytest.approx(wanted, rel=1e-6)
