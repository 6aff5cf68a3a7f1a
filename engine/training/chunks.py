"""Gathering the minibatches of an epoch, several small ones at a time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.randomness import epoch_order
from engine.training.resident import ResidentData

_GATHERED = 256  # images; more would leave the processor's cache, fewer would be gathered one by one


@dataclass(frozen=True)
class Chunk:
    """Consecutive minibatches of one size, the first of which is number `first` of the epoch.

    Each of `images` is (batch, features) in the model's dtype, not yet scaled; `labels` is (minibatches, batch).
    """

    epoch: int
    first: int
    images: tuple[Tensor, ...]
    labels: Tensor

    @property
    def end(self) -> int:
        return self.first + len(self.images)

    @property
    def batch_size(self) -> int:
        return self.labels.shape[1]


class Chunks:
    """The chunks of an epoch. Where one begins and ends depends on the batch size and the position alone."""

    def __init__(self, data: ResidentData, seed: int, batch_size: int, dtype: torch.dtype) -> None:
        self._data = data
        self._seed = seed
        self._batch_size = batch_size
        self.most = max(1, _GATHERED // batch_size)
        rows = self.most * batch_size
        self._gathered = data.train_images.new_empty(min(rows, len(data.train_labels)), data.num_features)
        self._converted = self._gathered if self._gathered.dtype == dtype else self._gathered.to(dtype)
        self._epoch = -1
        self._order: Tensor = torch.empty(0)
        self._labels: Tensor = torch.empty(0)
        self._current: Chunk | None = None

    def at(self, epoch: int, minibatch: int) -> Chunk:
        """The chunk that holds a minibatch; the one before it is overwritten."""
        if epoch != self._epoch:
            self._begin(epoch)
        here = self._current
        if here is None or not here.first <= minibatch < here.end:
            self._current = here = self._gather(minibatch)
        return here

    def _begin(self, epoch: int) -> None:
        order = epoch_order(self._seed, epoch, len(self._data.train_labels))
        self._order = order.to(self._data.device)
        self._labels = self._data.train_labels.index_select(0, self._order)
        self._epoch, self._current = epoch, None

    def images_at(self, epoch: int, minibatch: int) -> Tensor:
        """The numbers (batch,) in the training set of a minibatch's images."""
        self.at(epoch, minibatch)
        return self._order[minibatch * self._batch_size : (minibatch + 1) * self._batch_size]

    def _gather(self, minibatch: int) -> Chunk:
        size, whole = self._batch_size, len(self._order) // self._batch_size
        if minibatch < whole:
            first = minibatch - minibatch % self.most
            count = min(self.most, whole - first)
        else:  # the last, short minibatch is a chunk of its own
            first, count, size = whole, 1, len(self._order) - whole * self._batch_size
        start = first * self._batch_size
        order = self._order[start : start + count * size]
        gathered, converted = self._gathered[: count * size], self._converted[: count * size]
        torch.index_select(self._data.train_images, 0, order, out=gathered)
        if converted.dtype != gathered.dtype:
            converted.copy_(gathered)
        return Chunk(
            epoch=self._epoch,
            first=first,
            images=converted.view(count, size, -1).unbind(0),
            labels=self._labels[start : start + count * size].view(count, size),
        )
