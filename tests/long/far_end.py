"""`python -m tests.long.far_end [SEED [EACH]]`: the app against a scripted peer, thousands of mutated messages.

EACH messages of every recorded one are drawn in panes by lot, at two sizes; ten times as many are decoded. The last
line counts tries, tracebacks, the slowest look and the largest memory.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random

from tests.far_end.mutations import mutations
from tests.far_end.playing import RECORDED, app_on_stage, cases, fits, play

_AT_ONCE = 4
_SIZES = ((120, 40), (80, 24))


async def drawn(seed: str, each: int) -> tuple[int, int, float]:
    """Tries, tracebacks, seconds of the slowest look; after a traceback a fresh app goes on with the next cases."""
    faults, slowest, random = 0, 0.0, Random(seed)
    told = cases(seed, each)
    rest = [told[start : start + _AT_ONCE] for start in range(0, len(told), _AT_ONCE)]
    while rest:
        size = random.choice(_SIZES)
        try:
            with tempfile.TemporaryDirectory() as folder:
                async with app_on_stage(Path(folder), size) as (pilot, app, stage):
                    for _ in range(min(50, len(rest))):
                        then = time.perf_counter()
                        await play(pilot, app, stage, rest.pop(), random)
                        slowest = max(slowest, time.perf_counter() - then)
        except Exception:  # noqa: BLE001 - counted, and told
            faults += 1
            traceback.print_exc()
    return len(told), faults, slowest


def decoded(seed: str, each: int) -> int:
    """How many mutated messages were taken or refused; anything else is a traceback."""
    random = Random(f"decoded {seed}")
    return sum(fits(asked, one) is not None for asked, said in RECORDED for one in mutations(said, random, each))


def main(seed: str = "13", each: str = "12") -> None:
    tries, faults, slowest = asyncio.run(drawn(seed, int(each)))
    lines = decoded(seed, 10 * int(each))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"seed {seed}: {tries:,} messages drawn and {lines:,} decoded, {faults} tracebacks, "
        f"slowest look {slowest:.1f} s, largest memory {memory:,.0f} MiB"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
