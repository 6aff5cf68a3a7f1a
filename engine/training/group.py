"""Several models trained in one product: seeds times learning rates, all else equal.

The parameters of all are one tensor (seeds, rates * classes, features + 1 and some zeros), the bias the weight of a
constant input. The models of a seed see the same images, so that they share one gather and one product; the seeds share
a batched one. Conventions are those of `minibatch.FastStep`: logits (…, classes, batch), the pixels' scale in the
factor of a product, losses once a chunk. The learning rate of each model is folded into its gradient with respect to
the logits, `rate · (p − y)`, so that one product takes every step.

A product of 60 rows rounds otherwise than one of 10, and so do the folded rate and bias: a model trained here differs
from the same one trained alone in the last bits, and the same group repeats to the bit. Where training contracts, as on
Fashion-MNIST at rates up to 0.1 and from four images a minibatch on, the last bits stay the last bits. Where it does
not, at a rate of 0.3 or at single images, they grow until they show. A run alone moves as far there when its weights
are disturbed by 1e-7: its figures carry no more digits than the seeds agree on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo
from engine.training.group_buffers import Buffers
from engine.training.group_chunks import GroupChunk, GroupChunks, Source
from engine.training.group_evaluation import evaluate_group
from engine.training.resident import ResidentData
from engine.training.schedule import learning_rate_at
from engine.training.state import TrainingState

_ALIGNED = 16  # numbers; rows that begin anywhere make a product slower
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
        width = -(-(features + 1) // _ALIGNED) * _ALIGNED
        self._parameters = like.new_zeros(seeds, self._rates * classes, width)
        self._weight, self._bias = self._parameters[..., :features], self._parameters[..., features]
        # Where all have one rate it is left to the product, and the gradient need not be multiplied with it.
        self._common_rate = first.config.learning_rate if self._rates == 1 else 1.0
        self._rate = like.new_zeros(len(places), 1, 1)
        self._shape = (len(places), classes, width)
        for place, member in self.members.items():
            self._adopt(place, member)
        self._scale = first.data.pixel_scale
        self._unit_rate = replace(first.config, learning_rate=1.0)
        self.epochs_done, self.minibatch = state.epochs_done, state.minibatch
        self.minibatches_per_epoch = state.minibatches_per_epoch
        self._sources = self._sources_of(places)
        self.chunks = GroupChunks(self._sources, self._rates, first.config.batch_size, width, like.dtype)
        self._train_size = len(first.data.train_labels)
        self._buffers: dict[int, Buffers] = {}
        self._marked: GroupChunk | None = None  # the chunk whose labels the buffers hold

    def _adopt(self, place: int, member: Member) -> None:
        state = member.state
        parameters = self._parameters.view(self._shape)[place]
        features = state.weight.shape[1]
        weight, bias = parameters[:, :features], parameters[:, features]
        weight.copy_(state.weight)
        bias.copy_(state.bias)
        state.weight, state.bias = weight, bias
        self._rate[place] = member.config.learning_rate / self._common_rate

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
        state.weight, state.bias = state.weight.contiguous().clone(), state.bias.clone()
        self._parameters.view(self._shape)[place].zero_()
        self._rate[place].zero_()
        self._buffers.clear()  # they were made for the rates as they were
        self._marked = None
        return member

    def copy_parameters(self) -> tuple[Tensor, int]:
        """All that `stretch` changes, for `put_back`."""
        return self._parameters.clone(), self.minibatch

    def put_back(self, copy: tuple[Tensor, int]) -> None:
        self._parameters.copy_(copy[0])
        self.minibatch = copy[1]

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
            buffers = self._buffers_for(chunk.batch_size)
            if chunk is not self._marked:
                buffers.mark(chunk.targets, self._rate)
                self._marked = chunk
            while index < end:
                self._step(chunk, buffers, index, self.rate_factor())
                index += 1
                self.minibatch += 1
                if time.perf_counter() - began > seconds:
                    break
            chunk_losses, chunk_hits = buffers.outcome(chunk.targets, start, index)
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
        batch = self._unit_rate.batch_size
        sizes = [batch] * stretch.count
        if self.minibatch == self.minibatches_per_epoch:
            sizes[-1] = self._train_size - (self.minibatch - 1) * batch
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

    def _step(self, chunk: GroupChunk, buffers: Buffers, index: int, factor: float) -> None:
        logits_mcb, partition_m1b = buffers.shifted_of[index], buffers.partition_of[index]
        # With beta 0 what was in the buffer does not count, not even where it was nan.
        buffers.products_of[index].baddbmm_(self._parameters, chunk.columns[index], beta=0, alpha=self._scale)
        logits_mcb.sub_(logits_mcb.amax(1, keepdim=True))
        gradient_mcb = torch.exp(logits_mcb, out=buffers.exponentials)
        torch.sum(gradient_mcb, 1, keepdim=True, out=partition_m1b)
        gradient_mcb.div_(partition_m1b if buffers.plain else torch.div(partition_m1b, self._rate))
        gradient_mcb.sub_(buffers.rated_of[index])  # rate · (p − y)
        descent = -factor * self._common_rate * self._scale / chunk.batch_size
        self._parameters.baddbmm_(buffers.gradient, chunk.images[index], alpha=descent)

    def _buffers_for(self, batch: int) -> Buffers:
        found = self._buffers.get(batch)
        if found is None:
            models, classes, _ = self._shape
            plain = self._rates == 1 and len(self.members) == models
            shape = (self.chunks.most, len(self._sources), self._rates, classes, batch)
            self._buffers[batch] = found = Buffers.of(self._parameters, shape, plain)
        return found
