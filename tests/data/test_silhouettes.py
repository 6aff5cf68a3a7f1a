"""The drawn dataset: the same everywhere, as hard as it is meant to be, harder with every knob."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.contract.progress import Progress
from engine.data import silhouettes
from engine.data.dataset import Dataset
from engine.data.silhouettes import Knobs, draw

Finished = Callable[[Any], tuple[list[Any], Any]]


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept from what was drawn before."""
    monkeypatch.setattr(silhouettes, "_block", getattr(silhouettes._block, "__wrapped__", silhouettes._block))


def drawn(finished: Finished, train: int, validation: int, seed: int = 0, knobs: Knobs = Knobs()) -> Dataset:  # noqa: B008
    dataset = finished(draw(train, validation, seed, knobs))[1]
    assert isinstance(dataset, Dataset)
    return dataset


def accuracy_of_softmax_regression(dataset: Dataset) -> float:
    """Validation accuracy with the book's defaults: 10 epochs, batches of 256, learning rate 0.1."""
    random = np.random.default_rng(0)
    weight = random.normal(0, 0.01, (dataset.num_features, dataset.num_classes)).astype(np.float32)
    bias = np.zeros(dataset.num_classes, np.float32)
    images = dataset.train_images.astype(np.float32) * np.float32(dataset.pixel_scale)
    for _ in range(10):
        for batch in np.array_split(random.permutation(len(images)), -(-len(images) // 256)):
            logits = images[batch] @ weight + bias
            probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
            probabilities /= probabilities.sum(axis=1, keepdims=True)
            probabilities[np.arange(len(batch)), dataset.train_labels[batch]] -= 1
            weight -= 0.1 / len(batch) * (images[batch].T @ probabilities)
            bias -= 0.1 / len(batch) * probabilities.sum(axis=0)
    validation = dataset.validation_images.astype(np.float32) * np.float32(dataset.pixel_scale)
    return float(np.mean((validation @ weight + bias).argmax(axis=1) == dataset.validation_labels))


def test_the_same_seed_gives_the_same_bytes_on_every_machine(finished: Finished) -> None:
    first = drawn(finished, 3000, 1000)
    assert first.checksum == drawn(finished, 3000, 1000).checksum == "a27ba738b156257d06e6b15b20fc8738"
    assert first.checksum != drawn(finished, 3000, 1000, seed=1).checksum


def test_a_smaller_dataset_is_the_beginning_of_a_larger(finished: Finished) -> None:
    small, large = drawn(finished, 1500, 10), drawn(finished, 2500, 1200)
    assert np.array_equal(small.train_images, large.train_images[:1500])
    assert np.array_equal(small.train_labels, large.train_labels[:1500])
    assert np.array_equal(small.validation_images, large.validation_images[:10])


def test_no_validation_image_is_a_training_image(finished: Finished) -> None:
    dataset = drawn(finished, 2000, 2000)
    training = {image.tobytes() for image in dataset.train_images}
    assert len(training) == 2000
    assert not training & {image.tobytes() for image in dataset.validation_images}


def test_the_dataset_is_shaped_like_fashion_mnist_and_balanced(finished: Finished) -> None:
    dataset = drawn(finished, 3000, 1000)
    assert dataset.train_images.shape == (3000, 784)
    assert dataset.train_images.dtype == np.uint8
    assert dataset.image_shape == (28, 28)
    assert np.bincount(dataset.train_labels).tolist() == [300] * 10
    assert dataset.label_names[9] == "ankle boot"
    assert not np.array_equal(dataset.train_labels[:1000], np.sort(dataset.train_labels[:1000]))


def test_progress_counts_the_images_up_to_all_of_them(finished: Finished) -> None:
    steps, _ = finished(draw(2500, 10, 0, Knobs()))
    assert [step.done for step in steps] == [0, 1000, 2000, 2500, 2510]
    assert steps[-1] == Progress("drawing", "silhouettes", 2510, 2510, "images")


def test_softmax_regression_ends_between_80_and_92_percent(finished: Finished) -> None:
    assert 0.80 < accuracy_of_softmax_regression(drawn(finished, 8000, 2000)) < 0.92


def test_every_knob_makes_it_harder_and_without_them_it_is_easy(finished: Finished) -> None:
    def accuracy(noise: float, jitter: float, occlusion: float) -> float:
        return accuracy_of_softmax_regression(drawn(finished, 2000, 1000, knobs=Knobs(noise, jitter, occlusion)))

    usual = accuracy(0.35, 0.7, 0.3)
    assert accuracy(0, 0, 0) == 1.0
    assert accuracy(1, 0.7, 0.3) < usual - 0.03
    assert accuracy(0.35, 1, 0.3) < usual - 0.05
    assert accuracy(0.35, 0.7, 1) < usual - 0.05
