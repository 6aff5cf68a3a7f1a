"""Softmax regression from scratch (Dive into Deep Learning, 4.4.2): logits = images · weightᵀ + bias.

The suffixes name the axes: b the batch, f the features, c the classes.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.contract.pairs import YOURS, Pair
from engine.numerics import cross_entropy
from engine.numerics.softmax import IMPLEMENTATIONS
from engine.numerics.yours import each_loss_of, guarded, probabilities_of


class Gradients(NamedTuple):
    """One forward and backward pass. The gradients are those of the *mean* of `losses`."""

    losses: Tensor  # (batch,)
    weight_gradient: Tensor  # (classes, features)
    bias_gradient: Tensor  # (classes,)
    logits: Tensor  # (batch, classes)


@dataclass
class SoftmaxRegression:
    """The model's whole state: `weight (classes, features)` and `bias (classes,)`.

    Images are `(batch, features)` in the dtype of the weight, labels int64 `(batch,)`.
    """

    weight: Tensor
    bias: Tensor

    @classmethod
    def initial(
        cls,
        num_features: int,
        num_classes: int,
        sigma: float,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float32,
    ) -> SoftmaxRegression:
        """Weight ~ N(0, sigma²) and bias 0 (4.4.2), on the generator's device."""
        device = generator.device
        weight_cf = sigma * torch.randn(num_classes, num_features, generator=generator, dtype=dtype, device=device)
        return cls(weight_cf, torch.zeros(num_classes, dtype=dtype, device=device))

    def logits(self, images_bf: Tensor) -> Tensor:
        """`(batch, features)` -> `(batch, classes)`."""
        return images_bf @ self.weight.T + self.bias

    def gradients(
        self,
        images_bf: Tensor,
        labels_b: Tensor,
        pair: Pair,
        label_smoothing: float = 0.0,
        clip_epsilon: float = 1e-7,
    ) -> Gradients:
        """The losses of a minibatch and the gradients of their mean, as the pair computes them.

        Works under any grad mode, `torch.inference_mode` excepted, and leaves it as it was.
        """
        if pair.gradient == "closed-form":
            return self._closed_form(images_bf, labels_b, pair, label_smoothing)
        return self._autograd(images_bf, labels_b, pair, label_smoothing, clip_epsilon)

    @torch.no_grad()
    def _closed_form(self, images_bf: Tensor, labels_b: Tensor, pair: Pair, label_smoothing: float) -> Gradients:
        # forward
        logits_bc = self.logits(images_bf)
        probabilities_bc = IMPLEMENTATIONS[pair.softmax](logits_bc)
        losses_b = losses_of(logits_bc, labels_b, pair, label_smoothing, probabilities_bc=probabilities_bc)
        # backward: p − q for each example (4.1.2, equation 4.1.10), and the mean hands each 1/batch of it
        label_distribution_bc = cross_entropy.one_hot(labels_b, len(self.bias), label_smoothing, logits_bc.dtype)
        logits_gradient_bc = (probabilities_bc - label_distribution_bc) / len(labels_b)
        weight_gradient_cf = logits_gradient_bc.T @ images_bf
        bias_gradient_c = logits_gradient_bc.sum(0)
        return Gradients(losses_b, weight_gradient_cf, bias_gradient_c, logits_bc)

    @torch.enable_grad()
    def _autograd(
        self, images_bf: Tensor, labels_b: Tensor, pair: Pair, label_smoothing: float, clip_epsilon: float
    ) -> Gradients:
        # forward, on leaves of its own: the model's tensors stay plain
        weight_cf = self.weight.detach().requires_grad_()
        bias_c = self.bias.detach().requires_grad_()
        logits_bc = images_bf @ weight_cf.T + bias_c
        losses_b = losses_of(logits_bc, labels_b, pair, label_smoothing, clip_epsilon)
        # backward
        with guarded() if pair.source else nullcontext():  # the user's functions have a part in it
            weight_gradient_cf, bias_gradient_c = torch.autograd.grad(losses_b.mean(), (weight_cf, bias_c))
        return Gradients(losses_b.detach(), weight_gradient_cf, bias_gradient_c, logits_bc.detach())


def losses_of(
    logits_bc: Tensor,
    labels_b: Tensor,
    pair: Pair,
    label_smoothing: float = 0.0,
    clip_epsilon: float = 1e-7,
    probabilities_bc: Tensor | None = None,
) -> Tensor:
    """The loss of each example from its logits: `(batch, classes)`, int64 `(batch,)` -> `(batch,)`.

    `probabilities_bc` are those of the pair's softmax, where the caller has them already.

    Raises:
        InputError: `clip_epsilon` is too small for the dtype, or a function of the user's raised.
    """
    if pair.loss == "from-logits" and not label_smoothing:
        return cross_entropy.from_logits(logits_bc, labels_b)
    label_distribution_bc = cross_entropy.one_hot(labels_b, logits_bc.shape[1], label_smoothing, logits_bc.dtype)
    if pair.loss == "from-logits":
        return cross_entropy.from_logits(logits_bc, label_distribution_bc)
    if probabilities_bc is None:
        own = pair.softmax == YOURS
        probabilities_bc = probabilities_of(pair.source, logits_bc) if own else IMPLEMENTATIONS[pair.softmax](logits_bc)
    match pair.loss:
        case "indexing":
            return cross_entropy.indexing(probabilities_bc, labels_b)
        case "definition":
            return cross_entropy.definition(probabilities_bc, label_distribution_bc)
        case "clipped":
            return cross_entropy.clipped(probabilities_bc, label_distribution_bc, clip_epsilon)
        case "integer-labels":
            return cross_entropy.integer_labels(probabilities_bc, labels_b)
        case "yours":
            return each_loss_of(pair.source, probabilities_bc, labels_b)
    raise AssertionError(f"no loss is named {pair.loss}")
