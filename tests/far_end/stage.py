"""A scripted peer on the other end of a real client: one process, told case after case what to say."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.far_end.mutations import line_of
from tests.far_end.recorded import Message

PEER = Path(__file__).with_name("peer.py")


class Stage:
    """Directs whichever peer was started last. `answers` holds for those that are started later too."""

    def __init__(self, path: str) -> None:
        self.command = [sys.executable, "-S", str(PEER), path]
        self.answers: dict[str, Message | None] = {}
        self.starts = 0
        self._peer: asyncio.StreamWriter | None = None
        self.opening: list[Message] = []  # what every peer says first

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._peer = writer
        self.starts += 1
        self.answer(self.answers)
        self.say(*self.opening)
        with suppress(ConnectionResetError):  # it may be killed with words unread
            while await reader.read(2**10):  # until it leaves
                pass
        writer.close()

    def say(self, *messages: Message) -> None:
        for message in messages:
            self.say_bytes(line_of(message) + b"\n")

    def say_bytes(self, said: bytes, times: int = 1) -> None:
        self._tell(say=said.decode("latin-1"), times=times)

    def complain(self, said: bytes) -> None:
        self._tell(complain=said.decode("latin-1"))

    def leave(self, code: int) -> None:
        self._tell(leave=code)

    def answer(self, answers: dict[str, Message | None]) -> None:
        """How commands are answered from now on, by their tag; with `Done` where nothing is laid
        down, not at all where that is None.
        """
        self.answers = {**self.answers, **answers}
        self._tell(answers=answers)

    def _tell(self, **what: Any) -> None:
        if self._peer is not None and not self._peer.is_closing():
            self._peer.write(json.dumps(what).encode() + b"\n")


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """A socket that peers connect to for as long as the test goes on."""
    path = str(folder / "stage")
    stage = Stage(path)
    server = await asyncio.start_unix_server(stage.connected, path)
    try:
        yield stage
    finally:
        server.close()
