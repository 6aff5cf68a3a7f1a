"""The trace of a user's softmax beside the engine's own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.contract.errors import InputError
from engine.contract.pairs import YOURS
from engine.contract.trace import FirstBad, ImplementationTrace, SoftmaxTrace
from engine.labs.yours.offered import Yours
from engine.numerics.trace import trace


def with_yours(
    given: SoftmaxTrace, yours: Yours, offsets: Sequence[float] = ()
) -> tuple[SoftmaxTrace, tuple[float, ...]]:
    """The trace with one more implementation, and the errors of that one at each offset to the first row.

    A softmax that fails for these logits is nan everywhere, with the reason as its explanation: the others stand.
    """
    try:
        computed = yours.softmax(given.logits, given.dtype, tuple(offsets))
    except InputError as error:
        own = _failed(given, str(error).removeprefix("yours: "))
        return _added(given, own), tuple(math.nan for _ in offsets)
    probabilities = torch.tensor(computed.rows, dtype=getattr(torch, given.dtype))

    def made(logits: Tensor) -> Tensor:
        return probabilities

    logits = torch.tensor(given.typed, dtype=torch.float64)
    own = trace(logits, given.dtype, {YOURS: made}).implementations[YOURS]
    return _added(given, own), computed.errors


def _added(given: SoftmaxTrace, own: ImplementationTrace) -> SoftmaxTrace:
    return replace(given, implementations={**given.implementations, YOURS: own})


def _failed(given: SoftmaxTrace, why: str) -> ImplementationTrace:
    nans = tuple(tuple(math.nan for _ in row) for row in given.logits)
    column = tuple(math.nan for _ in given.logits)
    return ImplementationTrace(
        shift=(),
        shifted=(),
        shifted_marks=(),
        exponentials=(),
        exponential_marks=(),
        partition=(),
        partition_marks=(),
        probabilities=nans,
        probability_marks=tuple(tuple("nan" for _ in row) for row in given.logits),
        sums=column,
        finite=False,
        errors=nans,
        row_errors=column,
        max_relative_error=math.nan,
        first_bad=FirstBad("probabilities", 0, 0),
        explanation=why,
    )
