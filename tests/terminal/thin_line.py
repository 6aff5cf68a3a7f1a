"""A program at the far end of a thin line: so many bytes a second, and a way that takes its time in both directions."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence

import pyte

from tests.terminal.terminal import PATIENCE

_PACKET = 512  # bytes
_TICK = 0.005  # seconds


class ThinLine:
    """The line takes whatever is written at once, as ssh does, and the terminal at its end shows it when it comes."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        size: tuple[int, int] = (120, 40),
        bytes_per_second: float = 20_000.0,
        way_seconds: float = 0.15,
    ) -> None:
        self._rate, self._way = bytes_per_second, way_seconds
        self._own, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._screen = pyte.Screen(*size)
        self._screen.write_process_input = lambda data: self.press(data)  # type: ignore[method-assign]  # it answers
        self._stream = pyte.ByteStream(self._screen)
        self._down: deque[tuple[float, bytes]] = deque()
        self._up: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self.sent = 0  # bytes that the program has written
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.process = subprocess.Popen(
            command,
            env=dict(environ),
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._take, self._carry)]
        for thread in self._threads:
            thread.start()

    @property
    def backlog(self) -> float:
        """Seconds of output that wait in the line."""
        return max(0.0, self._free_at - time.monotonic())

    @property
    def text(self) -> str:
        """What is to be seen at this end."""
        with self._lock:
            return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        self._up.append((time.monotonic() + self._way, keys.encode()))

    def until(self, text: str, seconds: float = PATIENCE) -> float:
        """Until it is to be seen; how long that took."""
        began = time.monotonic()
        while text not in self.text:
            assert time.monotonic() - began < seconds, f"{text!r} is not to be seen:\n{self.text}"
            time.sleep(_TICK)
        return time.monotonic() - began

    def waiting_input(self) -> int:
        """Bytes that the program has not read, and that the shell would read now."""
        settings = termios.tcgetattr(self._theirs)
        settings[3] &= ~termios.ICANON
        termios.tcsetattr(self._theirs, termios.TCSANOW, settings)
        count: int = struct.unpack("i", fcntl.ioctl(self._theirs, termios.FIONREAD, b"\0\0\0\0"))[0]
        return count

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._ended.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        for descriptor in (self._own, self._theirs):
            os.close(descriptor)

    def _take(self) -> None:
        os.set_blocking(self._own, False)
        while not self._ended.wait(_TICK):
            try:
                block = os.read(self._own, 65536)
            except BlockingIOError:
                continue
            now = time.monotonic()
            for start in range(0, len(block), _PACKET):
                packet = block[start : start + _PACKET]
                self._free_at = max(self._free_at, now) + len(packet) / self._rate
                self._down.append((self._free_at + self._way, packet))
            self.sent += len(block)

    def _carry(self) -> None:
        while not self._ended.wait(_TICK):
            now = time.monotonic()
            while self._down and self._down[0][0] <= now:
                packet = self._down.popleft()[1]
                with self._lock:
                    self._stream.feed(packet)
            while self._up and self._up[0][0] <= now:
                os.write(self._own, self._up.popleft()[1])
