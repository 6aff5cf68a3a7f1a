"""A store in a folder of its own, and a small run to put there."""

import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo, EpochDone
from engine.contract.history import LossCell
from engine.store.runs import RunStore
from engine.store.safetensors_file import Checkpoint, TensorBytes

CONFIG = TrainConfig(epochs=6, batch_size=4, loss="from-logits", device="cpu", dataset="tiny")
DATASET = DatasetInfo(
    name="tiny",
    train_size=26,  # seven minibatches an epoch, the last one short
    validation_size=5,
    num_features=4,
    num_classes=2,
    image_height=2,
    image_width=2,
    label_names=("a", "b\n[/red]"),
    checksum="0",
)
PER_EPOCH = 7


def checkpoint_at(position: int, *, evaluated: bool = True) -> Checkpoint:
    """A checkpoint whose bytes tell its position. Where an epoch ends it is after the evaluation, or before."""
    epochs_done, minibatch = divmod(position, PER_EPOCH)
    if minibatch == 0 and not evaluated:
        epochs_done, minibatch = epochs_done - 1, PER_EPOCH
    data = struct.pack("<2d", position, epochs_done)
    return Checkpoint(
        epochs_done=epochs_done,
        minibatch=minibatch,
        position=position,
        tensors={"weight": TensorBytes(dtype="float64", shape=(1, 2), data=data)},
        numbers={"seconds": position / 3},
    )


def epoch_done(epoch: int, loss: float = 0.5) -> EpochDone:
    return EpochDone(
        epoch=epoch,
        train_loss=loss,
        train_accuracy=0.5,
        validation_loss=loss * 2,
        validation_accuracy=0.25,
        seconds=0.125,
        learning_rate=0.1,
    )


def cell(index: int, count: int = 1) -> LossCell:
    return LossCell(index=index, count=count, non_finite=0, total=count * 0.5, low=0.5, high=0.5, last=0.5)


@dataclass
class Standing:
    """What is trained here: a position that moves."""

    position: int = 0
    evaluated: bool = True

    def checkpoint(self) -> Checkpoint:
        return checkpoint_at(self.position, evaluated=self.evaluated)


def new_run(store: RunStore, config: TrainConfig = CONFIG, width: int = 1) -> str:
    return store.create(config, "cpu", DATASET, PER_EPOCH, width)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> Iterator[RunStore]:
    with closing(RunStore.open(folder)) as opened:
        yield opened
