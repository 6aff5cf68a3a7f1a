"""Which labels may be wrong: confident learning (Northcutt, Jiang and Chuang 2021, section 3.1)."""

from __future__ import annotations

import torch
from torch import Tensor

_ROUNDING = 1e-6  # of float32: it must not decide where all images of a class have the same probability


def class_thresholds(probabilities: Tensor, labels: Tensor) -> Tensor:
    """The mean probability (classes,) that a class has among the images labelled so; inf for a class without images.

    From `probabilities` (n, classes) and `labels` (n,), in float64.
    """
    wide = probabilities.double()
    classes = wide.shape[1]
    own = wide.gather(1, labels.long()[:, None]).squeeze(1)
    sums = torch.zeros(classes, dtype=torch.float64).index_add_(0, labels.long(), own)
    counts = torch.bincount(labels, minlength=classes)
    return torch.where(counts > 0, sums / counts.clamp(min=1), torch.inf)


def suggested_classes(probabilities: Tensor, labels: Tensor, predicted: Tensor) -> Tensor:
    """The class (n,) that each image may truly be of, −1 where its label is not suspected.

    An image counts for the most probable of the classes that reach their threshold. Where that is not its label, and
    the model predicts another class than the label, the label is suspected. Where a probability is nan none is.
    """
    wide = probabilities.double()
    reached = wide >= class_thresholds(wide, labels) - _ROUNDING
    best = torch.where(reached, wide, -1.0).argmax(1)
    suspected = reached.any(1) & (best != labels) & (predicted != labels)
    return torch.where(suspected, best, -1)
