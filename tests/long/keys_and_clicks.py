"""Random keys and clicks, ten seeds, with a worker that trains: python -m tests.long.keys_and_clicks [bursts a seed].

Says how many there were, how often the app fell, how long the slowest burst took, and what memory it came to.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path

from engine.processes.client import worker_command
from tests.app.random_input import at_random
from tui.app.app import SoftmaxApp
from tui.train.pane import TrainPane

SEEDS = range(10)
SIZES = ((80, 24), (120, 40))
_AT_ONCE = 10


async def one_seed(seed: int, bursts: int, folder: Path) -> tuple[int, float]:
    """How many keys and clicks there were, and the seconds of the slowest stretch, by burst."""
    app = SoftmaxApp(worker_command([f"--store={folder / 'store'}", f"--data-dir={folder / 'data'}"]))
    slowest, sent = 0.0, 0
    async with app.run_test(size=SIZES[seed % len(SIZES)]) as pilot:
        async with asyncio.timeout(120):
            while app.engine.ready is None or not app.query(TrainPane):
                await pilot.pause(0.1)
        texts = app.query_one(TrainPane).form.form_text.texts
        texts |= {"dataset": "silhouettes", "train_size": "2000", "validation_size": "500"}
        for stretch in range(bursts // _AT_ONCE):
            began = time.monotonic()
            done = await at_random(pilot, seed * 1_000_003 + stretch, _AT_ONCE)
            slowest = max(slowest, (time.monotonic() - began) / _AT_ONCE)
            sent += len(done.split(" "))
            if not app.is_running:
                raise RuntimeError(f"the app has ended, after {done}")
    return sent, slowest


def main() -> int:
    bursts = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    sent, fell, slowest = 0, 0, 0.0
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                some, seconds = asyncio.run(one_seed(seed, bursts, Path(folder)))
            except Exception:  # noqa: BLE001 - that is what is counted here
                fell += 1
                print(f"seed {seed}:", file=sys.stderr)
                traceback.print_exc()
                continue
        sent, slowest = sent + some, max(slowest, seconds)
        print(f"seed {seed}: {some} keys and clicks, slowest burst {seconds:.2f} s", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{sent} keys and clicks, {fell} tracebacks, slowest burst {slowest:.2f} s, {memory:.0f} MB")
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main())
