"""What a person sees in a terminal, by an emulator that is not ours, larger than the terminal: an edge is seen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import pyte

from tests.terminal.terminal import PATIENCE, Terminal

_BEYOND = (40, 10)  # columns and lines


class Shown(Terminal):
    """A terminal of `size` and the picture on it."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], size: tuple[int, int] = (80, 24)) -> None:
        super().__init__(command, environ, size)
        self._columns, self._lines = size
        self._screen = pyte.Screen(self._columns + _BEYOND[0], self._lines + _BEYOND[1])
        self._stream = pyte.ByteStream(self._screen)

    def read(self, seconds: float) -> bytes:
        block = super().read(seconds)
        self._stream.feed(block)
        return block

    @property
    def lines(self) -> list[str]:
        """The lines of the terminal, without the spaces at their ends."""
        return [line[: self._columns].rstrip() for line in self._screen.display[: self._lines]]

    @property
    def over_the_edge(self) -> list[str]:
        """What was written where the terminal has no cell any more."""
        wide = [line for line in self._screen.display if line[self._columns :].strip()]
        return wide + [line for line in self._screen.display[self._lines :] if line.strip()]

    def until(self, text: str, seconds: float = PATIENCE) -> None:
        """Until the picture holds that text, however it is broken into lines."""
        end = time.monotonic() + seconds
        while text not in " ".join(" ".join(self.lines).split()):
            assert time.monotonic() < end, f"{text!r} is not to be seen:\n" + "\n".join(self.lines)
            assert self.process.poll() is None, "the program has ended:\n" + "\n".join(self.lines)
            self.read(0.05)

    def settle(self) -> None:
        """Until nothing is drawn for a while."""
        while self.read(0.4):
            pass
