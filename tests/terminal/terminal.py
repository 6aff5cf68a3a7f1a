"""A program in a pseudo-terminal of its own: press keys, wait for a text, see how it leaves the terminal behind."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds, for a machine that does much else
ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -~])")


class Terminal:
    """Starts `command` on a terminal that it owns; `output` is everything that it has written so far."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], size: tuple[int, int] = (80, 24)) -> None:
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._settings_before = termios.tcgetattr(theirs)
        self.output = b""
        self._acted = 0
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            env=dict(environ),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_owns_its_terminal,
        )
        self._theirs: int | None = theirs  # kept open, so that its settings can be read after the program's end

    def read(self, seconds: float) -> bytes:
        """What comes within a time; returns as soon as anything has."""
        ready, _, _ = select.select([self._own], [], [], seconds)
        block = os.read(self._own, 65536) if ready else b""
        self.output += block
        return block

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        """Until a text has been written since the last key or signal. It must be drawn in one stretch."""
        wanted, end = text.encode(), time.monotonic() + seconds
        while wanted not in bare(self.output[self._acted :]):
            if time.monotonic() > end or (self.process.poll() is not None and not self.read(0)):
                shown = bare(self.output[self._acted :])[-3000:].decode(errors="replace")
                raise AssertionError(f"{text!r} has not appeared; after the last key came {shown!r}")
            self.read(0.05)

    def press(self, keys: str) -> None:
        self._acted = len(self.output)
        os.write(self._own, keys.encode())

    def signal(self, number: signal.Signals, pid: int | None = None) -> None:
        """To the program, or to another process."""
        self._acted = len(self.output)
        os.kill(pid or self.process.pid, number)

    def leave(self, seconds: float = PATIENCE) -> int:
        """Waits for the program's end, reading what it says on its way, no traceback; returns its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if self._theirs is None:
                time.sleep(0.02)
            else:
                self.read(0.02)
            assert time.monotonic() < end, "the program does not end"
        while self._theirs is not None and self.read(0):
            pass
        assert b"Traceback (most recent call last)" not in self.output, bare(self.output)[-3000:].decode(
            errors="replace"
        )
        return self.process.returncode

    def hang_up(self) -> None:
        """Closes the window."""
        for descriptor in (self._theirs, self._own):
            assert descriptor is not None
            os.close(descriptor)
        self._theirs = None

    def assert_restored(self) -> None:
        """The settings are what they were, the alternate screen is left, mouse and bracketed paste are off."""
        assert self._theirs is not None
        assert _modes(termios.tcgetattr(self._theirs)) == _modes(self._settings_before)
        assert self.output.rfind(LEAVE_SCREEN) > self.output.rfind(ENTER_SCREEN) >= 0
        for mode in (b"1000", b"1003", b"1006", b"2004", b"25"):
            on, off = (b"l", b"h") if mode == b"25" else (b"h", b"l")  # 25 is the cursor, which is to be seen
            changed = b"\x1b[?" + mode + on in self.output
            assert not changed or self.output.rfind(b"\x1b[?" + mode + off) > self.output.rfind(b"\x1b[?" + mode + on)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._theirs is not None:
            self.hang_up()


def _owns_its_terminal() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup, under which the tests may run, has it ignored
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _modes(settings: list[Any]) -> list[Any]:
    return settings[:4] + settings[6:]  # the speeds between are nothing to a program


def bare(output: bytes) -> bytes:
    """What is written, without the sequences that move and colour."""
    return _SEQUENCE.sub(b"", output)


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still live."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == pid and state != "Z":
                found.append(int(folder.name))
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and is more than a zombie."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int, seconds: float = PATIENCE) -> bool:
    """Whether a process ends in time."""
    end = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
