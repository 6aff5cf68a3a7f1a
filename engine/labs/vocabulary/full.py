"""Softmax over all words with all logits held from forward to backward, as the book's model does it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.labs.vocabulary.shards import Shard, accumulating

_Gradients = tuple[Tensor, Tensor, Tensor, None, None]


class FullCrossEntropy(torch.autograd.Function):
    """Mean of log Σ exp(logits) − logits[target] over the batch (section 4.1.2 of the book), a scalar.

    Features `(batch, dimension)`, weight `(words, dimension)`, bias `(words,)`, int64 targets `(batch,)`. Holds
    `(batch, words)` logits, and as many exponentials while it sums them.
    """

    @staticmethod
    def forward(
        ctx: Any, features_bd: Tensor, weight_vd: Tensor, bias_v: Tensor, targets_b: Tensor, shard: Shard
    ) -> Tensor:
        """The mean loss over the batch; saves the logits, which backward overwrites."""
        logits_bv = torch.addmm(bias_v, features_bd, weight_vd.T).to(accumulating(features_bd.dtype))
        maximum_b = logits_bv.amax(1)
        partition_b = (logits_bv - maximum_b[:, None]).exp_().sum(1)
        local_b = shard.local(targets_b)
        here_b = (local_b >= 0) & (local_b < len(bias_v))
        target_b = logits_bv.gather(1, local_b.where(here_b, 0)[:, None]).squeeze(1).where(here_b, 0.0)
        log_partition_b, target_b = shard.reduced(maximum_b, partition_b, target_b)
        ctx.shard = shard
        ctx.save_for_backward(features_bd, weight_vd, logits_bv, log_partition_b, local_b, here_b)
        return (log_partition_b - target_b).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> _Gradients:
        """d mean / d logits = (softmax − one_hot) / batch; written over the logits, which nobody needs any more."""
        features_bd, weight_vd, logits_bv, log_partition_b, local_b, here_b = ctx.saved_tensors
        difference_bv = logits_bv.sub_(log_partition_b[:, None]).exp_()
        rows_b = here_b.nonzero().squeeze(1)
        difference_bv[rows_b, local_b[rows_b]] -= 1
        difference_bv = difference_bv.mul_(gradient / len(features_bd)).to(features_bd.dtype)
        features_gradient_bd = ctx.shard.exchange.sum(difference_bv @ weight_vd)
        return features_gradient_bd, difference_bv.T @ features_bd, difference_bv.sum(0), None, None


def full_cross_entropy(
    features_bd: Tensor, weight_vd: Tensor, bias_v: Tensor, targets_b: Tensor, shard: Shard | None = None
) -> Tensor:
    """The mean loss, a scalar that knows its gradient."""
    loss: Tensor = FullCrossEntropy.apply(features_bd, weight_vd, bias_v, targets_b, shard or Shard())
    return loss
