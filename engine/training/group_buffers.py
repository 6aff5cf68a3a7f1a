"""What the steps of a group write to, and the losses that are read from it a chunk at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.training.minibatch import Buffers, hits


class GroupBuffers(Buffers):
    """Buffers of (minibatches, models, classes, batch), and what only a group has.

    `rated` are the labels as one-hot columns times the learning rates. `products_of` is the memory of `shifted`, and
    `gradient` that of `exponentials`, as (seeds, rates * classes, batch). `plain` says that no gradient need be
    multiplied with its rate: all have the common one, and no place is blank.
    """

    def __init__(self, like: Tensor, shape: tuple[int, int, int, int, int], plain: bool) -> None:
        """`shape` is (minibatches, seeds, rates, classes, batch)."""
        minibatches, seeds, rates, classes, batch = shape
        super().__init__(like, (minibatches, seeds * rates, classes, batch))
        self.rated = torch.zeros_like(self.shifted)
        self.rated_of = self.rated.unbind(0)
        self.products_of = self.shifted.view(minibatches, seeds, rates * classes, batch).unbind(0)
        self.gradient = self.exponentials.view(seeds, rates * classes, batch)
        self.plain = plain

    def mark(self, targets: Tensor, rate: Tensor) -> None:
        """Enters the labels (minibatches, models, 1, batch) of a chunk, with the rates (models, 1, 1)."""
        self.rated.zero_()
        self.rated[: len(targets)].scatter_(2, targets, rate.expand_as(targets[0]).expand_as(targets))

    def _hits(self, shifted_ncb: Tensor, target_n1b: Tensor) -> Tensor:
        largest = shifted_ncb.numel() - int(torch.count_nonzero(shifted_ncb))
        if largest != target_n1b.numel():
            return hits(shifted_ncb, target_n1b)
        # No ties: what `hits` comes to, in half the time.
        return (target_n1b == 0).sum((-2, -1)).to(shifted_ncb.dtype)
