"""Lines of a stream are bounded, wherever a block of it ends."""

import asyncio
import zlib

import pytest

from engine.contract.engine_events import Part
from engine.contract.errors import InputError
from engine.processes.parts import Parts
from engine.processes.streams import bounded_lines

LONGEST = 10


async def lines_of(*blocks: bytes) -> list[bytes]:
    stream = asyncio.StreamReader()
    found: list[bytes] = []

    async def read() -> None:
        found.extend([line async for line in bounded_lines(stream, LONGEST)])

    reading = asyncio.create_task(read())
    for block in blocks:
        stream.feed_data(block)
        for _ in range(4):  # the reader takes this block before the next comes
            await asyncio.sleep(0)
    stream.feed_eof()
    await reading
    return found


async def test_a_line_of_the_longest_length_is_read_however_it_comes() -> None:
    assert await lines_of(b"123456", b"7890\nab", b"c") == [b"1234567890", b"abc"]


@pytest.mark.parametrize("blocks", [(b"12345678901\n",), (b"123456", b"78901\n"), (b"123456", b"78901")])
async def test_a_longer_one_is_refused_also_where_its_end_comes_later(blocks: tuple[bytes, ...]) -> None:
    with pytest.raises(InputError):
        await lines_of(*blocks)


def test_parts_of_a_line_that_breaks_off_are_no_line() -> None:
    packed = zlib.compress(b'{"type":"done","request":1}\n')
    assert Parts().take(Part(packed, last=True)) == b'{"type":"done","request":1}\n'
    with pytest.raises(InputError, match="parts of a line that does not end"):
        Parts().take(Part(packed[:-5], last=True))
