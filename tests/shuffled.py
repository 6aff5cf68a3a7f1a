"""`SHUFFLE_SEED=n uv run pytest`: files, and the tests of each file, in an order that the seed decides.

Tests of a file stay together, for the fixtures that they share; every process shuffles alike.
"""

from __future__ import annotations

import itertools
import os
import random

import pytest

_SEED = os.environ.get("SHUFFLE_SEED", "")


def keep_the_order_of_files(config: pytest.Config) -> None:
    """Otherwise xdist gives out the files with the most tests first, whatever the seed."""
    if _SEED:
        config.option.loadscopereorder = False


def shuffle(items: list[pytest.Item]) -> None:
    if not _SEED:
        return
    chance = random.Random(_SEED)
    files = [list(tests) for _, tests in itertools.groupby(items, key=lambda item: item.path)]
    chance.shuffle(files)
    for tests in files:
        chance.shuffle(tests)
    items[:] = itertools.chain.from_iterable(files)
