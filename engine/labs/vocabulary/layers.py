"""Every output layer behind one interface: from features to the loss that it trains on, and to its exact losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from engine.contract.vocabulary import Method, VocabularyQuestion
from engine.labs.vocabulary.chunked import chunked_cross_entropy, full_cross_entropy, log_partition_and_target
from engine.labs.vocabulary.classes import ClassCrossEntropy, class_log_probabilities, class_losses, class_width
from engine.labs.vocabulary.sampled import NegativeSampling, Noise, SampledCrossEntropy, log_uniform
from engine.labs.vocabulary.shards import Shard
from engine.verdicts.vocabulary_memory import DIVISOR, cutoffs


class OutputLayer(Protocol):
    """From features `(batch, dimension)` to words. Its parameters are leaves that `loss(...).backward()` fills."""

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """The leaves by name; those of a softmax over all words are `weight` and `bias`."""
        ...

    def loss(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """What it trains on: a scalar that knows its gradient."""
        ...

    def losses(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """−log P(target), `(batch,)`, P summing to 1 over all words; knows no gradient."""
        ...

    def log_probabilities(self, features_bd: Tensor) -> Tensor:
        """log P of every word, `(batch, words)`: for few positions."""
        ...

    def rows_touched(self) -> int:
        """Words whose parameters the gradients at hand change."""
        ...


Loss = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]  # features, weight, bias, targets -> a scalar


@dataclass(frozen=True)
class SoftmaxLayer:
    """Softmax over all words, weight `(words, dimension)` and bias `(words,)`, whatever loss it is trained on.

    `offset_v` is what a score lacks to be a logit: log(k q) for negative sampling, else nothing.
    """

    weight_vd: Tensor
    bias_v: Tensor
    training_loss: Loss
    chunk: int
    offset_v: Tensor | None = None

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """Weight and bias."""
        return {"weight": self.weight_vd, "bias": self.bias_v}

    @property
    def exact_bias_v(self) -> Tensor:
        """The bias of the softmax over all words that these parameters mean."""
        bias_v = self.bias_v.detach()
        return bias_v if self.offset_v is None else bias_v + self.offset_v

    def loss(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """The loss of its method over these scores, a scalar."""
        return self.training_loss(features_bd, self.weight_vd, self.bias_v, targets_b)

    @torch.no_grad()
    def losses(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """By the softmax over all words, chunk for chunk: `(batch,)`, also where the method trains on a sample."""
        log_partition_b, target_b = log_partition_and_target(
            features_bd, self.weight_vd, self.exact_bias_v, targets_b, self.chunk
        )
        return log_partition_b - target_b

    @torch.no_grad()
    def log_probabilities(self, features_bd: Tensor) -> Tensor:
        """Of the softmax over all words, `(batch, words)`."""
        return torch.addmm(self.exact_bias_v, features_bd, self.weight_vd.T).log_softmax(1)

    def rows_touched(self) -> int:
        """The sampled rows where the gradient is sparse, else all."""
        return _rows(self.weight_vd)


@dataclass(frozen=True)
class ClassLayer:
    """Classes of words, then words of a class."""

    width: int
    sparse: bool
    class_weight_cd: Tensor
    class_bias_c: Tensor
    weight_vd: Tensor
    bias_v: Tensor

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """Those of the classes first."""
        return {
            "class weight": self.class_weight_cd,
            "class bias": self.class_bias_c,
            "weight": self.weight_vd,
            "bias": self.bias_v,
        }

    def loss(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """Mean of −log P(class) − log P(word | class), a scalar."""
        loss: Tensor = ClassCrossEntropy.apply(
            features_bd, *self.parameters.values(), targets_b, self.width, self.sparse
        )
        return loss

    @torch.no_grad()
    def losses(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """The same for each target, `(batch,)`, without its gradient."""
        return class_losses(features_bd, targets_b, self.width, *self.parameters.values())

    @torch.no_grad()
    def log_probabilities(self, features_bd: Tensor) -> Tensor:
        """log P(class) + log P(word | class), `(batch, words)`."""
        return class_log_probabilities(features_bd, self.width, *self.parameters.values())

    def rows_touched(self) -> int:
        """Words of the classes that the targets are in where the gradient is sparse, else all."""
        return _rows(self.weight_vd)


@dataclass(frozen=True)
class AdaptiveLayer:
    """torch's adaptive softmax: frequent words in the head, rare ones in clusters of ever fewer dimensions.

    Grave et al. 2017, "Efficient softmax approximation for GPUs".
    """

    module: nn.AdaptiveLogSoftmaxWithLoss

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """By torch's names of them."""
        return dict(self.module.named_parameters())

    def loss(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """Mean of −log P(target), a scalar."""
        loss: Tensor = self.module(features_bd, targets_b).loss
        return loss

    @torch.no_grad()
    def losses(self, features_bd: Tensor, targets_b: Tensor) -> Tensor:
        """−log P(target), `(batch,)`, a few positions at a time."""
        one_by_one = zip(torch.split(features_bd, _FEW), torch.split(targets_b, _FEW), strict=True)
        return torch.cat([-self.module(f, t).output for f, t in one_by_one])

    @torch.no_grad()
    def log_probabilities(self, features_bd: Tensor) -> Tensor:
        """Head and clusters together, `(batch, words)`."""
        return self.module.log_prob(features_bd)

    def rows_touched(self) -> int:
        """The head's words, and those of every cluster that a target fell in."""
        edges = self.module.cutoffs
        clusters = zip(self.module.tail, edges, edges[1:], strict=False)
        touched = sum(stop - start for tail, start, stop in clusters if _is_touched(tail))
        return self.module.shortlist_size + touched


_FEW = 64  # positions at a time where all words are looked at


def _is_touched(tail: nn.Module) -> bool:
    return any(parameter.grad is not None for parameter in tail.parameters())


def _rows(weight_vd: Tensor) -> int:
    gradient = weight_vd.grad
    assert gradient is not None
    return gradient._indices().shape[1] if gradient.is_sparse else len(gradient)


@dataclass(frozen=True)
class Scores:
    """Where a layer starts: weight `(words, dimension)` and bias `(words,)` of a softmax over all words."""

    weight_vd: Tensor
    bias_v: Tensor


def softmax_layer(
    method: Method,
    question: VocabularyQuestion,
    scores: Scores,
    noise: Noise,
    shard: Shard | None = None,
    biased: bool = True,
) -> SoftmaxLayer:
    """The layer of a method that trains softmax over all words; it takes the scores' tensors as its parameters.

    A score of negative sampling is a logit less log(k q). With `biased` its bias starts that much lower, so that it
    means the same softmax as the others; without it starts at the scores' bias.
    """
    bias_v = scores.bias_v
    offset_v = noise.log_expected_v(question.negatives).to(bias_v.dtype) if method == "negative" else None
    if offset_v is not None and biased:
        bias_v = bias_v.sub(offset_v)
    weight_vd = scores.weight_vd.detach().requires_grad_()
    bias_v = bias_v.detach().requires_grad_()
    loss = _training_loss(method, question, noise, shard or Shard())
    return SoftmaxLayer(weight_vd, bias_v, loss, question.chunk, offset_v)


def _training_loss(method: Method, question: VocabularyQuestion, noise: Noise, shard: Shard) -> Loss:
    sparse = question.gradients == "sparse"
    if method == "full":
        return lambda features, weight, bias, targets: full_cross_entropy(features, weight, bias, targets, shard)
    if method == "chunked":
        return lambda features, weight, bias, targets: chunked_cross_entropy(
            features, weight, bias, targets, question.chunk, shard
        )

    def sampled(features_bd: Tensor, weight_vd: Tensor, bias_v: Tensor, targets_b: Tensor) -> Tensor:
        drawn = log_uniform(len(bias_v), question.samples, noise.generator)
        loss: Tensor = SampledCrossEntropy.apply(features_bd, weight_vd, bias_v, targets_b, *drawn, sparse)
        return loss

    def negative(features_bd: Tensor, weight_vd: Tensor, bias_v: Tensor, targets_b: Tensor) -> Tensor:
        negatives_bk = noise.draw(len(targets_b), question.negatives)
        loss: Tensor = NegativeSampling.apply(features_bd, weight_vd, bias_v, targets_b, negatives_bk, sparse)
        return loss

    return sampled if method == "sampled" else negative


def own_layer(
    method: Method, question: VocabularyQuestion, words: int, sigma: float, generator: torch.Generator
) -> ClassLayer | AdaptiveLayer:
    """A layer with parameters of its own: weights from N(0, sigma²), biases 0."""
    kind = {"dtype": getattr(torch, question.dtype), "device": generator.device}
    if method == "adaptive":
        module = nn.AdaptiveLogSoftmaxWithLoss(
            question.dimension, words, list(cutoffs(words)), div_value=DIVISOR, head_bias=True, **kind
        )
        for name, parameter in module.named_parameters():
            with torch.no_grad():
                # The projections pass the features on: their scale is kept.
                scale = 1 / math.sqrt(question.dimension) if ".0." in name else sigma
                parameter.normal_(0, scale, generator=generator) if parameter.ndim > 1 else parameter.zero_()
        return AdaptiveLayer(module)
    width = class_width(words)
    shapes = ((-(-words // width), question.dimension), (words, question.dimension))
    weights = [torch.empty(shape, **kind).normal_(0, sigma, generator=generator) for shape in shapes]
    biases = [torch.zeros(shape[0], **kind) for shape in shapes]
    leaves = [tensor.requires_grad_() for tensor in (weights[0], biases[0], weights[1], biases[1])]
    return ClassLayer(width, question.gradients == "sparse", *leaves)
