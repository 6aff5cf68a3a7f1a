"""What the steps of a group write to, and the losses that are read from it a chunk at a time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.minibatch import hits


@dataclass(frozen=True)
class Buffers:
    """Memory for the minibatches of a chunk, each of one size, and the same cut into minibatches.

    `shifted` and `rated` are (minibatches, models, classes, batch), `partition` is (minibatches, models, 1, batch).
    `rated` are the labels as one-hot columns times the learning rates. `products_of` is the memory of `shifted`, and
    `gradient` that of `exponentials`, as (seeds, rates * classes, batch).
    """

    shifted: Tensor
    partition: Tensor
    rated: Tensor
    shifted_of: tuple[Tensor, ...]
    products_of: tuple[Tensor, ...]
    partition_of: tuple[Tensor, ...]
    rated_of: tuple[Tensor, ...]
    exponentials: Tensor
    gradient: Tensor
    plain: bool  # no gradient need be multiplied with its rate: all have the common one, and no place is blank

    @classmethod
    def of(cls, like: Tensor, shape: tuple[int, int, int, int, int], plain: bool) -> Buffers:
        """`shape` is (minibatches, seeds, rates, classes, batch)."""
        minibatches, seeds, rates, classes, batch = shape
        shifted = like.new_zeros(minibatches, seeds * rates, classes, batch)
        partition = like.new_ones(minibatches, seeds * rates, 1, batch)
        rated = torch.zeros_like(shifted)
        exponentials = like.new_empty(seeds * rates, classes, batch)
        return cls(
            shifted=shifted,
            partition=partition,
            rated=rated,
            shifted_of=shifted.unbind(0),
            products_of=shifted.view(minibatches, seeds, rates * classes, batch).unbind(0),
            partition_of=partition.unbind(0),
            rated_of=rated.unbind(0),
            exponentials=exponentials,
            gradient=exponentials.view(seeds, rates * classes, batch),
            plain=plain,
        )

    def mark(self, targets: Tensor, rate: Tensor) -> None:
        """Enters the labels (minibatches, models, 1, batch) of a chunk, with the rates (models, 1, 1)."""
        self.rated.zero_()
        self.rated[: len(targets)].scatter_(2, targets, rate.expand_as(targets[0]).expand_as(targets))

    def outcome(self, targets: Tensor, start: int, end: int) -> tuple[Tensor, Tensor]:
        """Mean loss and number of hits, (minibatches, models) each, of minibatches `start` to `end` of the chunk."""
        shifted_nmcb = self.shifted[start:end]
        target_nm1b = shifted_nmcb.gather(2, targets[start:end])
        losses_nmb = self.partition[start:end].log().sub_(target_nm1b).squeeze(2)
        largest = shifted_nmcb.numel() - int(torch.count_nonzero(shifted_nmcb))
        if largest == target_nm1b.numel():  # no ties: what `hits` comes to, in half the time
            return losses_nmb.mean(2), (target_nm1b == 0).sum((2, 3)).to(losses_nmb.dtype)
        right = hits(shifted_nmcb.flatten(0, 1), target_nm1b.flatten(0, 1))
        return losses_nmb.mean(2), right.view(shifted_nmcb.shape[:2])
