"""`python -m engine.labs.loss.child`: measures the losses, a user's own among them, in a process that can be killed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from engine.contract.loss_lab import LossLabEvent
from engine.labs.loss.measuring import measure_losses
from engine.labs.yours.confined import serve
from engine.labs.yours.messages import Measure, Request


def main() -> NoReturn:
    """One measurement after the other."""
    serve(_measured)


def _measured(request: Request | Measure) -> Iterator[LossLabEvent]:
    assert isinstance(request, Measure)
    return measure_losses(request.question, request.rounds, request.source)


if __name__ == "__main__":
    main()
