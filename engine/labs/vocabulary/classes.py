"""Two softmaxes instead of one: which class of words, then which word of the class.

P(word) = P(class) · P(word | class), Goodman 2001, "Classes for Fast Maximum Entropy Training". Words are sorted by
frequency, and √V neighbours are a class: both softmaxes have about √V outputs. Another model than softmax over all
words, so its loss is its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from engine.labs.vocabulary.sampled import sparse_rows

_Gradients = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, None, None, None]


class ClassCrossEntropy(torch.autograd.Function):
    """Mean of −log P(class) − log P(word | class) over the batch, a scalar.

    Features `(batch, dimension)`, class weight `(classes, dimension)`, word weight `(words, dimension)`, their biases
    `(classes,)` and `(words,)`; `width` words are a class, the last may have fewer.
    """

    @staticmethod
    def forward(
        ctx: Any,
        features_bd: Tensor,
        class_weight_cd: Tensor,
        class_bias_c: Tensor,
        weight_vd: Tensor,
        bias_v: Tensor,
        targets_b: Tensor,
        width: int,
        sparse: bool,
    ) -> Tensor:
        """The mean loss over the batch; each class's words are looked at for its own positions alone."""
        class_b, ctx.within, ctx.sparse = targets_b // width, [], sparse
        logs_bc = torch.addmm(class_bias_c, features_bd, class_weight_cd.T).log_softmax(1)
        losses_b = -logs_bc.gather(1, class_b[:, None]).squeeze(1)
        for rows, here_m in _by_class(class_b, width, len(bias_v)):
            logs_mw = torch.addmm(bias_v[rows], features_bd[here_m], weight_vd[rows].T).log_softmax(1)
            losses_b[here_m] -= logs_mw.gather(1, (targets_b[here_m] - rows.start)[:, None]).squeeze(1)
            ctx.within.append((rows, here_m, logs_mw))
        ctx.save_for_backward(features_bd, class_weight_cd, weight_vd, bias_v, targets_b, class_b, logs_bc)
        return losses_b.mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> _Gradients:
        """Both are softmaxes: (probability − one_hot) / batch, each for its own outputs."""
        features_bd, class_weight_cd, weight_vd, bias_v, targets_b, class_b, logs_bc = ctx.saved_tensors
        scale = gradient / len(features_bd)
        difference_bc = _minus_one_hot(logs_bc, class_b).mul_(scale)
        features_gradient_bd = difference_bc @ class_weight_cd
        rows_t = torch.cat([torch.arange(rows.start, rows.stop, device=bias_v.device) for rows, _, _ in ctx.within])
        weight_td, bias_t = weight_vd.new_empty(len(rows_t), weight_vd.shape[1]), bias_v.new_empty(len(rows_t))
        first = 0
        for rows, here_m, logs_mw in ctx.within:
            difference_mw = _minus_one_hot(logs_mw, targets_b[here_m] - rows.start).mul_(scale)
            part, first = slice(first, first + rows.stop - rows.start), first + rows.stop - rows.start
            torch.mm(difference_mw.T, features_bd[here_m], out=weight_td[part])
            torch.sum(difference_mw, 0, out=bias_t[part])
            features_gradient_bd.index_add_(0, here_m, difference_mw @ weight_vd[rows])
        weight_gradient = sparse_rows(rows_t, weight_td, len(bias_v))
        bias_gradient = sparse_rows(rows_t, bias_t, len(bias_v))
        if not ctx.sparse:
            weight_gradient, bias_gradient = weight_gradient.to_dense(), bias_gradient.to_dense()
        ctx.within = []
        of_classes = difference_bc.T @ features_bd, difference_bc.sum(0)
        return features_gradient_bd, *of_classes, weight_gradient, bias_gradient, None, None, None


def class_width(words: int) -> int:
    """Words of a class: √V, rounded up."""
    return math.isqrt(words - 1) + 1


def class_losses(
    features_bd: Tensor,
    targets_b: Tensor,
    width: int,
    class_weight_cd: Tensor,
    class_bias_c: Tensor,
    weight_vd: Tensor,
    bias_v: Tensor,
) -> Tensor:
    """−log P(target) without a gradient, `(batch,)`."""
    class_b = targets_b // width
    classes_bc = torch.addmm(class_bias_c, features_bd, class_weight_cd.T)
    losses_b = functional.cross_entropy(classes_bc, class_b, reduction="none")
    for rows, here_m in _by_class(class_b, width, len(bias_v)):
        within_mw = torch.addmm(bias_v[rows], features_bd[here_m], weight_vd[rows].T)
        losses_b[here_m] += functional.cross_entropy(within_mw, targets_b[here_m] - rows.start, reduction="none")
    return losses_b


def class_log_probabilities(
    features_bd: Tensor, width: int, class_weight_cd: Tensor, class_bias_c: Tensor, weight_vd: Tensor, bias_v: Tensor
) -> Tensor:
    """log P of every word, `(batch, words)`."""
    classes_bc = torch.addmm(class_bias_c, features_bd, class_weight_cd.T).log_softmax(1)
    within_bv = torch.addmm(bias_v, features_bd, weight_vd.T)
    return torch.cat(
        [
            part_bw.log_softmax(1) + classes_bc[:, c : c + 1]
            for c, part_bw in enumerate(torch.split(within_bv, width, 1))
        ],
        1,
    )


def _by_class(class_b: Tensor, width: int, words: int) -> Iterator[tuple[slice, Tensor]]:
    """The rows of every class that has a target, in order, and the positions whose target is in it."""
    for number in torch.unique(class_b).tolist():
        yield slice(number * width, min((number + 1) * width, words)), (class_b == number).nonzero().squeeze(1)


def _minus_one_hot(logs_bc: Tensor, targets_b: Tensor) -> Tensor:
    difference_bc = logs_bc.exp_()
    difference_bc[torch.arange(len(targets_b), device=targets_b.device), targets_b] -= 1
    return difference_bc
