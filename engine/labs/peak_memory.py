"""How many bytes a computation held at once, as torch's own CPU allocator tells it."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import accumulate

from torch.autograd.profiler import profile


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
