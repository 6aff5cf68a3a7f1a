"""Messages from one process of a job to another, in order, by the store at which the ranks meet."""

from __future__ import annotations

from torch.distributed.distributed_c10d import Store


class MessageQueue:
    """One direction between two processes; one of them sends, the other receives.

    Every method raises RuntimeError when the store is gone.
    """

    def __init__(self, store: Store, job: int, sender: int, receiver: int) -> None:
        self._store, self._name = store, f"messages/{job}/{sender}/{receiver}"
        self._sent = self._received = 0

    def send(self, message: bytes) -> None:
        """Leaves a message for the receiver, and does not wait for it."""
        self._sent += 1
        self._store.set(f"{self._name}/{self._sent}", message)  # type: ignore[arg-type]  # bytes are taken as well
        self._store.add(self._name, 1)

    def receive(self) -> bytes | None:
        """The next message, None where there is none yet."""
        if self._store.add(self._name, 0) <= self._received:
            return None
        self._received += 1
        key = f"{self._name}/{self._received}"
        message = self._store.get(key)
        self._store.delete_key(key)
        self._store.add(f"{self._name}/received", 1)
        return message

    def unread(self) -> int:
        """How many messages the receiver has not taken yet, for who sends them."""
        return self._sent - self._store.add(f"{self._name}/received", 0)
