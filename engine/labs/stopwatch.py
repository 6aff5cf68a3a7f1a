"""Timing computations so that they can be compared: warmed up, interleaved, with their spread; and weighing them."""

from __future__ import annotations

import gc
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate

from torch.autograd.profiler import profile

Timings = Mapping[str, Sequence[float]]  # for each computation, the seconds it took in each round

_WARM_UP = 3
_LEAST_SECONDS = 0.0005  # a turn: below, the clock and the interpreter would be measured


@dataclass
class Load:
    """How much of the time of all rounds a processor has computed for the calling thread: the rest others had it."""

    clock: Callable[[], float] = time.perf_counter
    processor_clock: Callable[[], float] = time.thread_time
    seconds: float = 0.0
    processor_seconds: float = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Adds what passes within to the sums."""
        began, processor_began = self.clock(), self.processor_clock()
        yield
        self.processor_seconds += self.processor_clock() - processor_began
        self.seconds += self.clock() - began

    @property
    def processor_share(self) -> float:
        """nan before the first round."""
        return min(1.0, self.processor_seconds / self.seconds) if self.seconds else math.nan


def interleaved(computations: Mapping[str, Callable[[], object]], load: Load | None = None) -> Iterator[Timings]:
    """Yields all timings so far after every round, in which each computation had one turn; goes on for ever.

    The first are empty: it has only warmed up.

    What slows the machine down for a while hits all of them alike. Every round begins with another one, so that none
    always follows the same neighbour into the cache. A turn is as many calls as fill half a millisecond. `load` learns
    whether a processor was there for them.
    """
    calls = {name: _calls(compute) for name, compute in computations.items()}
    seconds: dict[str, list[float]] = {name: [] for name in computations}
    load = load or Load()
    order = list(computations)
    yield seconds
    while True:
        collecting = gc.isenabled()
        gc.disable()
        try:
            with load.measured():
                for name in order:
                    seconds[name].append(_turn(computations[name], calls[name]))
        finally:
            if collecting:
                gc.enable()
        order = order[1:] + order[:1]
        yield seconds


def _calls(compute: Callable[[], object]) -> int:
    took = min(_turn(compute, 1) for _ in range(_WARM_UP))
    return max(1, round(_LEAST_SECONDS / max(took, 1e-9)))


def _turn(compute: Callable[[], object], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        compute()
    return (time.perf_counter() - began) / calls


def peak_bytes(compute: Callable[[], object]) -> int:
    """The most bytes of CPU tensors that were alive at once while `compute` ran, beyond those alive before.

    Every allocation and release of the calling thread is reported to the profiler in the order in which they
    happened, scratch space within an operation included; the peak is the largest running sum. The same computation
    gives the same number every time: nothing is sampled, and memory the process keeps for later does not count.
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # else the profiler writes to stderr; read at its first use
    with profile(profile_memory=True) as recorded:
        compute()
    assert recorded.kineto_results is not None
    events = [event for event in recorded.kineto_results.events() if event.name() == "[memory]"]
    # Sorting is stable: events of the same nanosecond stay in the order in which they were reported.
    events.sort(key=lambda event: event.start_ns())
    return max(accumulate((int(event.nbytes()) for event in events), initial=0))
