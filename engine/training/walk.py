"""Walking through the minibatches of a run, a bounded stretch at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.pairs import Pair
from engine.training.chunks import Chunk, Chunks
from engine.training.minibatch import FastStep
from engine.training.resident import ResidentData
from engine.training.schedule import learning_rate_at
from engine.training.state import TrainingState
from engine.training.textbook import TextbookStep

_STRETCH_SECONDS = 0.01


class Step(Protocol):
    """A way to take the step of one minibatch, and to tell afterwards what its losses were."""

    def __call__(self, chunk: Chunk, index: int, learning_rate: float) -> None: ...

    def outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]: ...


@dataclass(frozen=True)
class Stretch:
    """Consecutive minibatches of one epoch: number `position` of the run is the first."""

    position: int
    losses: list[float]
    images: int


class Walk:
    """Takes the steps of a run on its state. Where a stretch ends changes nothing in the numbers."""

    def __init__(self, config: TrainConfig, pair: Pair, data: ResidentData, state: TrainingState) -> None:
        self._config = config
        self._state = state
        self._train_size = len(data.train_labels)
        self.chunks = Chunks(data, config.seed, min(config.batch_size, self._train_size), state.weight.dtype)
        self._step: Step
        if pair.loss == "from-logits" and pair.gradient == "closed-form":
            self._step = FastStep(config, data, state, self.chunks.most)
        else:
            self._step = TextbookStep(config, pair, data, state, self.chunks.most)

    def stretch(self, most: int | None, seconds: float = _STRETCH_SECONDS) -> Stretch:
        """At least one step; at most so many, so many seconds, and no further than the end of the epoch."""
        state = self._state
        began, position = time.perf_counter(), state.position
        most = state.minibatches_per_epoch if most is None else most
        losses: list[Tensor] = []
        hits: list[Tensor] = []
        done = 0
        while done < most and state.minibatch < state.minibatches_per_epoch:
            chunk = self.chunks.at(state.epochs_done, state.minibatch)
            start = state.minibatch - chunk.first
            end = min(len(chunk.images), start + most - done)
            index = start
            while index < end:
                self._step(chunk, index, self.learning_rate())
                index += 1
                state.minibatch += 1
                if time.perf_counter() - began > seconds:
                    break
            chunk_losses, chunk_hits = self._step.outcome(chunk, start, index)
            losses.append(chunk_losses)
            hits.append(chunk_hits)
            done += index - start
            if index < end or time.perf_counter() - began > seconds:
                break
        return self._added_up(position, torch.cat(losses).tolist(), torch.cat(hits).tolist(), began)

    def _added_up(self, position: int, losses: list[float], hits: list[float], began: float) -> Stretch:
        """Adds in the order of the minibatches, whatever the stretches."""
        state = self._state
        first = state.minibatch - len(losses)
        images = 0
        for minibatch, (loss, hit) in enumerate(zip(losses, hits, strict=True), first):
            size = min(self._config.batch_size, self._train_size - minibatch * self._config.batch_size)
            state.loss_sum += loss * size
            state.correct_sum += hit
            images += size
        state.epoch_images += images
        state.images += images
        elapsed = time.perf_counter() - began
        state.epoch_seconds += elapsed
        state.seconds += elapsed
        return Stretch(position, losses, images)

    def learning_rate(self) -> float:
        """The learning rate of the step that comes next."""
        state = self._state
        return learning_rate_at(self._config, state.epochs_done, state.minibatch / state.minibatches_per_epoch)
