"""Softmax under the magnifying glass: every intermediate number, in the dtype asked for, against float64."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.contract.errors import InputError
from engine.contract.trace import DTYPES, Column, ImplementationTrace, Mark, MarkRows, Rows, SoftmaxTrace
from engine.numerics.diagnosis import diagnose, rounded_logits
from engine.numerics.softmax import (
    IMPLEMENTATIONS,
    global_max,
    log_partition,
    log_sum_exp_softmax,
    naive,
    row_max,
)

Softmax = Callable[[Tensor], Tensor]


@torch.no_grad()
def trace(logits: Tensor, dtype_name: str, implementations: Mapping[str, Softmax] = IMPLEMENTATIONS) -> SoftmaxTrace:
    """Each implementation's way from logits, float64 `(batch, classes)` as typed, to probabilities.

    The arithmetic happens in the dtype, and each operation rounds its result to it. (torch adds up a sum of
    float16 or bfloat16 in float32 and rounds it once, on a CPU as on a GPU.)

    Raises:
        InputError: there is no such dtype, no logits, or an implementation returns another shape than theirs.
    """
    dtype = _dtype(dtype_name)
    if logits.ndim != 2 or not logits.numel():
        raise InputError(f"logits: found shape {tuple(logits.shape)}, expected at least one row with one class")
    limits = torch.finfo(dtype)
    rounded_bc = logits.to(dtype)
    rounded = _rows(rounded_bc)
    reference_bc, exact_bc = row_max(rounded_bc.double()), row_max(logits.double())
    before = SoftmaxTrace(
        dtype=dtype_name,  # type: ignore[arg-type]  # one of the names: _dtype has looked it up
        largest=limits.max,
        smallest_normal=limits.tiny,
        smallest=limits.tiny * limits.eps,
        typed=_rows(logits),
        logits=rounded,
        logit_marks=_non_finite_marks(rounded),
        reference=_rows(reference_bc),
        exact=_rows(exact_bc),
        rounding_errors=_rows(_error(reference_bc, exact_bc, limits.tiny)),
        rounding="",
        implementations={},
    )
    before = replace(before, rounding=rounded_logits(before))
    traced = {name: _trace_one(name, softmax, rounded_bc, before) for name, softmax in implementations.items()}
    return replace(before, implementations=traced)


@torch.no_grad()
def offset_errors(logits: Tensor, dtype_name: str, offsets: Sequence[float]) -> dict[str, list[float]]:
    """How wrong each implementation is as an offset slides: its name -> one `max_relative_error` an offset.

    The offset is added to the *first* row, before rounding to the dtype. On paper that changes nothing. With
    more rows the first moves away from the others, and `global_max` loses whichever lies lower. `logits` are
    float64 `(batch, classes)`; nan stands where a probability is nan.

    Raises:
        InputError: there is no such dtype.
    """
    moved_obc = logits.double().repeat(len(offsets), 1, 1)
    moved_obc[:, 0] += torch.tensor(offsets, dtype=torch.float64)[:, None]
    rounded_obc = moved_obc.to(_dtype(dtype_name))
    reference_obc = row_max(rounded_obc.double())
    return {
        name: relative_error(implementation(rounded_obc), reference_obc).amax((1, 2)).tolist()
        for name, implementation in IMPLEMENTATIONS.items()
    }


def relative_error(probabilities: Tensor, reference: Tensor) -> Tensor:
    """|p − reference| / max(reference, smallest normal number of p's dtype), of any shape, in float64.

    Below the smallest normal number a dtype has fewer digits, down to none: an error there is measured
    against the smallest normal one. nan where either is.
    """
    return _error(probabilities, reference, torch.finfo(probabilities.dtype).tiny)


def _error(probabilities: Tensor, reference: Tensor, smallest_normal: float) -> Tensor:
    return (probabilities.double() - reference).abs() / reference.clamp(min=smallest_normal)


def _trace_one(name: str, softmax: Softmax, rounded_bc: Tensor, before: SoftmaxTrace) -> ImplementationTrace:
    probabilities_bc = softmax(rounded_bc)
    if probabilities_bc.shape != rounded_bc.shape:
        found, expected = tuple(probabilities_bc.shape), tuple(rounded_bc.shape)
        raise InputError(f"softmax {name}: found probabilities of shape {found}, expected {expected}")
    errors_bc = relative_error(probabilities_bc, torch.tensor(before.reference, dtype=torch.float64))
    probabilities, tiny = _rows(probabilities_bc), before.smallest_normal
    shift, shifted, exponentials, partition = _steps(softmax, rounded_bc)
    steps = ImplementationTrace(
        shift=shift,
        shifted=shifted,
        shifted_marks=_non_finite_marks(shifted),
        exponentials=exponentials,
        exponential_marks=_exponential_marks(exponentials, shifted, tiny),
        partition=partition,
        partition_marks=tuple(_mark(sum_, max(row), tiny) for sum_, row in zip(partition, shifted, strict=True)),
        probabilities=probabilities,
        probability_marks=_exponential_marks(probabilities, before.logits, tiny),
        sums=tuple(probabilities_bc.double().sum(1).tolist()),
        finite=bool(probabilities_bc.isfinite().all()),
        errors=_rows(errors_bc),
        row_errors=tuple(errors_bc.amax(1).tolist()),
        max_relative_error=float(errors_bc.max()),
    )
    finding = diagnose(before, steps)
    return replace(steps, first_bad=finding[0], explanation=finding[1]) if finding else steps


def _steps(softmax: Softmax, logits_bc: Tensor) -> tuple[Column, Rows, Rows, Column]:
    """Shift, shifted logits, exponentials and partition, by the same operations that `softmax` does."""
    row_maximum_b1 = logits_bc.amax(-1, keepdim=True)
    if softmax is naive:
        shift_b1 = torch.zeros_like(row_maximum_b1)
        shifted_bc = logits_bc
    elif softmax is global_max:
        shift_b1 = logits_bc.max().expand_as(row_maximum_b1)
        shifted_bc = logits_bc - shift_b1
    elif softmax is row_max:
        shift_b1 = row_maximum_b1
        shifted_bc = logits_bc - shift_b1
    elif softmax is log_sum_exp_softmax:
        shift_b1 = log_partition(logits_bc)[:, None]
        below_maximum_bc = logits_bc - row_maximum_b1
        shifted_bc = below_maximum_bc - below_maximum_bc.exp().sum(-1, keepdim=True).log()
    else:
        return (), (), (), ()
    exponentials_bc = shifted_bc.exp()
    divided_already = softmax is log_sum_exp_softmax
    partition_b = torch.ones_like(shift_b1[:, 0]) if divided_already else exponentials_bc.sum(-1)
    return (
        tuple(shift_b1[:, 0].tolist()),
        _rows(shifted_bc),
        _rows(exponentials_bc),
        tuple(partition_b.tolist()),
    )


def _dtype(name: str) -> torch.dtype:
    if name not in DTYPES:
        raise InputError(f"dtype: found {name!r}, expected one of {', '.join(DTYPES)}")
    return getattr(torch, name)  # type: ignore[no-any-return]


def _rows(numbers_bc: Tensor) -> Rows:
    return tuple(tuple(row) for row in numbers_bc.tolist())


def _mark(number: float, exponent: float, smallest_normal: float) -> Mark:
    """The mark of a number that is exp(exponent), or that times something above 0."""
    if math.isnan(number):
        return "nan"
    if math.isinf(number):
        return "inf"
    if number == 0:
        return "" if exponent == -math.inf else "underflow"
    return "subnormal" if abs(number) < smallest_normal else ""


def _exponential_marks(numbers: Rows, exponents: Rows, smallest_normal: float) -> MarkRows:
    return tuple(
        tuple(_mark(number, exponent, smallest_normal) for number, exponent in zip(*rows, strict=True))
        for rows in zip(numbers, exponents, strict=True)
    )


def _non_finite_marks(numbers: Rows) -> MarkRows:
    return tuple(tuple(_mark(number, -math.inf, 0.0) for number in row) for row in numbers)
