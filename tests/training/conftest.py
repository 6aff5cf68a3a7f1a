"""Small data that learns, and the real archives where they are."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.dataset import Dataset, assemble
from engine.data.load import check
from engine.training.resident import ResidentData

REAL_DATA = Path(__file__).parents[2].parent / "shared" / "data"


def small(train: int = 1000, validation: int = 300, classes: int = 4, side: int = 6) -> Dataset:
    """Noisy pictures, a different mean brightness per pixel and class."""
    random = np.random.default_rng(0)
    means = random.integers(40, 200, (classes, side * side))

    def split(size: int) -> tuple[np.ndarray, np.ndarray]:
        labels = random.integers(0, classes, size)
        noise = random.normal(0, 60, (size, side * side))
        return np.clip(means[labels] + noise, 0, 255).astype(np.uint8).reshape(-1, side, side), labels

    return assemble("small", split(train), split(validation), tuple("abcdefgh"[:classes]))


@pytest.fixture(scope="session")
def small_dataset() -> Dataset:
    return small()


@pytest.fixture(scope="session")
def small_data(small_dataset: Dataset) -> ResidentData:
    return ResidentData.of(small_dataset, torch.device("cpu"))


@pytest.fixture(scope="session")
def fashion_mnist() -> Dataset:
    if not (REAL_DATA / "FashionMNIST").is_dir():
        pytest.skip("the real Fashion-MNIST archives are not beside this checkout")
    return check("fashion-mnist", REAL_DATA)[0]
