"""Judging a user's cross-entropy against float64, and naming a slip for what it is. Runs where it can be killed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional

from engine.contract.errors import InputError
from engine.labs.yours.gradient import NoGradient, gradient_at
from engine.labs.yours.messages import Verdict
from engine.labs.yours.probe import Probe
from engine.labs.yours.softmax_judge import alike_each_time, percent, said, short
from engine.numerics import cross_entropy
from engine.numerics.softmax import row_max
from engine.numerics.yours import Function, as_losses

_ROUNDING = 1e-5
_ALIKE = 1e-4

# Not square: a wrong axis shows itself. Every class is a label, one of them twice.
PROBABILITIES = row_max(
    torch.tensor([[1.0, 2.0, 0.5], [0.25, -0.5, 1.0], [0.75, 0.5, -1.0], [2.0, -2.0, 1.5]], dtype=torch.float64)
)
LABELS = torch.tensor([1, 2, 0, 2])
NOTHING = torch.tensor([[0.0, 1.0]])
_drawn = torch.Generator().manual_seed(0)
WIDE = row_max(2 * torch.randn(256, 10, generator=_drawn, dtype=torch.float32))
WIDE_LABELS = torch.arange(256) % 10
COLUMN = "it returns shape (batch, 1), which is taken as (batch,)"
_MINUS_MISSING = "the minus is missing"

Kernel = Callable[[Tensor, Tensor], Tensor]  # probabilities, labels -> (batch,)


def _binary(p: Tensor, y: Tensor) -> Tensor:
    hot = cross_entropy.one_hot(y, p.shape[1], dtype=p.dtype)
    return -(hot * p.log() + (1 - hot) * (1 - p).log()).sum(1)


# What is computed for each image instead, by what is said of it; "" is what is right.
KERNELS: dict[str, Kernel] = {
    "": cross_entropy.indexing,
    "multiplies with the labels' numbers, not with their one-hot rows (integer-labels): it is not cross-entropy, and "
    "does not learn": cross_entropy.integer_labels,
    "takes the logarithm to base 2": lambda p, y: cross_entropy.indexing(p, y) / math.log(2),
    "takes the logarithm to base 10": lambda p, y: cross_entropy.indexing(p, y) / math.log(10),
    "treats the probabilities as logits: it applies a second softmax": (
        lambda p, y: functional.cross_entropy(p, y, reduction="none")
    ),
    "the logarithm is missing": lambda p, y: -p.gather(1, y[:, None]).squeeze(1),
    "takes the probabilities of all labels in every row: [:, labels] is not [range(len(labels)), labels]": (
        lambda p, y: -p[:, y].log().mean(1)
    ),
    "takes whole rows by the labels: [labels] is not [range(len(labels)), labels]": lambda p, y: -p[y].log().mean(1),
    "adds up the logarithms of all classes, not of the true one only": lambda p, y: -p.log().sum(1),
    "the binary cross-entropy of every class, added up": _binary,
    "a squared error, not cross-entropy": (
        lambda p, y: (p - cross_entropy.one_hot(y, p.shape[1], dtype=p.dtype)).square().sum(1)
    ),
}
# How the images' losses become one number instead; the factor is that to their mean.
REDUCTIONS: dict[str, Callable[[int, int], float]] = {
    "": lambda images, classes: 1.0,
    "the sum over the images, not their mean: the gradient grows with the batch size": lambda images, classes: images,
    "the mean over the wrong axis: it is taken over the classes too, which are to be added up": (
        lambda images, classes: 1 / classes
    ),
    "the mean over the wrong axis: added up over the images, divided by the number of classes": (
        lambda images, classes: images / classes
    ),
}


def judge_loss(function: Function) -> Verdict:
    """One sentence: the first slip that is found, or that there is none and how near to float64 it comes.

    Whatever the function raises or returns, at whichever call, is that sentence.
    """
    probe = Probe(function)
    try:
        made = probe.loss(PROBABILITIES.float(), LABELS)
        probe.loss(WIDE, WIDE_LABELS)
    except InputError as error:
        return Verdict(False, False, said(error))
    works, gradient = _gradient_slip(probe)
    try:
        slip = next(filter(None, _slips(probe)), "")
        worst = max(_error(probe, PROBABILITIES.float(), LABELS), _error(probe, WIDE, WIDE_LABELS))
    except InputError as error:
        slip = said(error)
    column = COLUMN if probe.column else ""
    if slip or gradient:
        wrong = (slip or "the value is right", gradient) if gradient else (slip,)
        return Verdict(works, False, "; ".join(filter(None, (*wrong, column))), column)
    each = ", one loss for each image (their mean is taken)" if made.ndim else ""
    right = (
        f"right: within {short(worst)} of float64 everywhere tried{each}; inf at log 0 and 0 at 0 · log 0, "
        "as by indexing"
    )
    return Verdict(True, True, "; ".join(filter(None, (right, column))), column)


def _slips(probe: Probe) -> Iterator[str]:
    """What is wrong with the values, the plainest first; "" for each check that it passes."""
    given, labels = PROBABILITIES.float(), LABELS.clone()
    made = as_losses(probe.call(lambda: (given, labels)), PROBABILITIES.float(), LABELS).detach().reshape(-1)
    if not (given.equal(PROBABILITIES.float()) and labels.equal(LABELS)):
        yield "changes its input: probabilities or labels are different afterwards"
    given, labels = PROBABILITIES.float(), LABELS
    if not made.isfinite().all():
        yield "not finite for ordinary probabilities"
    mean = made.double().mean().item()
    if error := _off(mean, cross_entropy.indexing(PROBABILITIES, LABELS).mean().item()):
        yield named(mean, is_mean=made.numel() == 1) or f"gives {mean:.5g}, wrong by {percent(error)}"
    if made.numel() > 1:
        each = cross_entropy.indexing(PROBABILITIES, LABELS)
        if not torch.allclose(made.double(), each, rtol=_ALIKE):
            yield "the mean is right, but the losses of the images are in the wrong order"
    if (error := _error(probe, WIDE, WIDE_LABELS)) > _ROUNDING:
        yield f"right for 4 images of 3 classes, wrong by {percent(error)} for 256 of 10"
    again = all(alike_each_time(partial(probe.loss, p, LABELS)) for p in (given, PROBABILITIES))
    if not (again and probe.loss(given, LABELS).reshape(-1).equal(made)):
        yield "gives a different result when called again with the same probabilities"
    yield from _at_zero(probe)
    if (error := _error(probe, PROBABILITIES, LABELS)) > _ROUNDING**2:
        yield f"computes with less precision than float64 probabilities have: {short(error)} off"


def named(mean: float, is_mean: bool = True) -> str:
    """The slips that together give this number for the ordinary batch, as few as do; "" where none are known."""
    images, classes = PROBABILITIES.shape
    signs = {"": 1.0, _MINUS_MISSING: -1.0}
    reductions = dict(list(REDUCTIONS.items())[:: 1 if is_mean else 2][: 4 if is_mean else 2])
    ways = sorted(product(signs, KERNELS, reductions), key=lambda way: sum(map(bool, way)))
    for sign, kernel, reduction in ways:
        expected = signs[sign] * KERNELS[kernel](PROBABILITIES, LABELS).mean().item()
        if any((sign, kernel, reduction)) and not _off(mean, expected * REDUCTIONS[reduction](images, classes)):
            return "; ".join(filter(None, (sign, kernel, reduction)))
    return ""


def _off(found: float, expected: float) -> float:
    """The relative error, 0 where it is no more than rounding and an epsilon within the logarithm would do."""
    error = abs(found - expected) / abs(expected)
    return error if not error <= _ALIKE else 0.0


def _at_zero(probe: Probe) -> Iterator[str]:
    """The domain of the logarithm is p > 0, and a softmax in floating point returns 0."""
    try:
        at_true = probe.loss(NOTHING, LABELS[2:3]).double().mean().item()
    except InputError as error:
        yield f"right, but where the true class has probability 0 it raises {said(error)}; by indexing it is inf"
        return
    at_false = probe.loss(NOTHING, LABELS[:1]).double().mean().item()
    if math.isnan(at_false):
        yield "right, but by the definition: where another class has probability 0 it gives 0 · log 0 = nan, not 0"
    if math.isnan(at_true):
        yield "right, but nan where the true class has probability 0; by indexing it is inf"
    if math.isfinite(at_true):
        yield (
            f"right, but clipped: log 0 gives {at_true:.4g}, as if no probability were below "
            f"{math.exp(-at_true):.2g}; below that the loss does not show how wrong the model is"
        )
    if at_true == -math.inf or not abs(at_false) <= _ALIKE:
        yield f"right, but {at_false:.4g} where the true class has probability 1, expected 0"


def _gradient_slip(probe: Probe) -> tuple[bool, str]:
    """Whether it can train, and what is wrong with its gradient with respect to the probabilities."""
    probabilities = PROBABILITIES.float()
    try:
        gradient = gradient_at(
            lambda leaf: probe.loss(leaf, LABELS).double().mean(), probabilities, lambda: probe.numpy
        )
        value = probe.loss(probabilities, LABELS).double().mean().item()
    except InputError as error:
        return not isinstance(error, NoGradient), said(error)
    if _off(value, cross_entropy.indexing(PROBABILITIES, LABELS).mean().item()):
        return True, ""  # of another value the gradient is another, too
    expected = torch.zeros_like(PROBABILITIES)
    each = torch.arange(len(LABELS), device="cpu")
    expected[each, LABELS] = -1 / PROBABILITIES[each, LABELS] / len(LABELS)
    if torch.allclose(gradient.double(), expected, rtol=_ALIKE, atol=_ROUNDING):
        return True, ""
    return True, f"the gradient is off by up to {short((gradient - expected).abs().max().item())}"


def _error(probe: Probe, probabilities: Tensor, labels: Tensor) -> float:
    """Of the mean, relative to float64's on the probabilities as they are."""
    found = probe.loss(probabilities, labels).detach().double().mean().item()
    expected = cross_entropy.indexing(probabilities.double(), labels).mean().item()
    return abs(found - expected) / expected
