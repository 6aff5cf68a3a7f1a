"""Along what a run is drawn: epochs, or the seconds that its computing took; and how a place on it is called."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

from engine.contract.run_state import RunState


@dataclass(frozen=True)
class Epochs:
    """Minibatches stand where they end."""

    minibatches_per_epoch: int

    label = "epoch"

    def at(self, epochs: float) -> float:
        """Where so many epochs of the run have been done."""
        return epochs

    def __call__(self, x: float) -> str:
        """The place in words."""
        size = self.minibatches_per_epoch
        position = round(x * size)
        if not size or position % size == 0:
            return f"after epoch {round(x)}" if position or not size else "before epoch 1"
        return f"epoch {position // size + 1}, minibatch {position % size} of {size}"


@dataclass(frozen=True)
class Seconds:
    """Of computing: neither pauses nor the pace count. `ends` are those of the epochs."""

    ends: tuple[float, ...]

    label = "seconds of computing"

    def at(self, epochs: float) -> float:
        """The same, as far as the last epoch that has ended tells of the one that goes on; nan before the first."""
        if not self.ends:
            return 0.0 if epochs == 0 else math.nan
        ends = (0.0, *self.ends)
        whole = min(int(epochs), len(self.ends) - 1)
        return ends[whole] + (epochs - whole) * (ends[whole + 1] - ends[whole])

    def __call__(self, x: float) -> str:
        """The place in words."""
        epoch = bisect_left(self.ends, x * (1 - 1e-9)) + 1
        return f"{x:.4g} s, epoch {epoch}"


Axis = Epochs | Seconds


def axis_of(run: RunState, seconds: bool) -> Axis:
    """Of one run; another has taken other times."""
    if not seconds:
        return Epochs(run.minibatches_per_epoch)
    return Seconds(tuple(accumulate(epoch.seconds for epoch in run.epochs)))
