"""How a message travels between a process and the one that it started: its length, then msgpack, with inf and nan."""

from __future__ import annotations

import msgspec

_LENGTH = 4  # bytes in front of each message
_encoder = msgspec.msgpack.Encoder()


def framed(message: msgspec.Struct) -> bytes:
    """A message as it is written to a pipe."""
    content = _encoder.encode(message)
    return len(content).to_bytes(_LENGTH, "big") + content


class Frames:
    """Collects what comes through a pipe, block by block, until a message is whole."""

    def __init__(self) -> None:
        self._held = bytearray()

    def add(self, block: bytes) -> None:
        """What was read next."""
        self._held += block

    def take(self) -> bytes | None:
        """The next message without its length, None while it is not whole."""
        end = _LENGTH + int.from_bytes(self._held[:_LENGTH], "big")
        if len(self._held) < end:
            return None
        content = bytes(self._held[_LENGTH:end])
        del self._held[:end]
        return content
