"""`python -m engine.labs.yours.judging`: a process that judges a user's functions, and computes with them."""

from __future__ import annotations

import sys

import torch

from engine.contract.errors import InputError
from engine.labs.yours.confined import Confined
from engine.labs.yours.loss_judge import judge_loss
from engine.labs.yours.messages import Answer, Compute, Computed, JudgeLoss, JudgeSoftmax, Load, Loaded, Refused
from engine.labs.yours.probe import Probe
from engine.labs.yours.softmax_judge import judge_softmax
from engine.numerics.softmax import row_max
from engine.numerics.trace import relative_error
from engine.numerics.yours import Function, Functions, functions_of, told


def main() -> int:
    """Until the process ends."""
    confined = Confined()
    functions = Functions(None, None)
    for request in confined.requests():
        try:
            if isinstance(request, Load):
                functions = functions_of(request.source)
                confined.say(Loaded(functions.softmax is not None, functions.cross_entropy is not None))
            else:
                confined.say(_answer(request, functions))
        except InputError as error:
            confined.say(Refused(str(error).removeprefix("yours: ")))
        except MemoryError:
            confined.say(Refused("MemoryError: it asks for more memory than it may have"))
        except BaseException as error:  # noqa: BLE001 - what the file has left behind: a handler, a filter, a patch
            confined.say(Refused(told(error)))
    return 0


def _answer(request: object, functions: Functions) -> Answer:
    if isinstance(request, JudgeSoftmax):
        assert functions.softmax is not None
        return judge_softmax(functions.softmax)
    if isinstance(request, JudgeLoss):
        assert functions.cross_entropy is not None
        return judge_loss(functions.cross_entropy)
    assert isinstance(request, Compute)
    assert functions.softmax is not None
    return _computed(functions.softmax, request)


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
    sys.exit(main())
