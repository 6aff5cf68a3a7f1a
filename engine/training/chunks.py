"""Gathering the minibatches of an epoch, several small ones at a time, for one model or for several seeds at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from engine.training.randomness import epoch_order
from engine.training.resident import ResidentData

# Images: more would leave the processor's cache, fewer cost more calls than they save.
_GATHERED_FOR_ONE = 256
_GATHERED_FOR_ALL_SEEDS = 512


@dataclass(frozen=True)
class SeedSource:
    """What one seed trains on."""

    data: ResidentData
    seed: int


class _Views(NamedTuple):
    """The buffers cut into minibatches, once and for all: a view costs as much as a product of one image."""

    images: tuple[Tensor, ...]
    columns: tuple[Tensor, ...]
    targets: Tensor


@dataclass(frozen=True)
class Chunk:
    """Consecutive minibatches of one size, the first of which is number `first` of the epoch.

    For one model each of `images` is (batch, features) in the model's dtype, not yet scaled; `columns` has them as
    (features, batch). `targets` are the labels, (minibatches, 1, batch).

    For a group each of `images` is (seeds, batch, width): after the features of an image stands the constant that is 1
    once scaled, which the bias is the weight of. `columns` are (seeds, width, batch), and `targets` are
    (minibatches, seeds * rates, 1, batch).
    """

    first: int
    batch_size: int
    images: tuple[Tensor, ...]
    columns: tuple[Tensor, ...]
    targets: Tensor

    @property
    def end(self) -> int:
        """The number of the minibatch after the last."""
        return self.first + len(self.images)


class Chunks:
    """The chunks of an epoch. Where one begins and ends depends on the batch size and the position alone.

    Without a `width` they are for one model. With one they are for a group of `rates` models a seed; a seed without a
    source, all of whose models have ended, sees blank images: the shapes stay what they were.
    """

    def __init__(
        self, sources: Sequence[SeedSource | None], batch_size: int, dtype: torch.dtype, width: int = 0, rates: int = 1
    ) -> None:
        self._sources = sources
        data = next(source.data for source in sources if source is not None)
        self._rates = rates
        self._for_one = not width
        self._size = len(data.train_labels)
        self._batch_size = min(batch_size, self._size)
        gathered = _GATHERED_FOR_ONE if self._for_one else _GATHERED_FOR_ALL_SEEDS
        self.most = max(1, gathered // (len(sources) * self._batch_size))
        rows = min(self.most * self._batch_size, self._size)
        self._gathered = data.train_images.new_zeros(len(sources), rows, data.num_features)
        if self._for_one and self._gathered.dtype == dtype:
            self._converted = self._gathered
        else:
            self._converted = self._gathered.new_zeros(len(sources), rows, width or data.num_features, dtype=dtype)
            self._converted[..., data.num_features : data.num_features + 1] = 1 / data.pixel_scale
        self._targets = torch.zeros(len(sources) * rates * rows, dtype=torch.int64, device=data.device)
        self._views: dict[tuple[int, int], _Views] = {}
        self._epoch = -1
        self._orders = torch.zeros(len(sources), self._size, dtype=torch.int64, device=data.device)
        self._labels = torch.zeros_like(self._orders)
        self._current: Chunk | None = None

    def at(self, epoch: int, minibatch: int) -> Chunk:
        """The chunk that holds a minibatch; the one before it is overwritten."""
        if epoch != self._epoch:
            self._begin(epoch)
        here = self._current
        if here is None or not here.first <= minibatch < here.end:
            self._current = here = self._gather(minibatch)
        return here

    def images_at(self, place: int, epoch: int, minibatch: int) -> Tensor:
        """The numbers (batch,) in the training set of the images that the model of a place meets in a minibatch."""
        self.at(epoch, minibatch)
        here = slice(minibatch * self._batch_size, (minibatch + 1) * self._batch_size)
        return self._orders[place // self._rates, here]

    def _begin(self, epoch: int) -> None:
        for index, source in enumerate(self._sources):
            if source is not None:
                self._orders[index].copy_(epoch_order(source.seed, epoch, self._size))
                torch.index_select(source.data.train_labels, 0, self._orders[index], out=self._labels[index])
        self._epoch, self._current = epoch, None

    def _gather(self, minibatch: int) -> Chunk:
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
        if self._converted is not self._gathered:
            self._converted[:, :rows, : self._gathered.shape[2]].copy_(self._gathered[:, :rows])
        views = self._views.get((count, size))
        if views is None:
            self._views[count, size] = views = self._cut(count, size)
        labels_ns1b = self._labels[:, start : start + rows].view(len(self._sources), count, 1, size).transpose(0, 1)
        views.targets.view(count, len(self._sources), self._rates, size).copy_(labels_ns1b)
        return Chunk(first, size, *views)

    def _cut(self, count: int, size: int) -> _Views:
        images = self._converted[:, : count * size].view(len(self._sources), count, size, -1).transpose(0, 1)
        models = len(self._sources) * self._rates
        targets = self._targets[: count * models * size].view(count, models, 1, size)
        if self._for_one:
            images, targets = images.squeeze(1), targets.squeeze(1)
        return _Views(images.unbind(0), images.mT.unbind(0), targets)
