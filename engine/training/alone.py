"""A model trained alone: by the fast step where that computes its pair of softmax and loss, else by the book's."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from engine.contract.pairs import pair_of
from engine.training.chunks import Chunk, Chunks, SeedSource
from engine.training.evaluation import evaluate
from engine.training.minibatch import FastStep, TextbookStep
from engine.training.walk import Member, Walk


class Step(Protocol):
    """A way to take the step of one minibatch, and to tell afterwards what its losses were."""

    def __call__(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        """Takes the step of minibatch `index` of the chunk."""

    def outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]:
        """Mean loss and number of hits, (minibatches,) each, of minibatches `start` to `end` of the chunk."""


class Alone(Walk):
    """The walk of one model. Raises InputError for a pair of softmax and loss that does not exist."""

    stretch_seconds = 0.01

    def __init__(self, member: Member) -> None:
        config, data, state = member.config, member.data, member.state
        self._pair = pair_of(config)
        chunks = Chunks([SeedSource(data, config.seed)], config.batch_size, state.weight.dtype)
        super().__init__({0: member}, chunks, config.learning_rate)
        self._one = member
        self._take: Step
        if self._pair.loss == "from-logits" and self._pair.gradient == "closed-form":
            self._take = FastStep(config, data, state, chunks.most)
        else:
            self._take = TextbookStep(config, self._pair, data, state, chunks.most)

    def copy_parameters(self) -> tuple[dict[str, Tensor], int]:
        return self._one.state.copy_parameters(), self.minibatch

    def put_back(self, copy: tuple[dict[str, Tensor], int]) -> None:
        self._one.state.put_back(copy[0])
        self.minibatch = copy[1]

    def evaluate(self) -> dict[int, tuple[float, float]]:
        state, data = self._one.state, self._one.data
        images, labels = data.validation_images, data.validation_labels
        return {0: evaluate(state.weight, state.bias, images, labels, data.pixel_scale, self._config, self._pair)}

    def _step(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        self._take(chunk, index, learning_rate)

    def _outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]:
        return self._take.outcome(chunk, start, end)
