"""`python -m tests.long.signals`: three signals at ten moments of every command; a line a fault, and a summary.

What comes before Python has reached the first line of the command is Python's own to answer, and is counted apart.
"""

from __future__ import annotations

import itertools
import socket
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cli.signalled import COMMANDS, NUMBERS, Ended, signalled
from tests.terminal.desk import lay_out

MOMENTS = (None, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.2, 3.0)


def main() -> int:
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        folder, mirror = Path(name), f"http://127.0.0.1:{silent.getsockname()[1]}/"
        lay_out(folder)

        def one(case: tuple[str, object, float | None]) -> tuple[object, Ended]:
            command, number, moment = case
            places = {
                "SOFTMAX_TUI_STORE": str(folder / f"store-{command}"),
                "SOFTMAX_TUI_DATA_DIR": str(folder / f"data-{command}"),
                "SOFTMAX_TUI_MIRROR": mirror,
            }
            return case, signalled(command, folder, places, number, moment)  # type: ignore[arg-type]

        with ThreadPoolExecutor(3) as pool:
            every = list(pool.map(one, itertools.product(COMMANDS, NUMBERS, MOMENTS)))
    heard = [(case, ended) for case, ended in every if ended.begun or ended.done]
    faults = [(case, ended.fault) for case, ended in heard if ended.fault]
    for case, fault in faults:
        print(f"{case}: {fault}")
    tracebacks = sum("Traceback" in ended.stderr for _, ended in heard)
    print(
        f"{len(heard)} signals, of which {sum(ended.done for _, ended in heard)} came too late: "
        f"{tracebacks} tracebacks, {len(faults)} faults; slowest end {max(ended.seconds for _, ended in heard):.1f} s; "
        f"{len(every) - len(heard)} more came before the command's first line"
    )
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
