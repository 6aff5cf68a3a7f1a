"""The book's numbers, on the book's images."""

import torch

from engine.contract.config import TrainConfig
from engine.contract.events import EpochDone
from engine.data.dataset import Dataset
from engine.training.loop import train
from engine.training.resident import ResidentData
from engine.training.state import TrainingState


def test_the_defaults_reach_the_books_numbers(fashion_mnist: Dataset) -> None:
    config, data = TrainConfig(), ResidentData.of(fashion_mnist, torch.device("cpu"))
    state = TrainingState.initial(config, 784, 10, 60_000, torch.device("cpu"))
    events = list(train(config, data, state, fashion_mnist.info))
    last = [event for event in events if isinstance(event, EpochDone)][-1]
    assert last.epoch == 10
    assert abs(last.train_loss - 0.447) <= 0.005
    assert 0.47 <= last.validation_loss <= 0.50
    assert last.validation_accuracy >= 0.81
