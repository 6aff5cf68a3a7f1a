"""How many threads torch computes with: it is one number for the whole process, and decides the last bits of a sum."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """So many within, and whatever there were before afterwards. Costs a microsecond.

    A run, a sweep and a measurement enter it for each of their stretches between two events: several of them take turns
    in one process, and each has a number of its own. No `yield` of a job stands inside of it.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
