"""`python -m tests.long.store [TRIES]`: damaged cells, checkpoints and sweeps, in every command that reads a store."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from tests.store.damage import apply, damages
from tests.store.damaged_files import damaged
from tests.store.reading import RUNS, Tally, copied, everything, make

SEED = 1013


def main() -> int:
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    cells, files, chance = Tally(faults=[]), Tally(faults=[]), random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        template.mkdir()
        make(template)
        while cells.tries < tries:
            for damage in damages(template / "store" / "runs.sqlite", chance.randrange(2**32)):
                here = copied(template, Path(folder) / "store")
                if cells.tries < tries and apply(here / "store" / "runs.sqlite", damage):
                    name, act = chance.choice(list(everything(chance.choice(RUNS), here)))
                    cells.tried(f"{damage} | {name}", act)
        while files.tries < tries:
            here = copied(template, Path(folder) / "store")
            what = damaged(here, chance)
            name, act = chance.choice(list(everything(chance.choice(RUNS), here)))
            files.tried(f"{what} | {name}", act)
    for fault in (*cells.faults, *files.faults):
        print(fault, file=sys.stderr)
    print(f"damaged cells, seed {SEED}: {cells.line()}")
    print(f"damaged checkpoints and sweeps, seed {SEED}: {files.line()}")
    return 1 if cells.faults or files.faults else 0


if __name__ == "__main__":
    sys.exit(main())
