"""Writing without Python's buffers."""

from __future__ import annotations

import os


def write_all(descriptor: int, data: bytes) -> None:
    """All of it, in as many writes as that takes; raises OSError where nobody reads any more."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
