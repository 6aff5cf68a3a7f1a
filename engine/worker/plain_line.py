"""A terminal in the place of a pipe, as `ssh -tt` makes one, carries the protocol as it is."""

from __future__ import annotations

import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def plain_line(descriptor: int) -> Iterator[None]:
    """While it lasts, a terminal echoes nothing, cuts no line at 4096 bytes and rewrites no newline.

    ctrl+C still interrupts, for whoever typed the engine's command by hand. What is no terminal stays as it is.
    """
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
    quiet[1] &= ~termios.OPOST
    quiet[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN)
    quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        with suppress(termios.error):  # it has been hung up
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
