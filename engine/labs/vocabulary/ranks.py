"""Several processes that are one job, started by torchrun: gloo between CPUs, NCCL between GPUs.

A rank that dies or hangs ends the job on all the others within ten seconds: each rank says every second that it lives,
and a thread on every rank listens. Exchanges alone would not do: they may rightly wait as long as a computation takes.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from engine.labs.vocabulary.shards import Alone, Exchange
from engine.ranks.rendezvous import SILENCE_SECONDS, lost
from engine.training.devices import resolve

Thing = TypeVar("Thing")

_BEAT_SECONDS = 0.5
_EXCHANGE = timedelta(days=7)  # the heartbeat decides, not the exchange


class AllReduce:
    """Reduces over all ranks, in place.

    Raises:
        RankLost: another rank is gone.
    """

    def maximum(self, values: Tensor) -> Tensor:
        return self._reduced(values, dist.ReduceOp.MAX)

    def sum(self, values: Tensor) -> Tensor:
        return self._reduced(values, dist.ReduceOp.SUM)

    def _reduced(self, values: Tensor, operation: Any) -> Tensor:
        values = values.contiguous()
        try:
            dist.all_reduce(values, op=operation)
        except RuntimeError as error:
            raise lost(error) from error
        return values


class Ranks:
    """This process among the processes of the job."""

    def __init__(
        self, rank: int, size: int, device: torch.device, exchange: Exchange, heart: _Heart | None = None
    ) -> None:
        self.rank, self.size, self.device, self.exchange, self._heart = rank, size, device, exchange, heart

    @classmethod
    def alone(cls, device: str) -> Ranks:
        """Raises InputError for a device that this machine does not have."""
        return cls(0, 1, resolve(device), Alone())

    @classmethod
    def joined(cls, device: str, on_loss: Callable[[str], None], job: str = "") -> Ranks:
        """Meets the other ranks that the environment names (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT).

        `auto` and `cuda` take the GPU of the rank's number on its machine. `on_loss` is called with one line in a
        thread of its own when a rank is lost, just before this process ends. `job` tells apart several jobs of one
        torchrun, one after the other.

        Raises:
            InputError: for a device that this machine does not have.
            RankLost: not all of them came.
        """
        if device in ("auto", "cuda") and torch.cuda.is_available():
            device = f"cuda:{int(os.environ.get('LOCAL_RANK', '0'))}"
        own = resolve(device)
        if own.type == "cuda":
            torch.cuda.set_device(own)
        if os.environ.get("MASTER_ADDR") in ("127.0.0.1", "localhost") and sys.platform == "linux":
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # else gloo looks for the machine's name in the network
        try:
            store, rank, size = next(iter(rendezvous("env://", timeout=timedelta(seconds=60))))
            backend = "cpu:gloo,cuda:nccl" if own.type == "cuda" else "gloo"
            # What is said of the heart must not wait behind an exchange that waits for a dead rank.
            heart = _Heart(PrefixStore(f"{job}heart", store.clone()), rank, size, on_loss)
            heart.start()
            dist.init_process_group(
                backend, store=PrefixStore(f"{job}job", store), rank=rank, world_size=size, timeout=_EXCHANGE
            )
        except RuntimeError as error:
            raise lost(error) from error
        return cls(rank, size, own, AllReduce(), heart)

    def gathered(self, thing: Thing) -> list[Thing]:
        """What every rank has, by rank, on all of them."""
        if self.size == 1:
            return [thing]
        things: list[Any] = [None] * self.size
        try:
            dist.all_gather_object(things, thing)
        except RuntimeError as error:
            raise lost(error) from error
        return things

    def leave(self) -> None:
        """All ranks have come to the end."""
        if self._heart is not None:
            self._heart.leaving = True
            self.gathered(None)  # a rank that left early would look like one that died
            self._heart.stop()
            dist.destroy_process_group()


class _Heart(threading.Thread):
    """Beats for this rank, and listens to the others."""

    def __init__(self, store: Store, rank: int, size: int, on_loss: Callable[[str], None]) -> None:
        super().__init__(name="heart", daemon=True)
        self._store, self._rank, self._size, self._on_loss = store, rank, size, on_loss
        self.leaving = False  # from then on nobody is missed
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Who still asks the store when the interpreter ends is aborted with it."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        heard: dict[int, tuple[int, float]] = {}
        try:
            while True:
                self._store.add(str(self._rank), 1)
                now = time.monotonic()
                for other in range(self._size):
                    beats = self._store.add(str(other), 0)
                    if heard.get(other, (-1, now))[0] != beats:
                        heard[other] = (beats, now)
                    elif beats and now - heard[other][1] > SILENCE_SECONDS:
                        gone = f"rank {other} of {self._size} has died or hangs"
                        self._end(f"{gone}: no sign of it for {SILENCE_SECONDS:g} seconds")
                if self._stopped.wait(_BEAT_SECONDS):
                    return
        except RuntimeError:
            self._end("the process that the ranks meet at has died, and the job with it")

    def _end(self, line: str) -> None:
        if not self.leaving:
            self._on_loss(line)
            os._exit(1)
