"""Where the time of a loss goes: its parts, each on what the part before it gave, and how much they compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from engine.contract.loss_lab import Phase, Spread
from engine.labs.loss.batch import LossBatch
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


def phase_backwards(batch: LossBatch) -> Mapping[str, Callable[[], object]]:
    """The backward pass of each part that has one, on a gradient of ones, repeated on a graph that is built once.

    One-hot labels have none: no gradient goes to them.
    """
    with torch.no_grad():
        probabilities_bc = row_max(batch.logits)
        distribution_bc = batch.label_distribution()
        logarithms_bc = probabilities_bc.log()
        looked_up_b = _lookup(probabilities_bc, batch.labels)
    return {
        _backward_of("softmax"): _backward(row_max, batch.logits),
        _backward_of("logarithm"): _backward(torch.log, probabilities_bc),
        _backward_of("product"): _backward(lambda logarithms: distribution_bc * logarithms, logarithms_bc),
        _backward_of("sum"): _backward(lambda products: -products.sum(1), distribution_bc * logarithms_bc),
        _backward_of("lookup"): _backward(lambda each: _lookup(each, batch.labels), probabilities_bc),
        _backward_of("logarithm of the true class"): _backward(lambda each: -each.log(), looked_up_b),
    }


def _backward(part: Callable[[Tensor], Tensor], given: Tensor) -> Callable[[], object]:
    with torch.enable_grad():
        leaf = given.detach().requires_grad_()
        made = part(leaf)
    ones = torch.ones_like(made)
    return lambda: torch.autograd.grad(made, leaf, ones, retain_graph=True)


def _backward_of(name: str) -> str:
    return f"{name}: backward"


def phases(loss: str, batch: LossBatch, timings: Timings) -> tuple[Phase, ...]:
    """The parts of a loss in their order with what each computes; none for a loss that is not split."""
    rows, classes = batch.logits.shape
    zeros = int((batch.label_distribution() == 0).sum())
    operations = {"lookup": rows, "logarithm of the true class": rows}
    times_zero = {"logarithm": zeros, "product": zeros}
    return tuple(
        Phase(
            name=name,
            seconds=Spread.of(timings[name]),
            operations=operations.get(name, rows * classes),
            times_zero=times_zero.get(name, 0),
            backward=Spread.of(timings[_backward_of(name)]) if _backward_of(name) in timings else None,
            of_loss=name != "softmax",
        )
        for name in PHASES.get(loss, ())
    )


def _lookup(probabilities_bc: Tensor, labels_b: Tensor) -> Tensor:
    return probabilities_bc[torch.arange(len(probabilities_bc)), labels_b]
