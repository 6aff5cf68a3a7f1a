"""As many classes as a dataset may have, of large images: every answer is sent, and none is refused for its length."""

from pathlib import Path

import numpy as np

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
