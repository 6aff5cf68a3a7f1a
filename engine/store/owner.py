"""Which process trains a run, and whether it still does."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from msgspec import Struct

_PROC = Path("/proc")


class Owner(Struct, frozen=True):
    """A process. Its number alone may have been given to another one since, so its start time goes with it."""

    host: str
    pid: int
    process_start: str

    def __str__(self) -> str:
        return f"host {self.host}, pid {self.pid}"


def this_process() -> Owner:
    """The process that calls."""
    return Owner(platform.node(), os.getpid(), process_start(os.getpid()))


def is_here(owner: Owner) -> bool:
    """Whether a process is, or was, one of this host."""
    return owner.host == platform.node()


def is_there(owner: Owner) -> bool:
    """Whether a process still runs. One on another host counts as running: nothing here can tell."""
    if not is_here(owner):
        return True
    start = process_start(owner.pid)
    return start != "" and start == owner.process_start


def process_start(pid: int) -> str:
    """When a process of this host started, as a word that is different for every boot; "" where there is none.

    One that has ended and was not yet waited for by its parent counts as none.
    """
    if (_PROC / "self" / "stat").exists():
        return _start_from_proc(pid)
    return _start_from_ps(pid)


def _start_from_proc(pid: int) -> str:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # proc(5): the name stands in parentheses and may hold any character; the state follows, start time is field 22.
    state, *fields = stat.rpartition(")")[2].split()
    if state in "ZXx":
        return ""
    return f"{(_PROC / 'sys/kernel/random/boot_id').read_text().strip()}/{fields[18]}"


def _start_from_ps(pid: int) -> str:
    told = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
    ).stdout
    state, _, start = told.strip().partition(" ")
    return "" if state.startswith("Z") else start.strip()
