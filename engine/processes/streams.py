"""What a worker writes, read so that no stream holds much memory or time: its lines, and the last of its stderr."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence

from engine.contract.errors import InputError

BLOCK = 2**16


async def bounded_lines(stream: asyncio.StreamReader, longest: int) -> AsyncIterator[bytes]:
    """Each line, without its newline; what stands after the last newline is one too.

    Raises:
        InputError: a line is longer than `longest` bytes; it is not held to its end.
    """
    parts: list[bytes] = []
    held = 0
    while block := await stream.read(BLOCK):
        *ends, rest = block.split(b"\n")
        for end in ends:
            _check(held + len(end), longest)
            yield b"".join((*parts, end))
            parts, held = [], 0
        parts.append(rest)
        held += len(rest)
        _check(held, longest)
        await asyncio.sleep(0)  # a stream that never runs dry would keep everybody else waiting
    if held:
        yield b"".join(parts)


def _check(length: int, longest: int) -> None:
    if length > longest:
        raise InputError(f"it sent a line of more than {longest / 2**20:,.0f} MiB, the longest that is read")


_SHOWN = 20  # lines
_WIDTH = 2000  # bytes of a line
_HELD = 1000  # lines: torchrun writes a table of seven lines a rank below what the ranks have said
_BLOCK = 2**16
_REST_SECONDS = 0.02  # after a full block: 3 MB a second is a flood already, and the keys come first
# Warnings of torchrun's own, the rules and rows of its table of failures, and the table's headings.
_TORCHRUN = re.compile(
    r"W\d{4} \S+ \d+ torch/distributed/.*|[=*-]{8,}|\[\d+\]:|(time|host|rank|exitcode|error_file|traceback) *:.*"
    r"|Failures:|<NO_OTHER_FAILURES>|Root Cause \(first observed failure\):"
)
_TORCHRUN_ENDS = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError"
_TRACEBACK = "Traceback (most recent call last):"


class LastWords:
    """The last lines of a stream, as bytes until somebody wants to read them."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque(maxlen=_HELD)

    def add(self, line: bytes) -> None:
        """Empty lines are left out, long ones cut."""
        if line := line[:_WIDTH].rstrip(b"\r"):
            self._lines.append(line)

    async def keep(self, stream: asyncio.StreamReader) -> None:
        """Reads a stream to its end, in little memory and little of the processor's time whatever comes."""
        rest = b""
        while block := await stream.read(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            rest = rest[-_WIDTH:]
            for line in lines[-_HELD:]:
                self.add(line)
            if len(block) == _BLOCK:
                await asyncio.sleep(_REST_SECONDS)
        self.add(rest)

    def shown(self) -> list[str]:
        """The last of them that a person can use."""
        return last_words(line.decode(errors="replace") for line in self._lines if line.strip())


def last_words(stderr: Iterable[str]) -> list[str]:
    """The last lines that a person can use: without torchrun's traceback and table of failures, if it was torchrun."""
    lines = list(stderr)
    if any(line.startswith(_TORCHRUN_ENDS) for line in lines):
        told = [line for line in _without_its_traceback(lines) if not _TORCHRUN.fullmatch(line.strip())]
        lines = told or lines
    return lines[-_SHOWN:]


def _without_its_traceback(lines: Sequence[str]) -> list[str]:
    """Tracebacks of the ranks stay: only the last one before torchrun's own last word is torchrun's."""
    end = next(number for number, line in enumerate(lines) if line.startswith(_TORCHRUN_ENDS))
    begins = [number for number in range(end) if lines[number] == _TRACEBACK]
    return [*lines[: begins[-1] if begins else end], *lines[end + 1 :]]
