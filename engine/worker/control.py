"""Who controls a detached worker: one viewer at a time, for as long as it is heard from."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import get_args

from engine.contract.commands import (
    Command,
    Hello,
    OfferYours,
    Question,
    Received,
    Shutdown,
    StillHere,
    TakeControl,
)

LEASE_SECONDS = 10.0
_FREE = (*get_args(Question), Hello, Received, StillHere, TakeControl, Shutdown)


def needs_control(command: Command) -> bool:
    """Whether it changes what the worker does: the functions that a user offers are trained with."""
    return isinstance(command, OfferYours) or not isinstance(command, _FREE)


class Control:
    """A lease: whoever holds it renews it with every word. `term` counts its changes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0
        self._free_since = clock()
        self.holder: int | None = None
        self.term = 0

    def give(self, viewer: int | None) -> bool:
        """To that viewer, or to nobody; whether that is a change."""
        changed = viewer != self.holder
        if changed:
            self.term += 1
            self._free_since = self._clock()
        self.holder = viewer
        self._until = self._clock() + LEASE_SECONDS
        return changed

    def heard(self, viewer: int) -> None:
        """The viewer has said something."""
        if viewer == self.holder:
            self._until = self._clock() + LEASE_SECONDS

    def lapse(self) -> bool:
        """Whether the holder has been silent for too long; then nobody holds it any more."""
        return self.holder is not None and self._clock() > self._until and self.give(None)

    def free_seconds(self) -> float:
        """For how long nobody has held it."""
        return self._clock() - self._free_since if self.holder is None else 0.0
