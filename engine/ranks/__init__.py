"""Several processes that torchrun started: rank 0 alone knows what is to be done, and the others do their part."""

from __future__ import annotations

from collections.abc import Mapping


def rank_and_size(environ: Mapping[str, str]) -> tuple[int, int]:
    """This process's rank and how many there are; (0, 1) where torchrun did not start it."""
    if "TORCHELASTIC_RUN_ID" not in environ:
        return 0, 1
    return int(environ["RANK"]), int(environ["WORLD_SIZE"])
