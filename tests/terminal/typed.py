"""Commands that are typed into a terminal of a process that has imported everything already."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.forked.ask import ask, number
from tests.terminal.desk import environ_at
from tests.terminal.terminal import bare

_ROWS = 40


@dataclass(frozen=True)
class Kind:
    """A kind of terminal."""

    columns: int
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What a person sees who typed a command."""

    code: int
    output: str
    columns: int

    @property
    def lines(self) -> list[str]:
        """Each line as it was written, without sequences; one that was written over another is a line as well."""
        return [part for line in self.text.split("\n") for part in line.split("\r")]

    @property
    def text(self) -> str:
        return bare(self.output.encode()).decode()


def typed(kind: Kind, folder: Path, arguments: list[str], keys: str = "", seconds: float = 100) -> Seen:
    """Types a command at a desk, and keys after it. What takes longer is killed."""
    environ = environ_at(folder) | dict(kind.environ)
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, kind.columns, 0, 0))
    with ask((theirs,) * 3, "tui.cli.main", arguments, environ, folder) as forked:
        os.close(theirs)
        pid = number(forked)
        os.write(own, keys.encode())
        output = _read(own, time.perf_counter() + seconds, pid)
        code = number(forked)
    os.close(own)
    return Seen(code, output.decode(), kind.columns)


def _read(own: int, deadline: float, pid: int) -> bytes:
    """Until nobody holds the other end."""
    output = b""
    while True:
        if not select.select([own], [], [], max(0.0, deadline - time.perf_counter()))[0]:
            os.kill(pid, signal.SIGKILL)
            return output + b"\nkilled: it took too long"
        try:
            block = os.read(own, 65536)
        except OSError:  # on Linux the end of a terminal whose program has left
            return output
        if not block:
            return output
        output += block
