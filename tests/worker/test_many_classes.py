"""As many classes as a dataset may have, of large images: every answer is sent, and none is refused for its length."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.analysis.weight_pictures import MOST_VALUES, weight_pictures
from engine.contract.answers import DecisionShown, ExampleShown, ImagesShown, MistakesShown, WeightsShown
from engine.contract.codec import LONGEST_LINE, encode
from engine.contract.commands import ShowDecision, ShowExample, ShowImages, ShowMistakes, ShowWeights, StartTraining
from engine.contract.config import TrainConfig
from engine.contract.events import Started
from tests.worker.conftest import Start

CLASSES, SIDE = 1000, 112


async def test_a_thousand_classes_of_large_images(start: Start, tmp_path: Path) -> None:
    images = np.zeros((CLASSES, SIDE, SIDE), np.uint8)
    images[np.arange(CLASSES), np.arange(CLASSES) % SIDE, np.arange(CLASSES) // SIDE] = 255
    labels = np.arange(CLASSES)
    file = tmp_path / "many.npz"
    parts = {"train_images": images, "train_labels": labels, "validation_images": images}
    np.savez(file, **parts, validation_labels=labels[::-1])
    worker = await start()
    await worker.client.ask(StartTraining(config=TrainConfig(dataset=str(file)), paused=True))
    await worker.event(Started)
    page = await worker.client.ask(ShowMistakes())
    assert isinstance(page, MistakesShown)
    example = await worker.client.ask(ShowExample(index=page.mistakes[0].index))
    assert isinstance(example, ExampleShown)
    assert len(example.evidence) == 2 * 4 * SIDE * SIDE
    weights = await worker.client.ask(ShowWeights())
    assert isinstance(weights, WeightsShown)
    assert (weights.num_classes, weights.image_height, weights.image_width) == (CLASSES, 32, 32)
    decision = await worker.client.ask(ShowDecision())
    assert isinstance(decision, DecisionShown)
    some = await worker.client.ask(ShowImages(indices=tuple(range(24))))
    assert isinstance(some, ImagesShown)
    lengths = {type(said).__name__: len(encode(said)) for said in (page, example, weights, decision, some)}
    assert max(lengths.values()) < LONGEST_LINE / 2, lengths


@pytest.mark.parametrize("shape", [(10, 28, 28), (1000, 28, 28), (1000, 112, 112), (2, 3000, 1000), (1000, 1, 5000)])
def test_weights_are_means_of_the_pixels_that_they_cover(shape: tuple[int, int, int]) -> None:
    weight = torch.randn(shape[0], shape[1] * shape[2], generator=torch.Generator().manual_seed(1))
    pictures = weight_pictures(weight, *shape[1:])
    assert pictures.numel() <= MOST_VALUES
    if weight.numel() <= MOST_VALUES:
        assert torch.equal(pictures, weight.view(shape))
    ones = weight_pictures(torch.ones_like(weight), *shape[1:])
    torch.testing.assert_close(ones, torch.ones_like(ones))
    rows, columns = pictures.shape[1:]
    block = weight.view(shape)[0, : -(-shape[1] // rows), : -(-shape[2] // columns)]
    torch.testing.assert_close(pictures[0, 0, 0], block.mean())


def test_inputs_that_are_no_pictures_are_not_sent() -> None:
    assert weight_pictures(torch.ones(3, 7), 0, 0).shape == (3, 0, 0)
