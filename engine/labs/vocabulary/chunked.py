"""Softmax over all words: whole, and with the logits of one chunk of words at a time, forward and backward.

In chunks, the log-partition is accumulated online (Milakov and Gimelshein 2018, "Online normalizer calculation for
softmax"), and the backward pass computes each chunk's logits again instead of keeping them, as Cut Cross-Entropy does
(Wijmans et al. 2024, "Cut Your Losses in Large-Vocabulary Language Models"): one more product, for memory that no
longer grows with batch × words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.labs.vocabulary.shards import Shard, accumulating

_Gradients = tuple[Tensor, Tensor, Tensor, *tuple[None, ...]]


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


class ChunkedCrossEntropy(torch.autograd.Function):
    """The loss of `FullCrossEntropy`, with `(batch, chunk)` logits at most."""

    @staticmethod
    def forward(
        ctx: Any,
        features_bd: Tensor,
        weight_vd: Tensor,
        bias_v: Tensor,
        targets_b: Tensor,
        chunk: int,
        shard: Shard,
    ) -> Tensor:
        """The mean loss over the batch; saves the log-partition, not the logits."""
        log_partition_b, target_b = log_partition_and_target(features_bd, weight_vd, bias_v, targets_b, chunk, shard)
        ctx.chunk, ctx.shard = chunk, shard
        ctx.save_for_backward(features_bd, weight_vd, bias_v, log_partition_b, targets_b)
        return (log_partition_b - target_b).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> _Gradients:
        """Chunk for chunk: (softmax − one_hot) / batch, its product with the features, its product with the weight."""
        features_bd, weight_vd, bias_v, log_partition_b, targets_b = ctx.saved_tensors
        local_b, scale = ctx.shard.local(targets_b), (gradient / len(features_bd)).to(features_bd.dtype)
        scaled_bd = features_bd * scale  # so that no chunk has to be scaled
        features_gradient_bd = torch.zeros_like(features_bd, dtype=accumulating(features_bd.dtype))
        weight_gradient_vd, bias_gradient_v = torch.empty_like(weight_vd), torch.empty_like(bias_v)
        for rows, logits_bc in _chunks(features_bd, weight_vd, bias_v, ctx.chunk):
            difference_bc = logits_bc.sub_(log_partition_b[:, None]).exp_()
            here_b, column_b = _targets_within(rows, local_b)
            difference_bc[here_b, column_b] -= 1
            difference_bc = difference_bc.to(features_bd.dtype)
            torch.mm(difference_bc.T, scaled_bd, out=weight_gradient_vd[rows])
            torch.sum(difference_bc, 0, out=bias_gradient_v[rows])
            features_gradient_bd += difference_bc @ weight_vd[rows]
        features_gradient_bd = ctx.shard.exchange.sum(features_gradient_bd) * scale
        bias_gradient_v *= scale
        return features_gradient_bd.to(features_bd.dtype), weight_gradient_vd, bias_gradient_v, None, None, None


def chunked_cross_entropy(
    features_bd: Tensor,
    weight_vd: Tensor,
    bias_v: Tensor,
    targets_b: Tensor,
    chunk: int,
    shard: Shard | None = None,
) -> Tensor:
    """The mean loss, a scalar that knows its gradient."""
    loss: Tensor = ChunkedCrossEntropy.apply(features_bd, weight_vd, bias_v, targets_b, chunk, shard or Shard())
    return loss


def log_partition_and_target(
    features_bd: Tensor,
    weight_vd: Tensor,
    bias_v: Tensor,
    targets_b: Tensor,
    chunk: int,
    shard: Shard | None = None,
) -> tuple[Tensor, Tensor]:
    """log Σ exp(logits) and the target's logit, `(batch,)` each, over all ranks.

    What was summed is scaled down whenever a chunk brings a larger logit, so no exponential exceeds 1.
    """
    shard = shard or Shard()
    partition_b = features_bd.new_zeros(len(features_bd), dtype=accumulating(features_bd.dtype))
    target_b, maximum_b = torch.zeros_like(partition_b), torch.full_like(partition_b, -torch.inf)
    local_b = shard.local(targets_b)
    for rows, logits_bc in _chunks(features_bd, weight_vd, bias_v, chunk):
        here_b, column_b = _targets_within(rows, local_b)
        target_b[here_b] = logits_bc[here_b, column_b]
        before_b, maximum_b = maximum_b, torch.maximum(maximum_b, logits_bc.amax(1))
        partition_b *= (before_b - maximum_b).exp()
        partition_b += logits_bc.sub_(maximum_b[:, None]).exp_().sum(1)
    return shard.reduced(maximum_b, partition_b, target_b)


def _chunks(features_bd: Tensor, weight_vd: Tensor, bias_v: Tensor, chunk: int) -> Iterator[tuple[slice, Tensor]]:
    """Rows of the weight and their logits `(batch, chunk)`, all in the same memory: to be used up before the next."""
    batch, words = len(features_bd), len(weight_vd)
    buffer = features_bd.new_empty(batch * min(chunk, words))
    for first in range(0, words, chunk):
        rows = slice(first, min(first + chunk, words))
        logits_bc = buffer[: batch * (rows.stop - first)].view(batch, -1)
        torch.addmm(bias_v[rows], features_bd, weight_vd[rows].T, out=logits_bc)
        yield rows, logits_bc.to(accumulating(features_bd.dtype))


def _targets_within(rows: slice, local_b: Tensor) -> tuple[Tensor, Tensor]:
    """The positions whose target is one of the rows, and its column among them."""
    here_b = ((local_b >= rows.start) & (local_b < rows.stop)).nonzero().squeeze(1)
    return here_b, local_b[here_b] - rows.start
