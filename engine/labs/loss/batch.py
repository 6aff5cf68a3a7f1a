"""One batch of logits and labels, and every cross-entropy as a function from its logits to their mean loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from engine.contract.errors import InputError
from engine.contract.loss_lab import LossQuestion, preset_named
from engine.contract.pairs import YOURS
from engine.numerics import cross_entropy
from engine.numerics.softmax import row_max
from engine.numerics.yours import each_loss_of, functions_of

_LEARNT = 2.0  # by how much the true logit stands out; in noise alone soft labels would hardly show
MeanLoss = Callable[[Tensor], Tensor]  # logits (batch, classes) -> the mean loss, a scalar


@dataclass(frozen=True)
class LossBatch:
    """Logits `(batch, classes)` in the question's dtype, int64 labels `(batch,)`, and a second class for each image.

    The second class counts only where labels are mixed, and is never the first.
    """

    question: LossQuestion
    logits: Tensor
    labels: Tensor
    others: Tensor

    @classmethod
    def of(cls, question: LossQuestion) -> LossBatch:
        """The batch that a checked question means.

        Raises:
            InputError: epsilon is too small for the dtype.
        """
        dtype: torch.dtype = getattr(torch, question.dtype)
        smallest = torch.finfo(dtype).tiny
        if question.epsilon < smallest:
            raise InputError(
                f"clip at: found {question.epsilon:g}, expected at least {smallest:.2g} with {question.dtype}"
            )
        generator = torch.Generator().manual_seed(question.seed)
        if question.preset:
            preset = preset_named(question.preset)
            exact_bc, labels_b = torch.tensor(preset.rows, dtype=torch.float64), torch.tensor(preset.labels)
        else:
            shape = (question.batch_size, question.num_classes)
            # Drawn in float64 whatever the dtype, so that all dtypes round the same batch.
            exact_bc = torch.randn(shape, dtype=torch.float64, generator=generator)
            labels_b = torch.randint(question.num_classes, shape[:1], generator=generator)
            exact_bc.scatter_add_(1, labels_b[:, None], torch.full_like(exact_bc[:, :1], _LEARNT))
        steps_b = torch.randint(1, question.num_classes, labels_b.shape, generator=generator)
        return cls(question, exact_bc.to(dtype), labels_b, (labels_b + steps_b) % question.num_classes)

    def label_distribution(self, dtype: torch.dtype | None = None) -> Tensor:
        """`(batch, classes)`, every row summing to 1: one-hot, smoothed, mixed (Zhang et al. 2018), or both."""
        of = dtype or self.logits.dtype
        mixing, smoothing, classes = self.question.mixing, self.question.smoothing, self.question.num_classes
        first_bc = cross_entropy.one_hot(self.labels, classes, smoothing, of)
        if not mixing:
            return first_bc
        return (1.0 - mixing) * first_bc + mixing * cross_entropy.one_hot(self.others, classes, smoothing, of)

    def target(self) -> Tensor:
        """What a loss that takes both kinds of label is given: class numbers, or distributions where they are soft."""
        return self.label_distribution() if self.question.soft else self.labels

    def losses(self, source: str = "") -> Mapping[str, MeanLoss]:
        """By name. Those that want distributions build them themselves: that is part of what they cost.

        Where labels are soft, `indexing` and `integer-labels` still read the number of the first class: another loss.
        So does `yours`, the cross-entropy of a user's file, which is there where the text `source` of one is given.

        Raises:
            InputError: `source` has no cross-entropy, or it raised or returned something else for this batch.
        """
        epsilon = self.question.epsilon
        yours: Mapping[str, MeanLoss] = {YOURS: _mean_loss_of(source, self.logits, self.labels)} if source else {}
        return {
            "indexing": lambda logits: cross_entropy.indexing(row_max(logits), self.labels).mean(),
            "definition": lambda logits: cross_entropy.definition(row_max(logits), self.label_distribution()).mean(),
            "clipped": lambda logits: cross_entropy.clipped(row_max(logits), self.label_distribution(), epsilon).mean(),
            "integer-labels": lambda logits: cross_entropy.integer_labels(row_max(logits), self.labels).mean(),
            "from-logits": lambda logits: cross_entropy.from_logits(logits, self.target()).mean(),
            "torch": lambda logits: functional.cross_entropy(logits, self.target()),
            **yours,
        }


def _mean_loss_of(source: str, logits_bc: Tensor, given_b: Tensor) -> MeanLoss:
    """The function itself, on labels of its own: with the checks and copies of training its time would not be its.

    So what it returns for this batch is checked here, once.
    """
    function = functions_of(source).cross_entropy
    if function is None:
        raise InputError("yours: found no cross_entropy(probabilities, labels) in the file, expected this function")
    each_loss_of(source, row_max(logits_bc), given_b)
    labels_b = given_b.clone()

    def mean_loss(logits_bc: Tensor) -> Tensor:
        made: Tensor = function(row_max(logits_bc), labels_b)
        return made.mean() if made.ndim else made

    return mean_loss


def value(loss: MeanLoss, logits_bc: Tensor) -> Tensor:
    """The mean loss, a scalar, with nothing kept for a gradient."""
    with torch.no_grad():
        return loss(logits_bc)


def value_and_gradient(loss: MeanLoss, logits_bc: Tensor) -> tuple[Tensor, Tensor]:
    """The mean loss and its gradient with respect to the logits, `(batch, classes)`, by autograd."""
    with torch.enable_grad():
        leaf_bc = logits_bc.detach().requires_grad_()
        mean = loss(leaf_bc)
        (gradient_bc,) = torch.autograd.grad(mean, leaf_bc)
    return mean.detach(), gradient_bc


def exact(batch: LossBatch) -> tuple[float, Tensor]:
    """Mean loss and gradient in float64 on the logits as rounded: log-partition − Σ q · logits, and (p − q) / batch."""
    with torch.no_grad():
        logits_bc, distribution_bc = batch.logits.double(), batch.label_distribution(torch.float64)
        mean = cross_entropy.from_logits(logits_bc, distribution_bc).mean().item()
        return mean, (row_max(logits_bc) - distribution_bc) / len(logits_bc)
