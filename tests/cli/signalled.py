"""Every command, and what comes of it when a signal reaches it at some moment after its start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Long enough that it is the signal that ends each of them, where it lasts longer than its imports at all.
COMMANDS = {
    "train": "train --dataset silhouettes --train-size 6000 --validation-size 200 --batch-size 1 --epochs 400",
    "sweep": "sweep batch-size 1 2 --dataset silhouettes --train-size 6000 --validation-size 200 --epochs 400",
    "softmax": "softmax 100 0.97 1.01",
    "losses": "losses --classes 1000 3000",
    "vocabulary": "vocabulary --sizes 1000 2000 --train",
    "mistakes": "mistakes theirs.npz --limit 1",
    "confusion": "confusion theirs.npz",
    "decide": "decide theirs.npz",
    "runs": "runs list",
    "datasets": "datasets fetch fashion-mnist",
    "engine": "engine",
    "preferences": "preferences",
    "doctor": "doctor",
}
_SECONDS_TO_END = 30.0
NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Ended:
    """How a command ended that was sent a signal; `begun` is whether it heard signals by then, `done` whether it had
    ended before."""

    number: signal.Signals
    code: int
    stderr: str
    seconds: float
    begun: bool
    done: bool
    left_behind: tuple[int, ...]

    @property
    def fault(self) -> str:
        """What is wrong with it, "" for nothing."""
        if self.left_behind:
            return f"left {len(self.left_behind)} processes behind"
        if self.done:
            return "" if self.code == 0 else f"exit code {self.code} before the signal: {self.stderr[-600:]}"
        if not self.begun and self.code == -self.number:
            return ""  # before Python had come to any line of ours
        if self.code != 128 + self.number:
            return f"exit code {self.code} for {self.number.name}: {self.stderr[-3000:]}"
        return f"said {self.stderr!r}" if "Traceback" in self.stderr or len(self.stderr.splitlines()) > 1 else ""


def signalled(
    name: str, folder: Path, environ: Mapping[str, str], number: signal.Signals, seconds: float | None, times: int = 1
) -> Ended:
    """Starts a command, sends it a signal so many seconds later, and waits for its end.

    `seconds` None is the first moment at which it hears signals, which Python itself does some 20 ms after its start.
    """
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui.cli.main", *COMMANDS[name].split()],
        cwd=folder,
        env={**os.environ, **environ, "PYTHONFAULTHANDLER": "1"},  # where it stands, should it not end
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # nohup has it ignored
        start_new_session=True,
    )
    began = time.monotonic()
    while child.poll() is None and (not hears(child.pid) if seconds is None else time.monotonic() - began < seconds):
        time.sleep(0.002)
    begun, below, done = hears(child.pid), descendants(child.pid), child.poll() is not None
    sent = time.monotonic()
    for _ in range(times):
        child.send_signal(number)
        time.sleep(0.001 * (times > 1))
    try:
        said = child.communicate(timeout=_SECONDS_TO_END)[1]
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGABRT)
        said = child.communicate()[1]
    stderr = said.decode(errors="replace")
    took = time.monotonic() - sent
    end = time.monotonic() + 5
    while (left := tuple(filter(lives, below))) and time.monotonic() < end:
        time.sleep(0.02)
    return Ended(number, child.returncode, stderr, took, begun, done, left)


def hears(pid: int) -> bool:
    """Whether a process has a handler of its own for SIGTERM."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have started."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return [*found, *(one for child in found for one in descendants(child))]


def lives(pid: int) -> bool:
    """Whether a process is there and is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
