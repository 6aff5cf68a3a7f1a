"""Where the time of a loss goes: its parts, each on what the part before it gave, and how much they compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from engine.contract.loss_lab import Phase
from engine.contract.spread import spread
from engine.labs.loss_batch import LossBatch
from engine.labs.stopwatch import Timings
from engine.numerics.softmax import row_max

PHASES: Mapping[str, tuple[str, ...]] = {
    "definition": ("softmax", "one-hot", "logarithm", "product", "sum"),
    "indexing": ("softmax", "lookup", "logarithm of the true class"),
}


def phase_computations(batch: LossBatch) -> Mapping[str, Callable[[], object]]:
    """The parts by name. Written out they are `cross_entropy.definition` and `cross_entropy.indexing`."""
    with torch.no_grad():
        probabilities_bc = row_max(batch.logits)
        distribution_bc = batch.label_distribution()
        logarithms_bc = probabilities_bc.log()
        products_bc = distribution_bc * logarithms_bc
        looked_up_b = _lookup(probabilities_bc, batch.labels)
    return {
        "softmax": lambda: row_max(batch.logits),
        "one-hot": batch.label_distribution,
        "logarithm": probabilities_bc.log,
        "product": lambda: distribution_bc * logarithms_bc,
        "sum": lambda: -products_bc.sum(1),
        "lookup": lambda: _lookup(probabilities_bc, batch.labels),
        "logarithm of the true class": lambda: -looked_up_b.log(),
    }


def phases(loss: str, batch: LossBatch, timings: Timings) -> tuple[Phase, ...]:
    """The parts of a loss in their order with what each computes; none for a loss that is not split."""
    rows, classes = batch.logits.shape
    zeros = int((batch.label_distribution() == 0).sum())
    operations = {"lookup": rows, "logarithm of the true class": rows}
    times_zero = {"logarithm": zeros, "product": zeros}
    return tuple(
        Phase(
            name=name,
            seconds=spread(timings[name]),
            operations=operations.get(name, rows * classes),
            times_zero=times_zero.get(name, 0),
        )
        for name in PHASES.get(loss, ())
    )


def _lookup(probabilities_bc: Tensor, labels_b: Tensor) -> Tensor:
    return probabilities_bc[torch.arange(len(probabilities_bc)), labels_b]
