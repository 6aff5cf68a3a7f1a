"""Softmax four ways: probability j of a row is exp(logit j) / Σ exp(logits) (Dive into Deep Learning, 4.4.1).

The four are equal on paper. They differ in what is subtracted from the logits before the exponential, and so
in which rows of finite numbers they survive. The suffixes name the axes: b the batch, c the classes, 1 a kept
axis of length 1.

Nothing is special-cased. A row with +inf or nan, and a row of nothing but −inf, comes out as the formula has
it: inf − inf, inf / inf and 0 / 0 are nan. A −inf among finite logits has probability 0. `global_max` carries
a +inf or nan of one row into every row.

All of them work on the last axis and take leading axes besides `(batch, classes)`: `(…, batch, classes)`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import Tensor


def naive(logits_bc: Tensor) -> Tensor:
    """The book's `softmax` (4.4.1), word for word: `(batch, classes)` -> `(batch, classes)`.

    In float32 a logit above 88.72 gives inf / inf, a row below −104 gives 0 / 0, and in between, from −87
    down, the exponentials are subnormal: finite, summing to 1, and wrong.
    """
    exponentials_bc = logits_bc.exp()
    partition_b1 = exponentials_bc.sum(-1, keepdim=True)
    return exponentials_bc / partition_b1


def global_max(logits_bc: Tensor) -> Tensor:
    """A common "fix", kept as an exhibit: `(batch, classes)` -> `(batch, classes)`.

    Subtracts the maximum of the whole batch. No exponential overflows any more, but a row that lies far below
    another has exponentials of 0 only, and 0 / 0 is nan. What a row gets depends on its neighbours.
    """
    # Softmax does not change when a row is shifted, so its derivative through the shift is 0: hence detach.
    shifted_bc = logits_bc - logits_bc.detach().amax((-2, -1), keepdim=True)
    exponentials_bc = shifted_bc.exp()
    partition_b1 = exponentials_bc.sum(-1, keepdim=True)
    return exponentials_bc / partition_b1


def row_max(logits_bc: Tensor) -> Tensor:
    """The robust one (4.5.2): `(batch, classes)` -> `(batch, classes)`.

    With the maximum of its own row subtracted the largest exponential of a row is exactly 1: nothing
    overflows, and the partition lies between 1 and the number of classes.
    """
    shifted_bc = logits_bc - logits_bc.detach().amax(-1, keepdim=True)
    exponentials_bc = shifted_bc.exp()
    partition_b1 = exponentials_bc.sum(-1, keepdim=True)
    return exponentials_bc / partition_b1


def log_sum_exp_softmax(logits_bc: Tensor) -> Tensor:
    """The exponential of the log-probabilities (4.5.2): `(batch, classes)` -> `(batch, classes)`.

    Divides by subtracting the logarithm of the partition. The row maximum goes first: one sum,
    maximum + log Σ, would be rounded to the spacing of numbers as large as the logits.
    """
    shifted_bc = logits_bc - logits_bc.detach().amax(-1, keepdim=True)
    log_probabilities_bc = shifted_bc - shifted_bc.exp().sum(-1, keepdim=True).log()
    return log_probabilities_bc.exp()


def log_partition(logits_bc: Tensor) -> Tensor:
    """log Σ exp(logits) of each row without overflow (4.5.2): `(batch, classes)` -> `(batch,)`."""
    maximum_b1 = logits_bc.detach().amax(-1, keepdim=True)
    return (logits_bc - maximum_b1).exp().sum(-1).log() + maximum_b1.squeeze(-1)


IMPLEMENTATIONS: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {"naive": naive, "global-max": global_max, "row-max": row_max, "log-sum-exp": log_sum_exp_softmax}
)
