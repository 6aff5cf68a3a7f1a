"""One softmax over words that several processes hold: what each says of its own rows, and how that is put together.

Every rank holds the rows `[first, first + rows)` of the weight. The maximum, the partition and the target logit are
reduced over all ranks, numbers of shape `(batch,)`; no rank ever holds a full row of logits. With one rank nothing is
exchanged, and the same code is the softmax of one process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Exchange(Protocol):
    """How a tensor is reduced over all ranks, in place."""

    def maximum(self, values: Tensor) -> Tensor:
        """The largest of each entry."""
        ...

    def sum(self, values: Tensor) -> Tensor:
        """The sum of each entry."""
        ...


class OneProcess:
    """One process: there is nobody to exchange with."""

    def maximum(self, values: Tensor) -> Tensor:
        """As they are."""
        return values

    def sum(self, values: Tensor) -> Tensor:
        """As they are."""
        return values


@dataclass(frozen=True)
class Shard:
    """The rows of the weight that this process holds, and how it reaches the others."""

    first: int = 0
    exchange: Exchange = OneProcess()  # noqa: RUF009 - it has no state

    def local(self, targets_b: Tensor) -> Tensor:
        """The targets as rows of this shard, `(batch,)`; those of other ranks lie outside of it."""
        return targets_b - self.first

    def reduced(self, maximum_b: Tensor, partition_b: Tensor, target_b: Tensor) -> tuple[Tensor, Tensor]:
        """Log-partition and target logit over all ranks, `(batch,)` each.

        `partition_b` is Σ exp(logit − maximum) over this rank's rows; `target_b` is 0 where the target is another's.
        """
        common_b = self.exchange.maximum(maximum_b.clone())
        total_b = self.exchange.sum(partition_b * (maximum_b - common_b).exp())
        return common_b + total_b.log(), self.exchange.sum(target_b.clone())


def accumulating(dtype: torch.dtype) -> torch.dtype:
    """Sums over a vocabulary are held in float32 at least: bfloat16 would stop counting at 256."""
    return torch.promote_types(dtype, torch.float32)


def split(size: int, ranks: int, rank: int) -> range:
    """The rows of one rank: as even as can be, the first ones get the remainder."""
    share, remainder = divmod(size, ranks)
    first = rank * share + min(rank, remainder)
    return range(first, first + share + (rank < remainder))
