"""Softmax over all words in float64, block by block: what the exact methods are held against."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.labs.vocabulary.layers import Scores
from engine.labs.vocabulary.shards import Shard

_BLOCK = 4096  # words
_POSITIONS = 128  # whose features' gradient is checked
_ROWS = 4096  # of the weight, whose gradient is checked; the targets' rows come on top


@dataclass(frozen=True)
class Reference:
    """The exact loss, and the gradients of the mean over the batch: of some positions' features, and of some rows.

    All positions and rows where they are few: checking a million words in float64 would take longer than measuring
    them. `rows_r` are rows of this rank.
    """

    loss: float
    features_gradient_pd: Tensor
    rows_r: Tensor
    weight_gradient_rd: Tensor
    bias_gradient_r: Tensor

    @classmethod
    @torch.no_grad()
    def of(cls, features_bd: Tensor, targets_b: Tensor, scores: Scores, shard: Shard) -> Reference:
        """The loss over all rows of all ranks; the gradients of this rank's rows, for the first positions."""
        features_bd = features_bd.double()
        local_b, count, positions = shard.local(targets_b), len(scores.bias_v), len(features_bd)
        log_partition_b = torch.full_like(features_bd[:, 0], -torch.inf)
        target_b = torch.zeros_like(log_partition_b)
        for first in range(0, count, _BLOCK):
            logits_bc = _logits(features_bd, scores, slice(first, first + _BLOCK))
            log_partition_b = torch.logaddexp(log_partition_b, logits_bc.logsumexp(1))
            _at_targets(target_b, logits_bc, local_b - first)
        log_partition_b, target_b = shard.reduced(log_partition_b, torch.ones_like(log_partition_b), target_b)
        few = slice(0, _POSITIONS)
        features_gradient_pd = torch.zeros_like(features_bd[few])
        for first in range(0, count, _BLOCK):
            block = slice(first, first + _BLOCK)
            difference_pc = _difference(
                _logits(features_bd[few], scores, block), log_partition_b[few], local_b[few] - first
            )
            features_gradient_pd += difference_pc @ scores.weight_vd[block].double()
        features_gradient_pd = shard.exchange.sum(features_gradient_pd) / positions
        rows_r = _rows(local_b, count)
        weight_gradient_rd = torch.empty(len(rows_r), features_bd.shape[1], dtype=torch.float64, device=rows_r.device)
        bias_gradient_r = torch.empty_like(weight_gradient_rd[:, 0])
        for first in range(0, len(rows_r), _BLOCK):
            rows = rows_r[first : first + _BLOCK]
            probabilities_bc = (_logits(features_bd, scores, rows) - log_partition_b[:, None]).exp_()
            difference_bc = (probabilities_bc - (rows == local_b[:, None]).double()) / positions
            weight_gradient_rd[first : first + _BLOCK] = difference_bc.T @ features_bd
            bias_gradient_r[first : first + _BLOCK] = difference_bc.sum(0)
        loss = (log_partition_b - target_b).mean().item()
        return cls(loss, features_gradient_pd, rows_r, weight_gradient_rd, bias_gradient_r)

    def gradient_error(self, features_bd: Tensor, weight_vd: Tensor, bias_v: Tensor) -> tuple[float, float]:
        """The largest difference of an element of these gradients to float64's, and float64's largest element."""
        pairs = (
            (features_bd[:_POSITIONS], self.features_gradient_pd),
            (weight_vd[self.rows_r], self.weight_gradient_rd),
            (bias_v[self.rows_r], self.bias_gradient_r),
        )
        error = max(_largest(found.double() - exact) for found, exact in pairs)
        return error, max(_largest(exact) for _, exact in pairs)


def _logits(features_bd: Tensor, scores: Scores, rows: slice | Tensor) -> Tensor:
    return torch.addmm(scores.bias_v[rows].double(), features_bd, scores.weight_vd[rows].double().T)


def _at_targets(target_b: Tensor, logits_bc: Tensor, column_b: Tensor) -> None:
    here_b = (column_b >= 0) & (column_b < logits_bc.shape[1])
    target_b[here_b] = logits_bc[here_b, column_b[here_b]]


def _difference(logits_pc: Tensor, log_partition_p: Tensor, column_p: Tensor) -> Tensor:
    """Softmax − one-hot within a block of words."""
    difference_pc = (logits_pc - log_partition_p[:, None]).exp_()
    here_p = (column_p >= 0) & (column_p < logits_pc.shape[1])
    difference_pc[here_p, column_p[here_p]] -= 1
    return difference_pc


def _rows(local_b: Tensor, count: int) -> Tensor:
    """Rows to check: all, or some at even distances and those of the targets."""
    if count <= _ROWS:
        return torch.arange(count, device=local_b.device)
    even_r = torch.linspace(0, count - 1, _ROWS, device=local_b.device).long()
    here_b = local_b[(local_b >= 0) & (local_b < count)]
    rows_r: Tensor = torch.unique(torch.cat([even_r, here_b]))
    return rows_r


def _largest(values: Tensor) -> float:
    return values.abs().max().item() if values.numel() else 0.0
