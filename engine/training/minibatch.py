"""The fast step: cross-entropy from logits with its closed-form gradient, in few operations on resident buffers.

`engine.numerics.model` says the same in the book's words; a test holds the two side by side. Three things make this one
fast. Logits are (classes, batch): `weight @ imagesᵀ` takes half the time of `images @ weightᵀ`, and reductions over the
classes run along the batch. Pixels stay 0…255: the scale goes into the factor `alpha` that a product has anyway. Losses
are computed once a chunk, from the shifted logits and partitions that the steps leave behind.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.training.chunks import Chunk
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.training.update import is_plain, sgd


class _Buffers(NamedTuple):
    """What the steps of a chunk leave behind: (minibatches, classes, batch) and (minibatches, 1, batch)."""

    shifted: Tensor
    partition: Tensor
    shifted_of: tuple[Tensor, ...]
    partition_of: tuple[Tensor, ...]
    exponentials: Tensor
    minus_target: Tensor


class FastStep:
    """Row-max or log-sum-exp softmax with cross-entropy from logits."""

    def __init__(self, config: TrainConfig, data: ResidentData, state: TrainingState, most: int) -> None:
        self._config = config
        self._scale = data.pixel_scale
        self._state = state
        self._most = most
        self._plain = is_plain(config)
        self._buffers: dict[int, _Buffers] = {}

    def __call__(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        """Takes the step of minibatch `index` of the chunk."""
        state, buffers = self._state, self._buffers_for(chunk.batch_size)
        images_bf, logits_cb, partition_b = (
            chunk.images[index],
            buffers.shifted_of[index],
            buffers.partition_of[index],
        )
        torch.addmm(state.bias.unsqueeze(1), state.weight, images_bf.t(), alpha=self._scale, out=logits_cb)
        logits_cb.sub_(logits_cb.amax(0, keepdim=True))
        exponentials_cb = torch.exp(logits_cb, out=buffers.exponentials)
        torch.sum(exponentials_cb, 0, keepdim=True, out=partition_b)
        if self._config.softmax == "log-sum-exp":
            gradient_cb = torch.exp(logits_cb - partition_b.log())
        else:
            gradient_cb = exponentials_cb.div_(partition_b)
        if self._config.label_smoothing:
            gradient_cb.sub_(self._config.label_smoothing / len(gradient_cb))
        gradient_cb.scatter_add_(0, chunk.labels[index : index + 1], buffers.minus_target)  # p − y
        self._descend(gradient_cb, images_bf, learning_rate)

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
        buffers = self._buffers_for(chunk.batch_size)
        shifted_ncb, labels_n1b = buffers.shifted[start:end], chunk.labels[start:end].unsqueeze(1)
        target_n1b = shifted_ncb.gather(1, labels_n1b)
        pulled_n1b = target_n1b
        if smoothing := self._config.label_smoothing:
            pulled_n1b = target_n1b * (1 - smoothing) + shifted_ncb.mean(1, keepdim=True) * smoothing
        losses_n1b = buffers.partition[start:end].log().sub_(pulled_n1b)
        return losses_n1b.squeeze(1).mean(1), hits(shifted_ncb, target_n1b)

    def _buffers_for(self, batch: int) -> _Buffers:
        found = self._buffers.get(batch)
        if found is None:
            weight = self._state.weight
            classes = len(weight)
            shifted = weight.new_zeros(self._most, classes, batch)
            partition = weight.new_ones(self._most, 1, batch)
            self._buffers[batch] = found = _Buffers(
                shifted=shifted,
                partition=partition,
                shifted_of=shifted.unbind(0),
                partition_of=partition.unbind(0),
                exponentials=weight.new_empty(classes, batch),
                minus_target=weight.new_full((1, batch), self._config.label_smoothing - 1),
            )
        return found


def hits(shifted_ncb: Tensor, target_n1b: Tensor) -> Tensor:
    """How many labels have the largest logit, (minibatches,), from logits that their maximum was subtracted from.

    Classes that tie for the largest share the hit: at the first step of weights that are all 0 this gives the one in
    ten that guessing would, without the cost of an argmax.
    """
    tied_nb = (shifted_ncb == 0).sum(1)
    return torch.where(target_n1b.squeeze(1) == 0, 1 / tied_nb, 0.0).sum(1)
