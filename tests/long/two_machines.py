"""`python -m tests.long.two_machines`: how long two torchruns, as of two machines, outlive a rank that is lost.

Both run on this machine, and meet at a port of it. Rank 1 is stopped (SIGSTOP) or killed, and rank 0 too; the seconds
until either torchrun has ended are printed, in a line a case. It exits with 1 where one took longer than `LIMIT`.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

LIMIT = 30.0
_GIVE_UP = float(os.environ.get("GIVE_UP_SECONDS", "60"))
_DATA = ("--dataset", "silhouettes", "--train-size", "600", "--validation-size", "100", "--seeds", "1")
_EPOCHS = 600


class Machines:
    """A sweep on two torchruns of one rank each."""

    def __init__(self, folder: Path, epochs: int) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.store = folder / "store"
        environ = {**os.environ, "SOFTMAX_TUI_STORE": str(self.store), "SOFTMAX_TUI_DATA_DIR": str(folder / "data")}
        sweep = ("-m", "tui.cli.main", "sweep", "batch-size", "1", "50", *_DATA, "--epochs", str(epochs), "--json")
        self.launchers = []
        for node in (0, 1):
            meeting = ("--nnodes", "2", "--node-rank", str(node), "--master-addr", "127.0.0.1")
            command = [sys.executable, "-m", "torch.distributed.run", *meeting, "--master-port", str(port), *sweep]
            log = (folder / f"node-{node}.log").open("wb")
            self.launchers.append(
                subprocess.Popen(command, env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            )

    def rank(self, number: int) -> int:
        """The process that torchrun started there."""
        children = Path(f"/proc/{self.launchers[number].pid}/task/{self.launchers[number].pid}/children")
        return int(_until(lambda: children.read_text().split(), "a rank")[0])

    def epochs(self) -> list[int]:
        """How far each run is."""
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"file:{self.store}/runs.sqlite?mode=ro", uri=True)) as db,
        ):
            return [count for (count,) in db.execute("SELECT max(epoch) FROM epochs GROUP BY run ORDER BY run")]
        return []

    def seconds_to_end(self) -> list[float]:
        """Of each torchrun, from now on; infinite where it is still there after a while."""
        began, ended = time.monotonic(), {0: float("inf"), 1: float("inf")}
        while time.monotonic() - began < _GIVE_UP and float("inf") in ended.values():
            for node, launcher in enumerate(self.launchers):
                if ended[node] == float("inf") and launcher.poll() is not None:
                    ended[node] = time.monotonic() - began
            time.sleep(0.1)
        return list(ended.values())

    def close(self) -> None:
        for launcher in self.launchers:
            with suppress(OSError):
                children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
                for child in children:
                    os.kill(int(child), signal.SIGKILL)
            launcher.kill()
            launcher.wait()


def _until(found: Callable[[], list[str]], what: str) -> list[str]:
    give_up = time.monotonic() + 90
    while time.monotonic() < give_up:
        with suppress(OSError):
            if there := found():
                return there
        time.sleep(0.05)
    raise SystemExit(f"no {what} within 90 seconds")


def _case(name: str, number: int, sent: signal.Signals, epochs: int, when: Callable[[Machines], bool]) -> bool:
    """Sends a signal to a rank at that moment, and tells what became of both torchruns."""
    with tempfile.TemporaryDirectory() as folder:
        machines = Machines(Path(folder), epochs)
        try:
            _until(lambda: ["now"] if when(machines) else [], "moment")
            os.kill(machines.rank(number), sent)
            ended = machines.seconds_to_end()
            codes = [launcher.poll() for launcher in machines.launchers]
        finally:
            machines.close()
        said = [line for line in (Path(folder) / "node-0.log").read_text().splitlines() if '"finished"' in line]
    print(f"{name}: torchrun 0 after {ended[0]:.1f} s (exit {codes[0]}), 1 after {ended[1]:.1f} s (exit {codes[1]})")
    print(f"  {said[-1][:400] if said else 'no line on the end'}", flush=True)
    return max(ended) <= LIMIT


def main() -> int:
    def both_train(machines: Machines) -> bool:
        return len(machines.epochs()) == 2

    def the_other_is_done(machines: Machines) -> bool:
        told = machines.epochs()
        return len(told) == 2 and max(told) == _EPOCHS and min(told) > 0.97 * _EPOCHS

    cases = {
        "stopped-1": ("rank 1 stopped", 1, signal.SIGSTOP, 10_000, both_train),
        "killed-1": ("rank 1 killed", 1, signal.SIGKILL, 10_000, both_train),
        "stopped-0": ("rank 0 stopped", 0, signal.SIGSTOP, 10_000, both_train),
        "share-1": ("rank 1 killed after its share", 1, signal.SIGKILL, _EPOCHS, the_other_is_done),
    }
    chosen = sys.argv[1:] or list(cases)
    return 0 if min([_case(*cases[name]) for name in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
