"""`python -m engine.labs.loss.child`: measures the losses, a user's own among them, in a process that can be killed."""

from __future__ import annotations

import sys

from engine.contract.errors import InputError
from engine.labs.loss.measuring import measure_losses
from engine.labs.yours.confined import Confined
from engine.labs.yours.messages import Measure, Refused
from engine.numerics.yours import told


def main() -> int:
    """One measurement after the other, until the process ends."""
    confined = Confined()
    for request in confined.requests():
        assert isinstance(request, Measure)
        try:
            for event in measure_losses(request.question, request.rounds, request.source):
                confined.say(event)
        except InputError as error:
            confined.say(Refused(str(error).removeprefix("yours: ")))
        except BaseException as error:  # noqa: BLE001 - whatever a user's function raises is told, not died of
            confined.say(Refused(told(error)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
