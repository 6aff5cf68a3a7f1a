"""Several processes that are one job, started by torchrun's ranks: gloo between CPUs, NCCL between GPUs.

An exchange may rightly wait as long as a computation takes: that a rank died or hangs is seen by `engine.ranks`, which
kills these processes then.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed.distributed_c10d import PrefixStore

from engine.labs.vocabulary.shards import Exchange, OneProcess
from engine.ranks.rendezvous import exchange, rendezvous
from engine.training.devices import resolve

Thing = TypeVar("Thing")

_EXCHANGE = timedelta(days=7)  # the heartbeat of `engine.ranks` decides, not the exchange


class AllReduce:
    """Reduces over all ranks, in place.

    Raises:
        RankLost: another rank is gone.
    """

    def maximum(self, values: Tensor) -> Tensor:
        """The largest of each entry."""
        return self._reduced(values, dist.ReduceOp.MAX)

    def sum(self, values: Tensor) -> Tensor:
        """The sum of each entry."""
        return self._reduced(values, dist.ReduceOp.SUM)

    def _reduced(self, values: Tensor, operation: Any) -> Tensor:
        values = values.contiguous()
        with exchange():
            dist.all_reduce(values, op=operation)
        return values


class Ranks:
    """This process among the processes of the job."""

    def __init__(self, rank: int, size: int, device: torch.device, exchange: Exchange) -> None:
        self.rank, self.size, self.device, self.exchange = rank, size, device, exchange

    @classmethod
    def alone(cls, device: str) -> Ranks:
        """Raises InputError for a device that this machine does not have."""
        return cls(0, 1, resolve(device), OneProcess())

    @classmethod
    def joined(cls, device: str, job: str) -> Ranks:
        """Meets the other ranks that the environment names (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT).

        `auto` and `cuda` take the GPU of the rank's number on its machine. `job` tells apart several jobs of one
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
        store, rank, size = rendezvous()
        backend = "cpu:gloo,cuda:nccl" if own.type == "cuda" else "gloo"
        with exchange():
            dist.init_process_group(
                backend, store=PrefixStore(f"{job}job", store), rank=rank, world_size=size, timeout=_EXCHANGE
            )
        return cls(rank, size, own, AllReduce())

    def gathered(self, thing: Thing) -> list[Thing]:
        """What every rank has, by rank, on all of them."""
        if self.size == 1:
            return [thing]
        things: list[Any] = [None] * self.size
        with exchange():
            dist.all_gather_object(things, thing)
        return things

    def leave(self) -> None:
        """All ranks have come to the end."""
        if dist.is_initialized():
            self.gathered(None)  # a rank that left early would look like one that died
            dist.destroy_process_group()
