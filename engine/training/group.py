"""Several models trained in one product: seeds times learning rates, all else equal.

The weights of all are one tensor (seeds, rates * classes, features). The models of a seed see the same images, so that
they share one gather and one product; the seeds share a batched one. Conventions are those of `minibatch.FastStep`:
logits (…, classes, batch), the pixels' scale in the factor of a product, losses once a chunk. The learning rate of each
model is folded into its gradient with respect to the logits, `rate · (p − y)`, so that one product takes every step.

A product of 60 rows rounds otherwise than one of 10, and so does the folded rate: a model trained here differs from the
same one trained alone in the last bits. The same group repeats to the bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo
from engine.training.group_chunks import GroupChunk, GroupChunks, Source
from engine.training.group_evaluation import evaluate_group
from engine.training.minibatch import hits
from engine.training.resident import ResidentData
from engine.training.schedule import learning_rate_at
from engine.training.state import TrainingState

_STRETCH_SECONDS = 0.02  # a stretch is an event for each of the models, and those cost time as well


@dataclass(frozen=True)
class Member:
    """One model of a group. Its state's parameters become views of the group's."""

    config: TrainConfig
    data: ResidentData
    info: DatasetInfo
    state: TrainingState


@dataclass(frozen=True)
class GroupStretch:
    """Consecutive minibatches of one epoch, number `position` of the run the first; per place its losses and hits.

    `finite` says whether all the losses are.
    """

    position: int
    count: int
    losses: list[list[float]]
    hits: list[list[float]]
    finite: bool
    seconds: float


class _Buffers(NamedTuple):
    """What the steps of a chunk leave behind.

    `shifted` is (minibatches, models, classes, batch), `partition` (minibatches, models, 1, batch).
    """

    shifted: Tensor
    partition: Tensor
    shifted_of: tuple[Tensor, ...]
    products_of: tuple[Tensor, ...]  # the same memory as (seeds, rates * classes, batch)
    partition_of: tuple[Tensor, ...]
    exponentials: Tensor
    gradient: Tensor  # the same memory as (seeds, rates * classes, batch)
    minus_rates: Tensor


class Group:
    """Takes the steps of all its models. Where a stretch ends changes nothing in the numbers.

    `places` are seed by seed, with the same rates for each; a place of `None` is that of a model that has ended, and is
    kept blank: the shapes decide the last bits. `members` are those still in training, by their place.
    """

    def __init__(self, places: Sequence[Member | None], seeds: int) -> None:
        self.members = {place: member for place, member in enumerate(places) if member is not None}
        first = next(iter(self.members.values()))
        state, like = first.state, first.state.weight
        classes, features = like.shape
        self._rates = len(places) // seeds
        self._weight = like.new_zeros(seeds, self._rates * classes, features)
        self._bias = like.new_zeros(seeds, self._rates * classes)
        self._bias_column = self._bias.unsqueeze(2)
        self._rate = like.new_zeros(len(places), 1, 1)
        self._shape = (len(places), classes, features)
        for place, member in self.members.items():
            self._adopt(place, member)
        self._scale = first.data.pixel_scale
        self._unit_rate = replace(first.config, learning_rate=1.0)
        self.epochs_done, self.minibatch = state.epochs_done, state.minibatch
        self.minibatches_per_epoch = state.minibatches_per_epoch
        self._sources = self._sources_of(places)
        self.chunks = GroupChunks(self._sources, self._rates, first.config.batch_size, like.dtype)
        self._train_size = len(first.data.train_labels)
        self._buffers: dict[int, _Buffers] = {}

    def _adopt(self, place: int, member: Member) -> None:
        state = member.state
        weight, bias = self._weight.view(self._shape)[place], self._bias.view(self._shape[:2])[place]
        weight.copy_(state.weight)
        bias.copy_(state.bias)
        state.weight, state.bias = weight, bias
        self._rate[place] = member.config.learning_rate

    def _sources_of(self, places: Sequence[Member | None]) -> list[Source | None]:
        rows = [places[start : start + self._rates] for start in range(0, len(places), self._rates)]
        return [next((Source(m.data, m.config.seed) for m in row if m), None) for row in rows]

    @property
    def position(self) -> int:
        """Minibatches done in the whole run."""
        return self.epochs_done * self.minibatches_per_epoch + self.minibatch

    def seed_of(self, place: int) -> int:
        """Which of the seeds, counted from 0, a place belongs to."""
        return place // self._rates

    def retire(self, place: int) -> Member:
        """Takes a model out, its parameters as they are; its place is blank from here on."""
        member = self.members.pop(place)
        state = member.state
        state.weight, state.bias = state.weight.clone(), state.bias.clone()
        for tensor in (self._weight.view(self._shape), self._bias.view(self._shape[:2]), self._rate):
            tensor[place].zero_()
        self._buffers.clear()  # they hold the rates
        return member

    def copy_parameters(self) -> tuple[Tensor, Tensor, int]:
        """All that `stretch` changes, for `put_back`."""
        return self._weight.clone(), self._bias.clone(), self.minibatch

    def put_back(self, copies: tuple[Tensor, Tensor, int]) -> None:
        self._weight.copy_(copies[0])
        self._bias.copy_(copies[1])
        self.minibatch = copies[2]

    def stretch(self, most: int, seconds: float = _STRETCH_SECONDS) -> GroupStretch:
        """At least one step; at most so many, so many seconds, and no further than the end of the epoch.

        The models' sums are left to `add_up`: a stretch in which a loss is not finite is taken back.
        """
        began, position = time.perf_counter(), self.position
        losses: list[Tensor] = []
        found: list[Tensor] = []
        done = 0
        while done < most and self.minibatch < self.minibatches_per_epoch:
            chunk = self.chunks.at(self.epochs_done, self.minibatch)
            start = self.minibatch - chunk.first
            end = min(len(chunk.images), start + most - done)
            index = start
            buffers = self._buffers_for(chunk.images[0].shape[1])
            while index < end:
                self._step(chunk, buffers, index, self.rate_factor())
                index += 1
                self.minibatch += 1
                if time.perf_counter() - began > seconds:
                    break
            chunk_losses, chunk_hits = _outcome(chunk, buffers, start, index)
            losses.append(chunk_losses)
            found.append(chunk_hits)
            done += index - start
            if index < end or time.perf_counter() - began > seconds:
                break
        all_losses = torch.cat(losses)
        loss_lists, hit_lists = all_losses.t().tolist(), torch.cat(found).t().tolist()
        finite = bool(all_losses.isfinite().all())
        return GroupStretch(position, done, loss_lists, hit_lists, finite, time.perf_counter() - began)

    def broken_at(self, stretch: GroupStretch) -> int | None:
        """The first minibatch of a stretch, counted from its start, in which a model's loss is not finite."""
        if stretch.finite:
            return None
        return next(
            (
                index
                for index in range(stretch.count)
                if not all(math.isfinite(stretch.losses[place][index]) for place in self.members)
            ),
            None,
        )

    def add_up(self, stretch: GroupStretch) -> int:
        """Adds a stretch to the models' sums, in the order of the minibatches; returns the images of each model."""
        first = self.minibatch - stretch.count
        batch = self._unit_rate.batch_size
        sizes = [min(batch, self._train_size - number * batch) for number in range(first, self.minibatch)]
        images = sum(sizes)
        for place, member in self.members.items():
            state = member.state
            loss_sum, correct_sum = state.loss_sum, state.correct_sum
            for loss, hit, size in zip(stretch.losses[place], stretch.hits[place], sizes, strict=True):
                loss_sum += loss * size
                correct_sum += hit
            state.loss_sum, state.correct_sum = loss_sum, correct_sum
            state.epoch_images += images
            state.images += images
            state.minibatch = self.minibatch
            self.charge(state, stretch.seconds)
        return images

    def charge(self, state: TrainingState, seconds: float) -> None:
        """A model's share of the group's time."""
        state.epoch_seconds += seconds / len(self.members)
        state.seconds += seconds / len(self.members)

    def next_epoch(self) -> None:
        """Moves on, once the models' states have been."""
        self.epochs_done, self.minibatch = self.epochs_done + 1, 0

    def rate_factor(self) -> float:
        """What the schedule multiplies each model's learning rate with at the step that comes next."""
        return learning_rate_at(self._unit_rate, self.epochs_done, self.minibatch / self.minibatches_per_epoch)

    def evaluate(self) -> dict[int, tuple[float, float]]:
        """Mean loss and accuracy of the models over the validation set, by place."""
        figures = evaluate_group(self._weight, self._bias, self._sources, self._rates, self._scale)
        return {place: figures[place] for place in self.members}

    def _step(self, chunk: GroupChunk, buffers: _Buffers, index: int, factor: float) -> None:
        images_sbf = chunk.images[index]
        batch = images_sbf.shape[1]
        logits_mcb, partition_m1b = buffers.shifted_of[index], buffers.partition_of[index]
        torch.baddbmm(
            self._bias_column, self._weight, chunk.columns[index], alpha=self._scale, out=buffers.products_of[index]
        )
        logits_mcb.sub_(logits_mcb.amax(1, keepdim=True))
        exponentials_mcb = torch.exp(logits_mcb, out=buffers.exponentials)
        torch.sum(exponentials_mcb, 1, keepdim=True, out=partition_m1b)
        exponentials_mcb.mul_(torch.div(self._rate, partition_m1b))
        exponentials_mcb.scatter_add_(1, chunk.targets[index], buffers.minus_rates)  # rate · (p − y)
        self._weight.baddbmm_(buffers.gradient, images_sbf, alpha=-factor * self._scale / batch)
        self._bias.sub_(buffers.gradient.sum(2), alpha=factor / batch)

    def _buffers_for(self, batch: int) -> _Buffers:
        found = self._buffers.get(batch)
        if found is None:
            models, classes, _ = self._shape
            seeds, rows = self._bias.shape
            shifted = self._weight.new_zeros(self.chunks.most, models, classes, batch)
            partition = self._weight.new_ones(self.chunks.most, models, 1, batch)
            exponentials = self._weight.new_empty(models, classes, batch)
            self._buffers[batch] = found = _Buffers(
                shifted=shifted,
                partition=partition,
                shifted_of=shifted.unbind(0),
                products_of=shifted.view(-1, seeds, rows, batch).unbind(0),
                partition_of=partition.unbind(0),
                exponentials=exponentials,
                gradient=exponentials.view(seeds, rows, batch),
                minus_rates=(-self._rate).expand(models, 1, batch).contiguous(),
            )
        return found


def _outcome(chunk: GroupChunk, buffers: _Buffers, start: int, end: int) -> tuple[Tensor, Tensor]:
    """Mean loss and number of hits, (minibatches, models) each, of minibatches `start` to `end` of the chunk."""
    shifted_nmcb = buffers.shifted[start:end]
    target_nm1b = shifted_nmcb.gather(2, chunk.all_targets[start:end])
    losses_nmb = buffers.partition[start:end].log().sub_(target_nm1b).squeeze(2)
    largest = shifted_nmcb.numel() - int(torch.count_nonzero(shifted_nmcb))
    if largest == target_nm1b.numel():  # no ties: what `hits` comes to, in half the time
        return losses_nmb.mean(2), (target_nm1b == 0).sum((2, 3)).to(losses_nmb.dtype)
    right = hits(shifted_nmcb.flatten(0, 1), target_nm1b.flatten(0, 1))
    return losses_nmb.mean(2), right.view(shifted_nmcb.shape[:2])
