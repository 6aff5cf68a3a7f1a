"""Minibatch stochastic gradient descent: what a gradient does to the parameters."""

from __future__ import annotations

from torch import Tensor

from engine.contract.config import TrainConfig
from engine.training.state import TrainingState


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
