"""Names in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """full; full and chunked; full, chunked and sampled; "" for none."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
