"""A stored run's state, once it is known to be one of such a run on such data."""

from __future__ import annotations

import math

import torch

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.store.safetensors_file import Checkpoint, TensorBytes
from engine.training.resident import ResidentData
from engine.training.state import TrainingState


def restored(
    run_id: str, checkpoint: Checkpoint, config: TrainConfig, data: ResidentData, device: torch.device
) -> TrainingState:
    """The state that a checkpoint was taken of, to the bit.

    Raises:
        InputError: its tensors or numbers are not those of a run with that config on that data.
    """
    size = data.train_images.shape[0]
    expected = TrainingState.initial(config, data.num_features, data.num_classes, size, device).checkpoint()
    for name in sorted(expected.tensors.keys() | checkpoint.tensors.keys()):
        found, like = _described(checkpoint.tensors.get(name)), _described(expected.tensors.get(name))
        if found != like:
            raise InputError(f"{run_id}: found {found} as {name} in its checkpoint, expected {like}")
    for name in sorted(expected.numbers.keys() | checkpoint.numbers.keys()):
        number = checkpoint.numbers.get(name)
        if name not in expected.numbers or number is None or not _is_plain(name, number):
            raise InputError(f"{run_id}: found {number} as {name} in its checkpoint, expected a number of a run")
    per_epoch = int(expected.numbers["minibatches_per_epoch"])
    stands = checkpoint.epochs_done * per_epoch + checkpoint.minibatch
    if (checkpoint.numbers["minibatches_per_epoch"], checkpoint.position) != (per_epoch, stands):
        raise InputError(
            f"{run_id}: found {checkpoint.numbers['minibatches_per_epoch']:g} minibatches an epoch and position "
            f"{checkpoint.position} in its checkpoint, expected {per_epoch} and {stands}"
        )
    return TrainingState.restored(checkpoint, device)


def _described(tensor: TensorBytes | None) -> str:
    if tensor is None:
        return "nothing"
    return f"{' × '.join(map(str, tensor.shape)) or 'one number'} of {tensor.dtype}"


def _is_plain(name: str, number: float) -> bool:
    """Sums of losses may be infinite or nan; what is counted, and time, may not."""
    counted = name in ("minibatches_per_epoch", "epoch_images", "epochs_without_better", "images")
    if counted or name in ("epoch_seconds", "seconds"):
        return math.isfinite(number) and 0 <= number < 2**53
    return True
