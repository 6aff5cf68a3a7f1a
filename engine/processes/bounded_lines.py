"""The lines of a stream that may say anything: none is held that is longer than a line may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

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
