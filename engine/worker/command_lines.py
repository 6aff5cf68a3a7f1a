"""The lines that a worker is told, from its stdin or a socket."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator

from engine.contract.errors import InputError

_BLOCK = 2**16
_CTRL_D = re.compile(rb"[\x04\x00]")  # as it is, and as Linux hands on one from before the terminal was set


def lines(descriptor: int, longest: int = 0) -> Iterator[bytes]:
    """Each line, without its newline. 0 is no bound.

    Read without Python's buffer: one that a thread waits in aborts the interpreter when it shuts down.
    A terminal that carries lines as they are no longer ends them at ctrl+D: its sign does, which no line of JSON holds.

    Raises:
        InputError: a line has more than `longest` bytes; it is not held to its end.
    """
    rest, terminal, ended = b"", os.isatty(descriptor), False
    while not ended and (block := _read(descriptor)):
        if terminal:
            block, *after = _CTRL_D.split(block, 1)
            ended = bool(after)
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        if longest and len(rest) > longest:
            raise InputError(f"found a line of more than {longest / 2**20:,.0f} MiB, expected a command")
    if rest:
        yield rest


def _read(descriptor: int) -> bytes:
    """b"" at the end, which a terminal that has been hung up, or a connection that was cut, tells as an error."""
    try:
        return os.read(descriptor, _BLOCK)
    except OSError as error:
        if error.errno not in (errno.EIO, errno.ECONNRESET):
            raise
        return b""
