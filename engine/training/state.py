"""Everything that a run is at one moment. Who holds it can stop, save, resume or step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.numerics.model import SoftmaxRegression
from engine.store.safetensors_file import Checkpoint, TensorBytes
from engine.training.randomness import generator
from engine.training.resident import ResidentData

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


def sgd(
    state: TrainingState,
    weight_gradient: Tensor,
    bias_gradient: Tensor,
    config: TrainConfig,
    learning_rate: float,
) -> None:
    """One step, in place, with the gradients (classes, features) and (classes,) of the minibatch's mean loss.

    Weight decay and L1 pull on the weight and spare the bias, as in *Dive into Deep Learning* 3.7. Momentum keeps
    `velocity = momentum · velocity + gradient` and steps along the velocity (12.6, and torch's SGD).
    """
    if config.weight_decay:
        weight_gradient = weight_gradient.add(state.weight, alpha=config.weight_decay)
    if config.l1:
        weight_gradient = weight_gradient.add(state.weight.sign(), alpha=config.l1)
    if state.weight_velocity is not None and state.bias_velocity is not None:
        weight_gradient = state.weight_velocity.mul_(config.momentum).add_(weight_gradient)
        bias_gradient = state.bias_velocity.mul_(config.momentum).add_(bias_gradient)
    state.weight.sub_(weight_gradient, alpha=learning_rate)
    state.bias.sub_(bias_gradient, alpha=learning_rate)


def is_plain(config: TrainConfig) -> bool:
    """Whether the step is the gradient times the learning rate and nothing else."""
    return not (config.momentum or config.weight_decay or config.l1)


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
