"""Where the ranks meet: the store of keys and values that torchrun's processes share, and messages by it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Generic, TypeVar

import msgspec
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


Message = TypeVar("Message")

_encode = msgspec.msgpack.Encoder().encode


class MessageQueue(Generic[Message]):
    """One direction between two processes; one of them sends, the other receives. msgpack: it has inf, nan and bytes.

    Every method raises RankLost when the store is gone.
    """

    def __init__(self, store: Store, job: int, sender: int, receiver: int, kinds: Any) -> None:
        """`kinds` is the type of the messages, or several as a union."""
        self._store, self._name = store, f"messages/{job}/{sender}/{receiver}"
        self._decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(kinds)
        self._sent = self._received = 0

    def send(self, message: msgspec.Struct) -> None:
        """Leaves a message for the receiver, and does not wait for it."""
        self._sent += 1
        with exchange():
            self._store.set(f"{self._name}/{self._sent}", _encode(message))  # type: ignore[arg-type]  # bytes as well
            self._store.add(self._name, 1)

    def receive(self) -> Message | None:
        """The next message, None where there is none yet."""
        with exchange():
            if self._store.add(self._name, 0) <= self._received:
                return None
            self._received += 1
            key = f"{self._name}/{self._received}"
            message = self._store.get(key)
            self._store.delete_key(key)
            self._store.add(f"{self._name}/received", 1)
        return self._decoder.decode(message)

    def unread(self) -> int:
        """How many messages the receiver has not taken yet, for who sends them."""
        with exchange():
            return self._sent - self._store.add(f"{self._name}/received", 0)
