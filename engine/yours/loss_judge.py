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
from engine.numerics import cross_entropy
from engine.numerics.softmax import row_max
from engine.numerics.yours import Function, called
from engine.yours.messages import Verdict
from engine.yours.softmax_judge import alike_each_time, as_tensor, percent, short

_ROUNDING = 1e-5
_ALIKE = 1e-4
_EXPECTED = "the mean loss or one for each image"

# Not square: a wrong axis shows itself. Every class is a label, one of them twice.
PROBABILITIES = row_max(
    torch.tensor([[1.0, 2.0, 0.5], [0.25, -0.5, 1.0], [0.75, 0.5, -1.0], [2.0, -2.0, 1.5]], dtype=torch.float64)
)
LABELS = torch.tensor([1, 2, 0, 2])
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
    "takes the probabilities for logits: there is a second softmax in it": (
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
    """One sentence: the first slip that is found, or that there is none and how near to float64 it comes."""
    try:
        made = returned(function, PROBABILITIES.float(), LABELS)
        wide = row_max(2 * torch.randn(256, 10, generator=torch.Generator().manual_seed(0)))
        wide_labels = torch.arange(256) % 10
        returned(function, wide, wide_labels)
        gradient = _gradient_slip(function)
        slip = next(filter(None, _slips(function, wide, wide_labels)), "")
    except InputError as error:
        return Verdict(False, False, str(error).removeprefix("yours: "))
    works = not gradient.startswith("no gradient")
    if slip or gradient:
        return Verdict(works, False, "; ".join((slip or "the value is right", gradient) if gradient else (slip,)))
    worst = max(_error(function, PROBABILITIES.float(), LABELS), _error(function, wide, wide_labels))
    each = ", one loss for each image (their mean is taken)" if made.ndim else ""
    return Verdict(
        True,
        True,
        f"right: within {short(worst)} of float64 everywhere tried{each}; inf at log 0 and 0 at 0 · log 0, "
        "as by indexing",
    )


def returned(function: Function, probabilities: Tensor, labels: Tensor) -> Tensor:
    """What the function returns for copies, `()` or `(batch,)`.

    Raises:
        InputError: it raised, or returned something of another shape.
    """
    try:
        found = called(function, probabilities.clone(), labels.clone())
    except InputError as error:
        raise InputError(f"{error}{_hint(str(error))}") from error
    made = as_tensor(found, "cross_entropy", _EXPECTED, probabilities.dtype)
    if made.shape == labels.shape:
        return made
    if made.numel() == 1:
        return made.reshape(())
    raise InputError(f"wrong shape: found {tuple(made.shape)}, expected {_EXPECTED}{_why(made, probabilities)}")


def _hint(line: str) -> str:
    return "; labels are class numbers of shape (batch,), not one-hot rows" if "must match the size" in line else ""


def _why(made: Tensor, probabilities: Tensor) -> str:
    images, classes = probabilities.shape
    if made.shape == (classes,):
        return ": the mean over the wrong axis, the images were added up and the classes are left"
    if made.shape == (images, classes):
        return ": the sum over the classes is missing"
    if made.shape == (images, images):
        return ": [:, labels] takes the labels of all images in every row; [range(len(labels)), labels] takes one each"
    return ""


def _slips(function: Function, wide: Tensor, wide_labels: Tensor) -> Iterator[str]:
    """What is wrong with the values, the plainest first; "" for each check that it passes."""
    given, labels = PROBABILITIES.float(), LABELS.clone()
    made = as_tensor(called(function, given, labels), "cross_entropy", _EXPECTED, given.dtype).reshape(-1)
    if not (given.equal(PROBABILITIES.float()) and labels.equal(LABELS)):
        yield "writes into its input: probabilities or labels are no longer what they were"
    if not made.isfinite().all():
        yield "not finite for ordinary probabilities"
    mean = made.double().mean().item()
    if error := _off(mean, cross_entropy.indexing(PROBABILITIES, LABELS).mean().item()):
        yield named(mean, is_mean=made.numel() == 1) or f"says {mean:.5g}, wrong by {percent(error)}"
    if made.numel() > 1:
        each = cross_entropy.indexing(PROBABILITIES, LABELS)
        if not torch.allclose(made.detach().double(), each, rtol=_ALIKE):
            yield "the mean is right, and the images' losses are not: they are in another order"
    if (error := _error(function, wide, wide_labels)) > _ROUNDING:
        yield f"right for 4 images of 3 classes, wrong by {percent(error)} for 256 of 10"
    again = all(alike_each_time(partial(returned, function, p, LABELS)) for p in (given, PROBABILITIES))
    if not (again and returned(function, given, LABELS).reshape(-1).equal(made)):
        yield "says something else when it is called again with the same probabilities"
    yield from _at_zero(function)
    if (error := _error(function, PROBABILITIES, LABELS)) > _ROUNDING**2:
        yield f"computes with fewer digits than float64 probabilities have: {short(error)} off"


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


def _at_zero(function: Function) -> Iterator[str]:
    """The domain of the logarithm is p > 0, and a softmax in floating point returns 0."""
    nothing = torch.tensor([[0.0, 1.0]])
    at_true = returned(function, nothing, torch.tensor([0])).double().mean().item()
    at_false = returned(function, nothing, torch.tensor([1])).double().mean().item()
    if math.isnan(at_false):
        yield "right, but by the definition: where another class has probability 0 it says 0 · log 0 = nan, not 0"
    if math.isnan(at_true):
        yield "right, but nan where the true class has probability 0; by indexing it is inf"
    if math.isfinite(at_true):
        yield (
            f"right, but clipped: finite at log 0, {at_true:.4g}, as if no probability were below "
            f"{math.exp(-at_true):.2g}; there the loss no longer says how wrong the model is"
        )
    if at_true == -math.inf or not abs(at_false) <= _ALIKE:
        yield f"right, but {at_false:.4g} where the true class has probability 1, expected 0"


def _gradient_slip(function: Function) -> str:
    leaf = PROBABILITIES.clone().requires_grad_()
    made = returned(function, leaf, LABELS).mean() if _floats(function) else None
    gradient = None
    if made is not None and made.requires_grad:
        (gradient,) = torch.autograd.grad(made, leaf, allow_unused=True)
    if gradient is None or made is None:
        return "no gradient comes through it: training needs torch operations all the way"
    if _off(made.item(), cross_entropy.indexing(PROBABILITIES, LABELS).mean().item()):
        return ""  # of another value the gradient is another, too
    expected = torch.zeros_like(leaf)
    expected[torch.arange(len(LABELS)), LABELS] = -1 / PROBABILITIES[torch.arange(len(LABELS)), LABELS] / len(LABELS)
    if torch.allclose(gradient, expected, rtol=_ALIKE, atol=_ROUNDING):
        return ""
    return f"the gradient is off by up to {short((gradient - expected).abs().max().item())}"


def _floats(function: Function) -> bool:
    return returned(function, PROBABILITIES, LABELS).is_floating_point()


def _error(function: Function, probabilities: Tensor, labels: Tensor) -> float:
    """Of the mean, relative to float64's on the probabilities as they are."""
    found = returned(function, probabilities, labels).detach().double().mean().item()
    expected = cross_entropy.indexing(probabilities.double(), labels).mean().item()
    return abs(found - expected) / expected
