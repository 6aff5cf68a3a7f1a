"""`python -m tests.long.files [ROUNDS]`: damaged archives, IDX files, cost matrices and texts, five tries a round."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.data.opening import opened
from tests.store.reading import Tally

SEED = 1013


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    tally, chance = Tally(faults=[]), random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder) / "here"
        for _ in range(rounds):
            for what, act in opened(here, chance):
                tally.tried(what, act)
            shutil.rmtree(here)
    for fault in tally.faults:
        print(fault, file=sys.stderr)
    print(f"damaged files, seed {SEED}: {tally.line()}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
