"""How fast a run moves, measured from what is seen of it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

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
