"""Whether the engine is heard from, and what is sent to it only while it is. Its heartbeat comes every second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, cast

from textual.widget import Widget

SILENCE_SECONDS = 3.0
SETTLING_SECONDS = 1.0  # after a silence: for whoever pressed a key before seeing what had happened meanwhile
LOOK_SECONDS = 0.5  # how often `look` is called


class Hearing:
    """Told of every word of the engine, and looked at twice a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard_at: float | None = None  # None while no heartbeat is expected
        self._looked_at = clock()
        self._back_at: float | None = None
        self.seconds = 0  # that the silence lasts, once it is one
        self._lasted = 0

    def begin(self) -> None:
        """The engine has said its first word: from now on its heart beats."""
        self.end()
        self._heard_at = self._clock()

    def end(self) -> None:
        """There is no engine, or it has not said anything yet."""
        self._heard_at = self._back_at = None
        self.seconds = 0

    @property
    def begun(self) -> bool:
        """Whether a heartbeat is expected."""
        return self._heard_at is not None

    def heard(self) -> None:
        """A word of the engine has been taken in, with all that it said before."""
        now = self._clock()
        if self.seconds:
            self._back_at, self._lasted, self.seconds = now, self.seconds, 0
        elif self._back_at is not None and now - self._back_at >= SETTLING_SECONDS:
            self._back_at = None
        if self._heard_at is not None:
            self._heard_at = now

    def look(self) -> bool:
        """Counts the silence; whether the words for it have changed."""
        now, before = self._clock(), self.seconds
        asleep, self._looked_at = now - self._looked_at - LOOK_SECONDS, now
        if self._heard_at is None:
            return False
        if asleep > LOOK_SECONDS:  # this process itself stood still, and has not read yet what has come meanwhile
            self._heard_at += asleep
        silent = now - self._heard_at
        self.seconds = int(silent) if silent >= SILENCE_SECONDS else 0
        return self.seconds != before

    @property
    def words(self) -> str:
        """What is to be seen of a silence; "" while there is none."""
        return f"no answer from the engine for {self.seconds} s" if self.seconds else ""

    @property
    def refusal(self) -> str:
        """Why nothing that starts, holds or ends a job is sent now; "" where it is.

        It would be obeyed whenever the line thaws, when nobody means it any more. After a silence a key may have been
        pressed before what happened meanwhile was on the screen.
        """
        if self.seconds:
            return f"{self.words}; nothing is sent until the engine answers"
        if self._back_at is not None:
            return f"the engine answers again after {self._lasted} s: check the screen, then press the key again"
        return ""


class Hears(Protocol):
    """The app: it hears everything."""

    @property
    def hearing(self) -> Hearing:
        """Whether the engine is heard from."""


def silence_of(node: Widget) -> str:
    """ "no answer from the engine for 7 s"; "" where it is heard."""
    return cast(Hears, node.app).hearing.words


def heard(node: Widget) -> bool:
    """Whether a job may be told something now. Where not, it says why: the key was pressed for nothing."""
    refusal = cast(Hears, node.app).hearing.refusal
    if refusal:
        node.app.notify(refusal, title="Not sent", severity="warning", markup=False, timeout=4)
    return not refusal


def outdated(node: Widget) -> bool:
    """Whether a start that waits for the engine has to be forgotten. If so, it says why."""
    silence = silence_of(node)
    if silence:
        words = f"{silence}; press the key again when the engine answers"
        node.app.notify(words, title="The start is cancelled", severity="warning", markup=False, timeout=8)
    return bool(silence)
