"""Messages from one process of a job to another, in order, by the store at which the ranks meet."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
from torch.distributed.distributed_c10d import Store

from engine.ranks.rendezvous import exchange

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
