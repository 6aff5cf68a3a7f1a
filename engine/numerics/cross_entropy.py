"""Cross-entropy five ways: the loss of an example is −Σ q log p (Dive into Deep Learning, 4.1.2 and 4.4.3).

p are the probabilities of the model, q the label as a distribution. Every function returns one loss an
example, `(batch,)`, in nats; training takes their mean.

The domain of the logarithm is p > 0. A softmax in floating point returns 0 where the true probability is too
small (float32 logits `[0, 110]`: probabilities `[0, 1]`), and log 0 is −inf. Then the five differ:

- `indexing` reads the probability of the true class only, and is inf where that one is 0.
- `definition` multiplies *every* log-probability with its label, and 0 · −inf is nan: for `[0, 110]` with
  true class 1 it is nan where `indexing` is 0.
- `clipped` raises probabilities to epsilon first: finite, at most −log epsilon, gradient 0 below epsilon.
- `from_logits` never forms a probability and stays exact.
- `integer_labels` is not cross-entropy.
"""

import torch
from torch import Tensor

from engine.contract.errors import InputError


def one_hot(labels_b: Tensor, num_classes: int, smoothing: float = 0.0, dtype: torch.dtype = torch.float32) -> Tensor:
    """Labels as distributions: int64 `(batch,)` -> `(batch, classes)`, every row summing to 1.

    With label smoothing the share `smoothing` of the label is spread evenly over all classes, the true one
    included (Szegedy et al. 2016, section 7).
    """
    exact_bc = torch.zeros(len(labels_b), num_classes, dtype=dtype, device=labels_b.device)
    exact_bc.scatter_(1, labels_b[:, None], 1.0)
    return (1.0 - smoothing) * exact_bc + smoothing / num_classes if smoothing else exact_bc


def indexing(probabilities_bc: Tensor, labels_b: Tensor) -> Tensor:
    """The book's `cross_entropy` (4.4.3): −log p of the true class. Labels are int64 `(batch,)`."""
    rows_b = torch.arange(len(probabilities_bc), device=probabilities_bc.device)
    return -probabilities_bc[rows_b, labels_b].log()


def definition(probabilities_bc: Tensor, label_distribution_bc: Tensor) -> Tensor:
    """−Σ q log p over all classes (4.1.2, equation 4.1.8), with one-hot or soft labels `(batch, classes)`."""
    return -(label_distribution_bc * probabilities_bc.log()).sum(1)


def clipped(probabilities_bc: Tensor, label_distribution_bc: Tensor, epsilon: float) -> Tensor:
    """The definition on probabilities raised to at least `epsilon`: a common way around log 0.

    Where a probability lies below epsilon, value and gradient no longer depend on it.

    Raises:
        InputError: epsilon lies below the smallest normal number of the dtype and would not keep from log 0.
    """
    smallest = torch.finfo(probabilities_bc.dtype)
    if epsilon < smallest.tiny:
        raise InputError(f"clip at: found {epsilon:g}, expected at least {smallest.tiny:.2g} with {smallest.dtype}")
    return definition(probabilities_bc.clamp(min=epsilon), label_distribution_bc)


def integer_labels(probabilities_bc: Tensor, labels_b: Tensor) -> Tensor:
    """A common slip, kept as an exhibit: multiplies log p with the label's *number*, not its one-hot row.

    All classes of an image get the same factor, so the loss is least where all probabilities are equal, and
    an image of class 0 counts for nothing: it does not learn.
    """
    return -(labels_b[:, None] * probabilities_bc.log()).sum(1)


def from_logits(logits_bc: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy without probabilities (4.5.2): log-partition − logit of the true class.

    `target` holds int64 labels `(batch,)`, or label distributions `(batch, classes)` whose rows sum to 1, for
    which it is log-partition − Σ q · logits.
    """
    # Both terms are taken of the shifted row: around logits of 10,000 the difference loses four digits.
    shifted_bc = logits_bc - logits_bc.detach().amax(1, keepdim=True)
    log_partition_b = shifted_bc.exp().sum(1).log()
    if target.ndim == 1:
        return log_partition_b - shifted_bc.gather(1, target[:, None]).squeeze(1)
    return log_partition_b - (target * shifted_bc).sum(1)
