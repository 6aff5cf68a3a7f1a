"""Everything that a run is at one moment. Who holds it can stop, save, resume or step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.numerics.model import SoftmaxRegression
from engine.store.safetensors_file import Checkpoint, TensorBytes
from engine.training.randomness import generator

_DTYPES = {"float32": torch.float32, "float64": torch.float64}


@dataclass
class TrainingState:
    """The state of a run between two events.

    `weight` is (classes, features), `bias` (classes,); the velocities are their like, None without momentum. The sums
    are over the images of the running epoch; `seconds` and `images` over the whole run. `longest_run` bounds how many
    minibatches go into one event, None for as many as fit in about 10 ms; it is not saved, and changes no result.
    """

    weight: Tensor
    bias: Tensor
    weight_velocity: Tensor | None
    bias_velocity: Tensor | None
    minibatches_per_epoch: int
    epochs_done: int = 0
    minibatch: int = 0
    loss_sum: float = 0.0
    correct_sum: float = 0.0
    epoch_images: int = 0
    epoch_seconds: float = 0.0
    best_validation_loss: float = math.inf
    epochs_without_better: int = 0
    seconds: float = 0.0
    images: int = 0
    longest_run: int | None = None

    @classmethod
    def initial(
        cls, config: TrainConfig, num_features: int, num_classes: int, train_size: int, device: torch.device
    ) -> TrainingState:
        """Weights drawn from N(0, sigma²), bias 0 (*Dive into Deep Learning* 4.4.2)."""
        drawn = SoftmaxRegression.initial(
            num_features, num_classes, config.sigma, generator(config.seed, "weights"), _DTYPES[config.dtype]
        )
        weight, bias = drawn.weight.to(device), drawn.bias.to(device)
        return cls(
            weight=weight,
            bias=bias,
            weight_velocity=torch.zeros_like(weight) if config.momentum else None,
            bias_velocity=torch.zeros_like(bias) if config.momentum else None,
            minibatches_per_epoch=-(-train_size // config.batch_size),
        )

    @property
    def position(self) -> int:
        """Minibatches done in the whole run."""
        return self.epochs_done * self.minibatches_per_epoch + self.minibatch

    @property
    def images_per_second(self) -> float:
        """Over the whole run; 0 before its first step."""
        return self.images / self.seconds if self.seconds else 0.0

    def end_epoch(self, validation_loss: float) -> None:
        """Moves on to the next epoch from the end of one."""
        if validation_loss < self.best_validation_loss:
            self.best_validation_loss, self.epochs_without_better = validation_loss, 0
        else:
            self.epochs_without_better += 1
        self.epochs_done += 1
        self.minibatch, self.epoch_images = 0, 0
        self.loss_sum = self.correct_sum = self.epoch_seconds = 0.0

    def checkpoint(self) -> Checkpoint:
        """The state as named bytes."""
        return Checkpoint(
            epochs_done=self.epochs_done,
            minibatch=self.minibatch,
            position=self.position,
            tensors={name: _to_bytes(tensor) for name, tensor in self._tensors().items()},
            numbers={name: float(getattr(self, name)) for name in (*_FLOATS, *_INTEGERS)},
        )

    @classmethod
    def restored(cls, checkpoint: Checkpoint, device: torch.device) -> TrainingState:
        """The state that a checkpoint was taken of, to the bit."""
        tensors = {name: _from_bytes(saved, device) for name, saved in checkpoint.tensors.items()}
        state = cls(
            weight=tensors["weight"],
            bias=tensors["bias"],
            weight_velocity=tensors.get("weight_velocity"),
            bias_velocity=tensors.get("bias_velocity"),
            epochs_done=checkpoint.epochs_done,
            minibatch=checkpoint.minibatch,
            minibatches_per_epoch=0,
        )
        for name in _FLOATS:
            setattr(state, name, checkpoint.numbers[name])
        for name in _INTEGERS:
            setattr(state, name, int(checkpoint.numbers[name]))
        return state

    def become(self, checkpoint: Checkpoint) -> None:
        """Takes on the state that a checkpoint was taken of, on this state's device: another process has trained it."""
        vars(self).update(vars(TrainingState.restored(checkpoint, self.weight.device)))

    def _tensors(self) -> dict[str, Tensor]:
        named = {
            "weight": self.weight,
            "bias": self.bias,
            "weight_velocity": self.weight_velocity,
            "bias_velocity": self.bias_velocity,
        }
        return {name: tensor for name, tensor in named.items() if tensor is not None}

    def copy_parameters(self) -> dict[str, Tensor]:
        """A copy of all that a step changes in the tensors, for `put_back`."""
        return {name: tensor.clone() for name, tensor in self._tensors().items()}

    def put_back(self, copies: dict[str, Tensor]) -> None:
        """Undoes the steps since `copy_parameters`."""
        for name, tensor in self._tensors().items():
            tensor.copy_(copies[name])


_FLOATS = ("loss_sum", "correct_sum", "epoch_seconds", "best_validation_loss", "seconds")
_INTEGERS = ("minibatches_per_epoch", "epoch_images", "epochs_without_better", "images")


def _to_bytes(tensor: Tensor) -> TensorBytes:
    here = tensor.detach().cpu().contiguous()
    return TensorBytes(
        dtype=str(here.dtype).removeprefix("torch."), shape=tuple(here.shape), data=here.numpy().tobytes()
    )


def _from_bytes(saved: TensorBytes, device: torch.device) -> Tensor:
    # A copy of its own: memory that torch allocated is aligned, and the last bits of a product depend on that.
    flat = torch.frombuffer(bytearray(saved.data), dtype=_DTYPES[saved.dtype])
    return flat.reshape(saved.shape).clone().to(device)
