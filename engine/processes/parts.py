"""Long lines for a slow reader: compressed, and in parts between which short ones find room."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from engine.contract.codec import LONGEST_LINE, encode
from engine.contract.engine_events import Part
from engine.contract.errors import InputError

LEAST_PARTED = 2048  # bytes of a line that is worth it
_PART = 1200  # bytes, a third more as text


def parts_of(line: bytes) -> Iterator[bytes]:
    """The lines that carry a line."""
    packed = zlib.compress(line, 6)
    for start in range(0, len(packed), _PART):
        yield encode(Part(packed[start : start + _PART], last=start + _PART >= len(packed)))


class Parts:
    """The lines that came so, whole again, one at a time."""

    def __init__(self) -> None:
        self._packed = bytearray()

    def take(self, part: Part) -> bytes | None:
        """The line, once it is whole.

        Raises:
            InputError: the parts are no line, or a longer one than is read.
        """
        self._packed += part.data
        if len(self._packed) > LONGEST_LINE:
            raise InputError("it sent parts of a longer line than is read")
        if not part.last:
            return None
        packed, self._packed = bytes(self._packed), bytearray()
        unpacking = zlib.decompressobj()
        try:
            line = unpacking.decompress(packed, LONGEST_LINE)
        except zlib.error as error:
            raise InputError(f"it sent parts that are no line: {error}") from error
        if not unpacking.eof:
            raise InputError("it sent parts of a line that does not end, or of a longer one than is read")
        return line
