"""Gathering the minibatches of several seeds side by side, each in its own order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.training.randomness import epoch_order
from engine.training.resident import ResidentData

_GATHERED = 512  # images of all seeds; more would leave the processor's cache, fewer cost more calls than they save


@dataclass(frozen=True)
class Source:
    """What one seed trains on."""

    data: ResidentData
    seed: int


class _Views(NamedTuple):
    """The buffers cut into minibatches, once and for all: a view costs as much as a product of one image."""

    images: tuple[Tensor, ...]
    columns: tuple[Tensor, ...]
    targets: Tensor


@dataclass(frozen=True)
class GroupChunk:
    """Consecutive minibatches of one size, the first of which is number `first` of the epoch.

    Each of `images` is (seeds, batch, width), not yet scaled; after the features of an image stands the constant that
    is 1 once scaled, which the bias is the weight of. `columns` has them as (seeds, width, batch). `targets` are the
    labels, (minibatches, seeds * rates, 1, batch).
    """

    first: int
    batch_size: int
    images: tuple[Tensor, ...]
    columns: tuple[Tensor, ...]
    targets: Tensor

    @property
    def end(self) -> int:
        return self.first + len(self.images)


class GroupChunks:
    """The chunks of an epoch. Where one begins and ends depends on the batch size and the position alone.

    A seed without a source, all of whose models have ended, sees blank images: the shapes stay what they were.
    """

    def __init__(
        self, sources: Sequence[Source | None], rates: int, batch_size: int, width: int, dtype: torch.dtype
    ) -> None:
        self._sources = sources
        data = next(source.data for source in sources if source is not None)
        self._rates = rates
        self._size = len(data.train_labels)
        self._batch_size = min(batch_size, self._size)
        self.most = max(1, _GATHERED // (len(sources) * self._batch_size))
        rows = min(self.most * self._batch_size, self._size)
        self._gathered = data.train_images.new_zeros(len(sources), rows, data.num_features)
        self._converted = torch.zeros(len(sources), rows, width, dtype=dtype, device=data.device)
        self._converted[..., data.num_features] = 1 / data.pixel_scale
        self._targets = torch.zeros(self.most * len(sources) * rates * self._batch_size, dtype=torch.int64)
        self._targets = self._targets.to(data.device)
        self._views: dict[tuple[int, int], _Views] = {}
        self._epoch = -1
        self._orders = torch.zeros(len(sources), self._size, dtype=torch.int64, device=data.device)
        self._labels = torch.zeros_like(self._orders)
        self._current: GroupChunk | None = None

    def at(self, epoch: int, minibatch: int) -> GroupChunk:
        """The chunk that holds a minibatch; the one before it is overwritten."""
        if epoch != self._epoch:
            self._begin(epoch)
        here = self._current
        if here is None or not here.first <= minibatch < here.end:
            self._current = here = self._gather(minibatch)
        return here

    def images_at(self, seed: int, epoch: int, minibatch: int) -> Tensor:
        """The numbers (batch,) in the training set of a minibatch's images; `seed` counts the sources."""
        self.at(epoch, minibatch)
        return self._orders[seed, minibatch * self._batch_size : (minibatch + 1) * self._batch_size]

    def _begin(self, epoch: int) -> None:
        for index, source in enumerate(self._sources):
            if source is not None:
                self._orders[index].copy_(epoch_order(source.seed, epoch, self._size))
                torch.index_select(source.data.train_labels, 0, self._orders[index], out=self._labels[index])
        self._epoch, self._current = epoch, None

    def _gather(self, minibatch: int) -> GroupChunk:
        size, whole = self._batch_size, self._size // self._batch_size
        if minibatch < whole:
            first = minibatch - minibatch % self.most
            count = min(self.most, whole - first)
        else:  # the last, short minibatch is a chunk of its own
            first, count, size = whole, 1, self._size - whole * self._batch_size
        start, rows = first * self._batch_size, count * size
        for index, source in enumerate(self._sources):
            if source is not None:
                order = self._orders[index, start : start + rows]
                torch.index_select(source.data.train_images, 0, order, out=self._gathered[index, :rows])
        self._converted[:, :rows, : self._gathered.shape[2]].copy_(self._gathered[:, :rows])
        views = self._views.get((count, size))
        if views is None:
            self._views[count, size] = views = self._cut(count, size)
        labels_ns1b = self._labels[:, start : start + rows].view(len(self._sources), count, 1, size).transpose(0, 1)
        views.targets.view(count, len(self._sources), self._rates, size).copy_(labels_ns1b)
        return GroupChunk(first, size, *views)

    def _cut(self, count: int, size: int) -> _Views:
        images = self._converted[:, : count * size].view(len(self._sources), count, size, -1)
        models = len(self._sources) * self._rates
        targets = self._targets[: count * models * size].view(count, models, 1, size)
        return _Views(images.unbind(1), images.transpose(2, 3).unbind(1), targets)
