"""A process that runs a user's functions, from within: what they cannot disturb, and what ends it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import NoReturn

import torch

from engine.contract.errors import InputError
from engine.labs.yours.messages import Answer, Measure, Refused, Request, TorchReady
from engine.numerics.yours import told
from engine.processes.memory import limit_to_more
from engine.processes.parent import Parent, die_with_parent

_MOST_BYTES = 8 * 2**30  # beyond what torch has taken; a user's function that wants more gets a MemoryError


def serve(answers: Callable[[Request | Measure], Iterable[Answer]]) -> NoReturn:
    """Answers whatever is asked, an InputError with `Refused`, until the process ends with who started it.

    A print of a user's function goes nowhere; in an endless loop it ends all the same.
    """
    parent: Parent[Request | Measure] = Parent(Request | Measure)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(nowhere, standard)
    die_with_parent(signal.SIGKILL)
    torch.set_num_threads(1)
    limit_to_more(_MOST_BYTES)
    parent.send(TorchReady())
    while True:
        try:
            for answer in answers(parent.receive()):
                parent.send(answer)
        except InputError as error:
            parent.send(Refused(str(error).removeprefix("yours: ")))
        except MemoryError:
            parent.send(Refused("MemoryError: it asks for more memory than it may have"))
        except BaseException as error:  # noqa: BLE001 - what the file has left behind: a handler, a filter, a patch
            parent.send(Refused(told(error)))
