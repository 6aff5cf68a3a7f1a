"""Long lines for a slow reader: compressed, and in parts between which short ones find room."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from engine.contract.codec import encode
from engine.contract.engine_events import Part

LEAST_PARTED = 2048  # bytes of a line that is worth it
_PART = 1200  # bytes, a third more as text


def parts_of(line: bytes) -> Iterator[bytes]:
    """The lines that carry a line."""
    packed = zlib.compress(line, 6)
    for start in range(0, len(packed), _PART):
        yield encode(Part(packed[start : start + _PART], last=start + _PART >= len(packed)))
