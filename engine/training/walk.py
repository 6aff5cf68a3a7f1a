"""Walking through the minibatches of an epoch, a bounded stretch at a time, with one model or with several."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo
from engine.training.chunks import Chunk, Chunks
from engine.training.resident import ResidentData
from engine.training.state import TrainingState


def rate_factor(config: TrainConfig, epochs_done: int, fraction: float) -> float:
    """What the learning rate is multiplied with after `epochs_done` whole epochs and a `fraction` of the next.

    It is 1 for a constant rate; or a factor more every so many epochs; or it falls along half a cosine from the start
    of the run to its end (Loshchilov and Hutter 2017, without restarts; *Dive into Deep Learning* 12.11).
    """
    if config.schedule == "step":
        return config.schedule_factor ** (epochs_done // config.schedule_epochs)
    if config.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (epochs_done + fraction) / config.epochs))
    return 1.0


@dataclass(frozen=True)
class Member:
    """One model in training. In a group its state's parameters become views of the group's."""

    config: TrainConfig
    data: ResidentData
    info: DatasetInfo
    state: TrainingState


@dataclass(frozen=True)
class Stretch:
    """Consecutive minibatches of one epoch, number `position` of the run the first; per place its losses and hits.

    `finite` says whether all the losses are.
    """

    position: int
    count: int
    losses: list[list[float]]
    hits: list[list[float]]
    finite: bool
    seconds: float

    def breaks(self, place: int, index: int) -> bool:
        """Whether the loss of a model is not finite in minibatch `index` of the stretch."""
        return not math.isfinite(self.losses[place][index])


class Walk(ABC):
    """Takes the steps of its models. Where a stretch ends changes nothing in the numbers.

    `members` are the models still in training, by their place. Their settings differ in seed and learning rate alone;
    `common_rate` is the factor of the learning rate that all steps have.
    """

    stretch_seconds: float

    def __init__(self, members: Mapping[int, Member], chunks: Chunks, common_rate: float) -> None:
        self.members = dict(members)
        self.chunks = chunks
        first = next(iter(self.members.values()))
        self._common_rate = common_rate
        self._config = first.config
        self._train_size = len(first.data.train_labels)
        self.epochs_done, self.minibatch = first.state.epochs_done, first.state.minibatch
        self.minibatches_per_epoch = first.state.minibatches_per_epoch

    @property
    def position(self) -> int:
        """Minibatches done in the whole run."""
        return self.epochs_done * self.minibatches_per_epoch + self.minibatch

    def stretch(self, most: int, seconds: float | None = None) -> Stretch:
        """At least one step; at most so many, so many seconds, and no further than the end of the epoch.

        The models' sums are left to `add_up`: a stretch in which a loss is not finite is taken back.
        """
        seconds = self.stretch_seconds if seconds is None else seconds
        began, position = time.perf_counter(), self.position
        losses: list[Tensor] = []
        hits: list[Tensor] = []
        done = 0
        while done < most and self.minibatch < self.minibatches_per_epoch:
            chunk = self.chunks.at(self.epochs_done, self.minibatch)
            start = self.minibatch - chunk.first
            end = min(len(chunk.images), start + most - done)
            index = start
            while index < end:
                self._step(chunk, index, self.rate_factor() * self._common_rate)
                index += 1
                self.minibatch += 1
                if time.perf_counter() - began > seconds:
                    break
            chunk_losses, chunk_hits = self._outcome(chunk, start, index)
            losses.append(chunk_losses)
            hits.append(chunk_hits)
            done += index - start
            if index < end or time.perf_counter() - began > seconds:
                break
        all_losses = torch.cat(losses).view(done, -1)
        loss_lists, hit_lists = all_losses.t().tolist(), torch.cat(hits).view(done, -1).t().tolist()
        finite = bool(all_losses.isfinite().all())
        return Stretch(position, done, loss_lists, hit_lists, finite, time.perf_counter() - began)

    def broken_at(self, stretch: Stretch) -> int | None:
        """The first minibatch of a stretch, counted from its start, whose loss stops a model: it is not finite."""
        if stretch.finite or not self._config.stop_on_nan:
            return None
        indices = range(stretch.count)
        return next((index for index in indices if any(stretch.breaks(place, index) for place in self.members)), None)

    def add_up(self, stretch: Stretch) -> int:
        """Adds a stretch to the models' sums, in the order of the minibatches; returns the images of each model."""
        batch = self._config.batch_size
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
        return images

    def charge(self, seconds: float) -> None:
        """Gives each model its share of the time that all took together."""
        share = seconds / len(self.members)
        for member in self.members.values():
            member.state.epoch_seconds += share
            member.state.seconds += share

    def next_epoch(self) -> None:
        """Moves on, once the models' states have been."""
        self.epochs_done, self.minibatch = self.epochs_done + 1, 0

    def rate_factor(self) -> float:
        """What the schedule multiplies each model's learning rate with at the step that comes next."""
        return rate_factor(self._config, self.epochs_done, self.minibatch / self.minibatches_per_epoch)

    def retire(self, place: int) -> Member:
        """Takes a model out, its parameters as they are."""
        return self.members.pop(place)

    @abstractmethod
    def copy_parameters(self) -> Any:
        """A copy of all that a step changes in the models, for `put_back`."""

    @abstractmethod
    def put_back(self, copy: Any) -> None:
        """Undoes the steps since `copy_parameters`."""

    @abstractmethod
    def evaluate(self) -> dict[int, tuple[float, float]]:
        """Mean loss and accuracy of the models over the validation set, by place."""

    @abstractmethod
    def _step(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        """Takes the step of minibatch `index` of the chunk."""

    @abstractmethod
    def _outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]:
        """Mean losses and numbers of hits, (minibatches, models) each, of minibatches `start` to `end` of the chunk."""
