"""The other end of a worker: starts one, sends commands, yields events, and reports its death."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import count
from typing import Protocol, get_args

from msgspec.structs import replace

from engine.contract.codec import decode_event, encode
from engine.contract.commands import Command, Hello, Shutdown
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.contract.wire import Event, Reply

_LINE_LIMIT = 2**26  # bytes; the default of 64 KiB would end a stream with images in it
_STDERR_LINES = 20
_STDERR_WIDTH = 2000
_STDERR_HELD = 1000  # torchrun writes a table of seven lines a rank below what the ranks have said
# Warnings of torchrun's own, the rules and rows of its table of failures, and the table's headings.
_TORCHRUN = re.compile(
    r"W\d{4} \S+ \d+ torch/distributed/.*|[=*-]{8,}|\[\d+\]:|(time|host|rank|exitcode|error_file|traceback) *:.*"
    r"|Failures:|<NO_OTHER_FAILURES>|Root Cause \(first observed failure\):"
)
_TORCHRUN_ENDS = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError"
_TRACEBACK = "Traceback (most recent call last):"
_REPLIES = get_args(Reply)


class EngineGone(Exception):  # noqa: N818 - it is an end, not always an error
    """The worker has ended. `str()` is one line, `stderr` its last lines, as it wrote them."""

    def __init__(self, return_code: int | None, stderr: Sequence[str]) -> None:
        self.return_code = return_code
        self.stderr = tuple(stderr)
        super().__init__(f"the engine ended: {_how(return_code)}")


def last_words(stderr: Iterable[str]) -> list[str]:
    """The last lines that a person can use: without torchrun's traceback and table of failures, if it was torchrun."""
    lines = list(stderr)
    if any(line.startswith(_TORCHRUN_ENDS) for line in lines):
        told = [line for line in _without_its_traceback(lines) if not _TORCHRUN.fullmatch(line.strip())]
        lines = told or lines
    return lines[-_STDERR_LINES:]


def _without_its_traceback(lines: Sequence[str]) -> list[str]:
    """Tracebacks of the ranks stay: only the last one before torchrun's own last word is torchrun's."""
    end = next(number for number, line in enumerate(lines) if line.startswith(_TORCHRUN_ENDS))
    begins = [number for number in range(end) if lines[number] == _TRACEBACK]
    return [*lines[: begins[-1] if begins else end], *lines[end + 1 :]]


def worker_command(arguments: Sequence[str] = ()) -> list[str]:
    """The command of a local worker. `-P` keeps an `engine/` of the current folder off its path."""
    return [sys.executable, "-P", "-m", "engine.worker", *arguments]


class EngineClient:
    """One worker process.

    `start`, then iterate over `events()`; `ask` awaits the reply to one command. Replies reach whoever asked, every
    other event the iterator.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._numbers = count(1)
        self._stderr: deque[str] = deque(maxlen=_STDERR_HELD)
        self._stderr_task: asyncio.Task[None] | None = None
        self.gone: EngineGone | None = None

    async def start(self) -> None:
        """Starts the worker in a session of its own, so that ctrl+C at the terminal is the app's alone.

        Raises:
            EngineGone: the command cannot be run at all.
        """
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_LINE_LIMIT,
                start_new_session=True,
            )
        except OSError as error:
            self.gone = EngineGone(None, [f"{self._command[0]}: {error.strerror}"])
            raise self.gone from error
        self._stderr_task = asyncio.create_task(self._keep_stderr())
        self.send(Hello())

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def send(self, command: Command) -> None:
        """Sends a command without waiting. To a worker that is gone it says nothing: `events()` tells."""
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(encode(command))

    async def ask(self, command: Command) -> Reply:
        """Sends a command and awaits its reply.

        Raises:
            InputError: the worker refused; its line.
            EngineGone: the worker ended before it answered.
        """
        if self.gone is not None:
            raise self.gone
        number = next(self._numbers)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self.send(replace(command, request=number))
        try:
            reply = await future
        finally:
            self._waiting.pop(number, None)
        if isinstance(reply, Failed):
            raise InputError(reply.message)
        return reply

    async def events(self) -> AsyncIterator[Event]:
        """Everything the worker says that nobody awaits.

        Raises:
            EngineGone: at the end, always.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            async for line in self._process.stdout:
                event = self._read(line)
                if isinstance(event, _REPLIES) and event.request in self._waiting:
                    future = self._waiting[event.request]
                    if not future.done():
                        future.set_result(event)
                else:
                    yield event
        except ValueError as error:  # a line longer than the limit: this is no worker of ours
            self._stderr.append(str(error))
            self._kill()
        raise await self._obituary()

    async def close(self, seconds: float = 5.0) -> None:
        """Asks the worker to checkpoint and leave; kills it when it does not in time."""
        process = self._process
        if process is None:
            return
        self.send(Shutdown())
        if process.stdin is not None:
            process.stdin.close()
        try:
            # Somebody may have stopped reading events; a worker that cannot write would never leave.
            await asyncio.wait_for(self._drained(process), seconds)
        except TimeoutError:
            self._kill()
            await process.wait()
        await self._obituary()

    @staticmethod
    async def _drained(process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(RuntimeError):  # events() is still reading, and drains
            assert process.stdout is not None
            while await process.stdout.read(2**16):
                pass
        await process.wait()

    def _read(self, line: bytes) -> Event:
        try:
            return decode_event(line)
        except InputError as error:
            return Failed(0, str(error))

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _keep_stderr(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        rest = b""
        while block := await self._process.stderr.read(2**16):
            *lines, rest = (rest + block).split(b"\n")
            rest = rest[-_STDERR_WIDTH:]
            self._stderr.extend(line.decode(errors="replace")[:_STDERR_WIDTH] for line in lines if line.strip())
        if rest.strip():
            self._stderr.append(rest.decode(errors="replace"))

    async def _obituary(self) -> EngineGone:
        assert self._process is not None
        return_code = await self._process.wait()
        if self._stderr_task is not None:
            await asyncio.wait({self._stderr_task}, timeout=1)  # a grandchild may hold stderr open
        self.gone = self.gone or EngineGone(return_code, last_words(self._stderr))
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self.gone)
        return self.gone


class Engine(Protocol):
    """What the app needs of a client; tests script one."""

    def send(self, command: Command) -> None: ...

    async def ask(self, command: Command) -> Reply: ...


def _how(return_code: int | None) -> str:
    if return_code is None:
        return "it could not be started"
    if return_code >= 0:
        return f"exit code {return_code}"
    name = signal.Signals(-return_code).name
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"killed by {name}{hint}"
