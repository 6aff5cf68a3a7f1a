"""`python -m engine.labs.yours.judging`: a process that judges a user's functions, and computes with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import torch

from engine.labs.yours.confined import serve
from engine.labs.yours.loss_judge import judge_loss
from engine.labs.yours.messages import Answer, Compute, Computed, JudgeLoss, Loaded, LoadFile, Measure, Request
from engine.labs.yours.probe import Probe
from engine.labs.yours.softmax_judge import judge_softmax
from engine.numerics.softmax import row_max
from engine.numerics.trace import relative_error
from engine.numerics.yours import Function, Functions, functions_of


def main() -> NoReturn:
    """Until the process ends."""
    serve(_Judge().answers)


class _Judge:
    """What it is asked last to load is what it judges, and computes with."""

    def __init__(self) -> None:
        self._functions = Functions(None, None)

    def answers(self, request: Request | Measure) -> Iterator[Answer]:
        """One answer to one request."""
        softmax, cross_entropy = self._functions.softmax, self._functions.cross_entropy
        if isinstance(request, LoadFile):
            self._functions = functions_of(request.source)
            yield Loaded(self._functions.softmax is not None, self._functions.cross_entropy is not None)
        elif isinstance(request, JudgeLoss):
            assert cross_entropy is not None
            yield judge_loss(cross_entropy)
        else:
            assert softmax is not None
            yield _computed(softmax, request) if isinstance(request, Compute) else judge_softmax(softmax)


def _computed(softmax: Function, request: Compute) -> Computed:
    dtype: torch.dtype = getattr(torch, request.dtype)
    logits_bc = torch.tensor(request.rows, dtype=torch.float64)
    probe = Probe(softmax)
    probabilities_bc = probe.softmax(logits_bc.to(dtype)).detach().to(dtype)
    return Computed(
        tuple(tuple(row) for row in probabilities_bc.tolist()),
        tuple(_error_at(probe, logits_bc, offset, dtype) for offset in request.offsets),
    )


def _error_at(probe: Probe, logits_bc: torch.Tensor, offset: float, dtype: torch.dtype) -> float:
    """As `engine.numerics.trace.offset_errors`, but one offset at a time: a user's function takes two axes."""
    moved_bc = logits_bc.clone()
    moved_bc[0] += offset
    rounded_bc = moved_bc.to(dtype)
    made_bc = probe.softmax(rounded_bc).detach().to(dtype)
    return float(relative_error(made_bc, row_max(rounded_bc.double())).max())


if __name__ == "__main__":
    main()
