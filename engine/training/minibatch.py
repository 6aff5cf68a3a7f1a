"""One model: its fast step, its step as the book writes it for every other pair of softmax and loss, and its walk.

`engine.numerics.model` says the same in the book's words; a test holds the two side by side. Three things make this one
fast. Logits are (classes, batch): `weight @ imagesᵀ` takes half the time of `images @ weightᵀ`, and reductions over the
classes run along the batch. Pixels stay 0…255: the scale goes into the factor `alpha` that a product has anyway. Losses
are computed once a chunk, from the shifted logits and partitions that the steps leave behind.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.pairs import Pair, pair_of
from engine.numerics.model import SoftmaxRegression
from engine.training.chunks import Chunk, Chunks, SeedSource
from engine.training.evaluation import evaluate
from engine.training.resident import ResidentData
from engine.training.state import TrainingState, is_plain, sgd
from engine.training.walk import Member, Walk


class Buffers:
    """What the steps of a chunk leave behind, for its losses, and the same cut into minibatches.

    `shape` is (minibatches, …, classes, batch), with the models of a group in between. `shifted` has that shape,
    `partition` has one class, `exponentials` one minibatch.
    """

    def __init__(self, like: Tensor, shape: tuple[int, ...]) -> None:
        self.shifted = like.new_zeros(shape)
        self.partition = like.new_ones(*shape[:-2], 1, shape[-1])
        self.shifted_of = self.shifted.unbind(0)
        self.partition_of = self.partition.unbind(0)
        self.exponentials = like.new_empty(shape[1:])

    def outcome(self, targets: Tensor, start: int, end: int, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
        """Mean loss and number of hits, (minibatches, …) each, of minibatches `start` to `end` of the chunk.

        `targets` are the labels, (minibatches, …, 1, batch).
        """
        shifted_ncb = self.shifted[start:end]
        target_n1b = pulled_n1b = shifted_ncb.gather(-2, targets[start:end])
        if smoothing:
            pulled_n1b = target_n1b * (1 - smoothing) + shifted_ncb.mean(-2, keepdim=True) * smoothing
        losses_nb = self.partition[start:end].log().sub_(pulled_n1b).squeeze(-2)
        return losses_nb.mean(-1), self._hits(shifted_ncb, target_n1b)

    def _hits(self, shifted_ncb: Tensor, target_n1b: Tensor) -> Tensor:
        return hits(shifted_ncb, target_n1b)


class FastStep:
    """Row-max or log-sum-exp softmax with cross-entropy from logits."""

    def __init__(self, config: TrainConfig, data: ResidentData, state: TrainingState, most: int) -> None:
        self._config = config
        self._scale = data.pixel_scale
        self._state = state
        self._most = most
        self._plain = is_plain(config)
        self._buffers: dict[int, tuple[Buffers, Tensor]] = {}

    def __call__(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        """Takes the step of minibatch `index` of the chunk."""
        state = self._state
        buffers, minus_target = self._buffers_for(chunk.batch_size)
        logits_cb, partition_b = buffers.shifted_of[index], buffers.partition_of[index]
        torch.addmm(state.bias.unsqueeze(1), state.weight, chunk.columns[index], alpha=self._scale, out=logits_cb)
        logits_cb.sub_(logits_cb.amax(0, keepdim=True))
        exponentials_cb = torch.exp(logits_cb, out=buffers.exponentials)
        torch.sum(exponentials_cb, 0, keepdim=True, out=partition_b)
        if self._config.softmax == "log-sum-exp":
            gradient_cb = torch.exp(logits_cb - partition_b.log())
        else:
            gradient_cb = exponentials_cb.div_(partition_b)
        if self._config.label_smoothing:
            gradient_cb.sub_(self._config.label_smoothing / len(gradient_cb))
        gradient_cb.scatter_add_(0, chunk.targets[index], minus_target)  # p − y
        self._descend(gradient_cb, chunk.images[index], learning_rate)

    def _descend(self, gradient_cb: Tensor, images_bf: Tensor, learning_rate: float) -> None:
        state, batch = self._state, gradient_cb.shape[1]
        if self._plain:
            state.weight.addmm_(gradient_cb, images_bf, alpha=-learning_rate * self._scale / batch)
            state.bias.sub_(gradient_cb.sum(1), alpha=learning_rate / batch)
        else:
            weight_gradient = (gradient_cb @ images_bf).mul_(self._scale / batch)
            sgd(state, weight_gradient, gradient_cb.sum(1).div_(batch), self._config, learning_rate)

    def outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]:
        """Mean loss and number of hits, (minibatches,) each, of minibatches `start` to `end` of the chunk."""
        buffers, _ = self._buffers_for(chunk.batch_size)
        return buffers.outcome(chunk.targets, start, end, self._config.label_smoothing)

    def _buffers_for(self, batch: int) -> tuple[Buffers, Tensor]:
        """The buffers for minibatches of a size, and what is added to the probability of each label, (1, batch)."""
        found = self._buffers.get(batch)
        if found is None:
            weight = self._state.weight
            minus_target = weight.new_full((1, batch), self._config.label_smoothing - 1)
            self._buffers[batch] = found = Buffers(weight, (self._most, len(weight), batch)), minus_target
        return found


def hits(shifted_ncb: Tensor, target_n1b: Tensor) -> Tensor:
    """How many labels have the largest logit, (minibatches, …), from logits that their maximum was subtracted from.

    Classes that tie for the largest share the hit: at the first step of weights that are all 0 this gives the one in
    ten that guessing would, without the cost of an argmax.
    """
    tied_nb = (shifted_ncb == 0).sum(-2)
    return torch.where(target_n1b.squeeze(-2) == 0, 1 / tied_nb, 0.0).sum(-1)


class TextbookStep:
    """Logits, softmax, loss, gradient in closed form or by autograd, step."""

    def __init__(self, config: TrainConfig, pair: Pair, data: ResidentData, state: TrainingState, most: int) -> None:
        self._config = config
        self._pair = pair
        self._scale = data.pixel_scale
        self._state = state
        self._losses = state.weight.new_empty(most)
        self._hits = state.weight.new_empty(most)

    def __call__(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        """Takes the step of minibatch `index` of the chunk."""
        model = SoftmaxRegression(self._state.weight, self._state.bias)
        labels_b = chunk.targets[index, 0]
        losses_b, weight_gradient, bias_gradient, logits_bc = model.gradients(
            chunk.images[index] * self._scale,
            labels_b,
            self._pair,
            self._config.label_smoothing,
            self._config.clip_epsilon,
        )
        self._losses[index] = losses_b.mean()
        shifted_1cb = (logits_bc - logits_bc.amax(1, keepdim=True)).t().unsqueeze(0)
        self._hits[index] = hits(shifted_1cb, shifted_1cb.gather(1, labels_b[None, None]))[0]
        sgd(self._state, weight_gradient, bias_gradient, self._config, learning_rate)

    def outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]:
        """Mean loss and number of hits, (minibatches,) each, of minibatches `start` to `end` of the chunk."""
        return self._losses[start:end].clone(), self._hits[start:end].clone()


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
