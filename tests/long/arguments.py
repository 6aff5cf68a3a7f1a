"""`python -m tests.long.arguments [TRIES] [SEED]`: odd values for every option; a line a fault, and a summary."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.forked import ask
from tests.terminal.odd_arguments import tries
from tests.terminal.test_odd_arguments import WIDE, fault, lay_out_with_runs
from tests.terminal.typed import typed

_SECONDS = 20.0


def main(count: int = 2500, seed: int = 13) -> int:
    faults = tracebacks = 0
    slowest: tuple[float, list[str]] = (0.0, [])
    with tempfile.TemporaryDirectory() as folder:
        lay_out_with_runs(Path(folder))
        for words in tries(seed, count):
            began = time.perf_counter()
            seen = typed(WIDE, Path(folder), words, "\x04\x04", _SECONDS)
            slowest = max(slowest, (time.perf_counter() - began, words))
            if found := fault(seen):
                faults, tracebacks = faults + 1, tracebacks + ("Traceback" in seen.text)
                print(f"{words!r:.400}: {found}", flush=True)
    ask.stop()
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(
        f"{count} tries, seed {seed}: {tracebacks} tracebacks, {faults} faults; slowest {slowest[0]:.1f} s "
        f"({' '.join(slowest[1])!r:.200}); largest process {largest:.1f} GB"
    )
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
