"""Damaged archives, IDX files, cost matrices and texts are a line each. Long form: `python -m tests.long.files`."""

import random
import shutil
from pathlib import Path

from tests.data.opening import opened
from tests.store.reading import Tally

ROUNDS = 40


def test_damaged_files_are_lines_in_everything_that_opens_them(tmp_path: Path) -> None:
    tally, chance = Tally(faults=[]), random.Random(13)
    for _ in range(ROUNDS):
        for what, act in opened(tmp_path / "here", chance):
            tally.tried(what, act)
        shutil.rmtree(tmp_path / "here")
    assert tally.tries == 5 * ROUNDS
    assert not tally.faults, tally.faults[0]
    assert tally.slowest < 20, tally.line()
