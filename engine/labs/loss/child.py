"""`python -m engine.labs.loss.child`: measures the losses, a user's own among them, in a process that can be killed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import NoReturn

from engine.contract.errors import InputError
from engine.contract.loss_lab import LossesMeasured, LossLabEvent, LossQuestion, LossRoundDone, checked
from engine.labs.loss.measuring import measure_losses
from engine.labs.yours.confined import serve
from engine.labs.yours.messages import Measure, Refused, Request
from engine.labs.yours.sandbox import Sandbox, SandboxEnded

_MODULE = "engine.labs.loss.child"
# Between two events lie the first look at everything and a few turns of each loss, at some 10 ns a number and turn.
_SECONDS = 30.0
_NUMBERS_A_SECOND = 1e5


def measure_with_yours(
    question: LossQuestion, source: str, rounds: int | None = None, seconds: float = _SECONDS
) -> Generator[LossLabEvent]:
    """As `measure_losses`, in a process of its own that ends with this generator, or when it is silent for too long.

    Raises:
        InputError: at the first event for a question that cannot be asked; where the user's function raised, hung or
            ended the process.
    """
    checked(question)
    patience = seconds + question.batch_size * question.num_classes / _NUMBERS_A_SECOND
    try:
        with Sandbox(_MODULE) as sandbox:
            sandbox.send(Measure(source, question, rounds))
            while True:
                event = sandbox.receive(patience)
                if isinstance(event, Refused):
                    raise InputError(f"loss of yours: {event.line}")
                assert isinstance(event, LossRoundDone | LossesMeasured)
                yield event
                if isinstance(event, LossesMeasured):
                    return
    except SandboxEnded as ended:
        raise InputError(f"loss of yours: {ended}") from ended


def main() -> NoReturn:
    """One measurement after the other."""
    serve(_measured)


def _measured(request: Request | Measure) -> Iterator[LossLabEvent]:
    assert isinstance(request, Measure)
    return measure_losses(request.question, request.rounds, request.source)


if __name__ == "__main__":
    main()
