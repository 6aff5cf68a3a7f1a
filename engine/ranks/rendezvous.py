"""Where the ranks meet: the store of keys and values that torchrun's processes share."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous as torch_rendezvous

BEAT_SECONDS = 0.2
SILENCE_SECONDS = 6.0
ARRIVAL_SECONDS = 60.0


class RankLost(Exception):  # noqa: N818 - what happened to a rank, said as it is
    """Another rank died. `str()` is one line."""


@contextmanager
def exchange() -> Iterator[None]:
    """What is done with the store or with another rank meanwhile. Raises RankLost where torch fails, in one line."""
    try:
        yield
    except RuntimeError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = re.sub(r"^\[[^]]*\]\s*", "", reason).partition(". ")[0][:160]  # without torch's file and line
        raise RankLost(f"a rank has died: an exchange with it failed ({reason})") from error


def rendezvous() -> tuple[Store, int, int]:
    """The store, this process's rank, and how many there are.

    Raises:
        RankLost: nobody answers at the address that the environment names.
    """
    with exchange():
        store, rank, size = next(iter(torch_rendezvous("env://", timeout=timedelta(seconds=60))))
        return PrefixStore("ranks", store), rank, size


def name_of(job: int) -> str:
    """What the processes of one job know each other by."""
    return f"{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}-{job}-"


class Pulse:
    """When another process was last heard, by the number that it counts up in the store."""

    def __init__(self, patience: float) -> None:
        self._beats, self._heard, self._patience = 0, time.monotonic(), patience

    def stopped(self, beats: int) -> bool:
        """Whether it has been silent for too long. To arrive it may take `patience` seconds."""
        if beats != self._beats:
            self._beats, self._heard, self._patience = beats, time.monotonic(), SILENCE_SECONDS
        return time.monotonic() - self._heard > self._patience
