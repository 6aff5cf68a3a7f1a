"""How fast a run should go: in so many seconds, at so many minibatches a second, or as fast as the engine can."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

DEFAULT_SECONDS = 20.0  # the engine trains ten epochs in a second: too fast to see the curve fall
_LEAST, _MOST = 0.25, 1e6  # minibatches a second
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
        return self.per_second or max(_LEAST, minibatches / self.seconds)

    def toggled(self) -> PaceSetting:
        """Full speed, or back from it."""
        return replace(self, full=not self.full)

    def times(self, factor: float, minibatches: int) -> PaceSetting:
        """Faster or slower; of a run that is known in minibatches a second, else in seconds."""
        if not minibatches:
            return replace(self, seconds=max(0.1, min(3600.0, self.seconds / factor)), full=False)
        now = replace(self, full=False).minibatches_per_second(minibatches)
        return replace(self, per_second=max(_LEAST, min(_MOST, now * factor)), full=False)

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
