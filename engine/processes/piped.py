"""A process whose three pipes are read and written in the event loop, and that may outlive whoever started it.

asyncio's own subprocess kills what it has started when its handle is collected, has no way to end the reading of a
process that goes on, and, where the loop ends before the pipes do, complains on the terminal that the app has left.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Sequence
from typing import IO

GLANCE = 0.05  # seconds between two looks at whether it has ended
_Reading = tuple[asyncio.StreamReader, asyncio.ReadTransport]


class PipedProcess:
    """`stdin` is written to, `stdout` and `stderr` are read; all are closed by `close`, and a closed one reads as at
    its end."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: asyncio.WriteTransport, *reading: _Reading) -> None:
        """For `start`, which connects them."""
        self._process = process
        self.stdin = stdin
        (self.stdout, self._stdout), (self.stderr, self._stderr) = reading

    @classmethod
    async def start(cls, command: Sequence[str], limit: int) -> PipedProcess:
        """In a session of its own; about twice `limit` bytes are held of each stream that nobody reads.

        Raises:
            OSError: the command cannot be run.
        """
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        stdin, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, process.stdin)
        return cls(process, stdin, await _reading(process.stdout, limit), await _reading(process.stderr, limit))

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def return_code(self) -> int | None:
        """None while it runs; −n where signal n ended it."""
        return self._process.poll()

    async def ended(self) -> int:
        """The return code, once there is one, whoever still holds the pipes."""
        while (code := self.return_code) is None:
            await asyncio.sleep(GLANCE)
        return code

    def close_stdout(self) -> None:
        """Whoever reads it is at its end."""
        self._stdout.close()

    def close(self) -> None:
        """Closes the pipes. The process, where it still runs, goes on."""
        for transport in (self.stdin, self._stdout, self._stderr):
            transport.close()


async def _reading(pipe: IO[bytes], limit: int) -> _Reading:
    reader = asyncio.StreamReader(limit)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    return reader, transport
