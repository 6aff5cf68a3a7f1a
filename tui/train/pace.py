"""How fast a run should go, in seconds, in minibatches a second or as fast as it can, and how fast it does go."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

DEFAULT_SECONDS = 20.0  # the engine trains ten epochs in a second: too fast to see the curve fall
_SLOWEST, _FASTEST = 0.25, 1e6  # minibatches a second
_GUESSED_IMAGES = 60_000


class PaceSetting(Struct, frozen=True, kw_only=True):
    """`per_second`, where it is set, goes before `seconds`; `full` before both, without forgetting them."""

    seconds: float = DEFAULT_SECONDS
    per_second: float | None = None
    full: bool = False

    def minibatches_per_second(self, minibatches: int) -> float:
        """For a run of that many minibatches; 0 is full speed, as in the commands."""
        if self.full or not minibatches:
            return 0.0
        return self.per_second or max(_SLOWEST, minibatches / self.seconds)

    def toggled(self) -> PaceSetting:
        """Full speed, or back from it."""
        return replace(self, full=not self.full)

    def times(self, factor: float, minibatches: int) -> PaceSetting:
        """Faster or slower; of a run that is known in minibatches a second, else in seconds."""
        if not minibatches:
            return replace(self, seconds=max(0.1, min(3600.0, self.seconds / factor)), full=False)
        now = replace(self, full=False).minibatches_per_second(minibatches)
        return replace(self, per_second=max(_SLOWEST, min(_FASTEST, now * factor)), full=False)

    def as_told(self, minibatches_per_second: float) -> PaceSetting:
        """What the engine says of a run that was begun elsewhere."""
        if not minibatches_per_second:
            return replace(self, full=True)
        return replace(self, per_second=minibatches_per_second, full=False)

    @property
    def words(self) -> str:
        """For the screen: `full speed`, `pace 20 s`, `50 minibatches/s`."""
        if self.full:
            return "full speed"
        if self.per_second is not None:
            return (
                f"{self.per_second:,.3g} minibatches/s"
                if self.per_second < 100
                else f"{self.per_second:,.0f} minibatches/s"
            )
        return f"pace {self.seconds:g} s"


def guessed_minibatches(batch_size: int, epochs: int) -> int:
    """How long a run will be, before its data are known: what it starts with until it says so itself."""
    return epochs * -(-_GUESSED_IMAGES // batch_size)


_SPAN = 2.0  # seconds that are looked back on
_LEAST = 0.2  # seconds below which a quotient says nothing


class _Sight(NamedTuple):
    at: float
    images: int
    minibatches: int


class Speed:
    """Images and minibatches a second over the last seconds. The clock is the caller's."""

    def __init__(self) -> None:
        self._sights: deque[_Sight] = deque()

    def saw(self, at: float, images: int, minibatches: int) -> None:
        """So many had been done in all at that time."""
        if self._sights and minibatches < self._sights[-1].minibatches:
            self.forget()
        self._sights.append(_Sight(at, images, minibatches))
        while len(self._sights) > 2 and self._sights[1].at <= at - _SPAN:
            self._sights.popleft()

    def forget(self) -> None:
        """After a pause what was before says nothing."""
        self._sights.clear()

    @property
    def images_per_second(self) -> float | None:
        """Over the last seconds, None while it is not known."""
        return self._quotient("images")

    @property
    def minibatches_per_second(self) -> float | None:
        """Over the last seconds, None while it is not known."""
        return self._quotient("minibatches")

    def _quotient(self, what: str) -> float | None:
        if len(self._sights) < 2:
            return None
        first, last = self._sights[0], self._sights[-1]
        seconds = last.at - first.at
        done: int = getattr(last, what) - getattr(first, what)
        return done / seconds if seconds >= _LEAST and done > 0 else None
