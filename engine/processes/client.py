"""The other end of a worker: starts one, sends commands, yields events, and reports its death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from itertools import count
from typing import Protocol, get_args

from msgspec.structs import replace

from engine.contract.codec import LONGEST_LINE, decode_event, encode, kind_of
from engine.contract.commands import Command, Hello, Received, Shutdown, StillHere
from engine.contract.engine_events import ControlChanged, Detached, Failed, Part, Ready
from engine.contract.errors import InputError
from engine.contract.wire import Event, Reply, check_answer
from engine.contract.yours import YoursJudged
from engine.processes.child import code_words, module_command
from engine.processes.conversation import BEAT_SECONDS, this_viewer
from engine.processes.parts import Parts
from engine.processes.piped import GLANCE, PipedProcess
from engine.processes.streams import BLOCK, LastWords, bounded_lines

_MOST_BANNER_LINES = 1000  # before `Ready`: a greeting of the far machine, its warnings, an echo
_LINE_SECONDS = 0.5  # for a line to a detached worker to end by itself
_PATIENCE = 3.0  # seconds for a worker to save and leave that is told to end
_REPLIES = get_args(Reply)
_SAID_UNASKED = (Failed, YoursJudged)  # of a job, and of functions that are offered without waiting


class EngineGone(Exception):  # noqa: N818 - it is an end, not always an error
    """The worker has ended. `str()` is one line, `stderr` its last lines, as it wrote them.

    `fault` says what was wrong with its last answer, where it was ended because of that.
    """

    def __init__(self, return_code: int | None, stderr: Sequence[str], fault: str = "") -> None:
        self.return_code = return_code
        self.stderr = tuple(stderr)
        self.fault = fault
        super().__init__(f"the engine was stopped: {fault}" if fault else f"the engine ended: {_how(return_code)}")


class EngineLeft(EngineGone):
    """It is detached, and this process talks with it no longer."""

    def __init__(self) -> None:
        super().__init__(None, ())
        self.args = ("the engine continues in the background",)


def worker_command(arguments: Sequence[str] = ()) -> list[str]:
    """The command of a local worker."""
    return module_command("engine.worker", *arguments)


class EngineClient:
    """One worker process.

    `start`, then iterate over `events()`; `ask` awaits the reply to one command. Replies reach whoever asked, every
    other event the iterator. What comes in is checked here, once: a worker that says what does not fit is ended.
    """

    def __init__(self, command: Sequence[str], control: bool = True) -> None:
        """A detached worker is controlled from the start where nobody else does so, unless `control` is False."""
        self._command, self._control = list(command), control
        self._process: PipedProcess | None = None
        self._waiting: dict[int, tuple[Command, asyncio.Future[Reply]]] = {}
        self._numbers = count(1)
        self._words = LastWords()
        self._parts = Parts()
        self._tasks: list[asyncio.Task[None]] = []
        self._strangers: int | None = 0  # lines that came before Ready; None after it
        self._fault = ""
        self._leaving = False
        self.detached = False  # the worker outlives this process
        self._is_worker = True  # what was started is the worker, and no relay to it
        self.gone: EngineGone | None = None

    async def start(self) -> None:
        """Starts the worker in a session of its own, so that ctrl+C at the terminal is the app's alone.

        Raises:
            EngineGone: the command cannot be run at all.
        """
        try:
            process = self._process = await PipedProcess.start(self._command, BLOCK)
        except OSError as error:
            self.gone = EngineGone(None, [f"{self._command[0]}: {error.strerror}"])
            raise self.gone from error
        self._tasks = [
            asyncio.create_task(self._words.keep(process.stderr)),
            asyncio.create_task(_end_with(process)),
        ]
        self.send(Hello(viewer=this_viewer(), control=self._control, receipts=True))

    @property
    def pid(self) -> int | None:
        """The process id of what was started (ssh or torchrun, where that was); None before."""
        return self._process.pid if self._process else None

    @property
    def through_line(self) -> bool:
        """Whether a detached worker is reached through another process, ssh or a relay, whose end is not its end."""
        return self.detached and not self._is_worker

    def send(self, command: Command) -> None:
        """Sends a command without waiting. To a worker that is gone it says nothing: `events()` tells."""
        process = self._process
        if process is not None and not process.stdin.is_closing():
            process.stdin.write(encode(command))

    async def ask(self, command: Command) -> Reply:
        """Sends a command and awaits its reply, which is of the type that answers it.

        Raises:
            InputError: the worker refused; its line.
            EngineGone: the worker ended before it answered, or because of what it answered.
        """
        if self.gone is not None:
            raise self.gone
        number = next(self._numbers)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (command, future)
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
        try:
            async for line in bounded_lines(self._process.stdout, LONGEST_LINE):
                event = self._read(line)
                if event is not None and self._strangers is None:
                    self.send(Received(lines=1))
                if isinstance(event, Part):
                    event = self._whole(event)
                if isinstance(event, Detached | ControlChanged) and not self.detached:
                    self.detached = True
                    self._tasks.append(asyncio.create_task(self._beat()))
                if event is not None and not self._answered(event):
                    yield event
        except InputError as error:
            self._fault = str(error)
            await self._leave(_PATIENCE, signal.SIGTERM)
        except RuntimeError:  # while whoever asks for events did something else, `_leave` began to read
            if not self._leaving:
                raise
        raise await self._obituary()

    async def close(self, seconds: float = 5.0) -> None:
        """Asks the worker to checkpoint and leave; kills it when it does not in time. A detached one goes on."""
        if self._process is None:
            return
        self.send(Shutdown())
        if self.detached and self._is_worker and self._process.return_code is None:
            self._leave_behind(self._process)
            return
        if self.detached:  # ssh waits for a worker that goes on, and need not
            seconds = min(seconds, _LINE_SECONDS)
        await self._leave(seconds)
        await self._obituary()

    def _leave_behind(self, process: PipedProcess) -> None:
        """It reads to the end of its stdin, and goes on."""
        for task in self._tasks:
            task.cancel()
        self.gone = self.gone or EngineLeft()
        process.close()

    async def _beat(self) -> None:
        """A detached worker hears that this viewer is there."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            self.send(StillHere())

    def _read(self, line: bytes) -> Event | None:
        """The event that a line is. None for the words of somebody in between: a greeting before `Ready`, and
        at any time our own command, which a terminal in between echoes.

        Raises:
            InputError: it is an event that does not fit, or no event where one is expected.
        """
        try:
            event = decode_event(line)
        except InputError:
            kind = kind_of(line)
            if kind == "command":
                return None
            if kind == "event" or self._strangers is None or line.startswith(b"{"):
                raise
        else:
            if isinstance(event, Ready):
                self._strangers = None
                self._is_worker = self._process is not None and event.pid == self._process.pid
            return event
        self._words.add(line)
        self._strangers += 1
        if self._strangers > _MOST_BANNER_LINES:
            raise InputError(f"it sent {self._strangers:,} lines, of which none is an event")
        return None

    def _whole(self, part: Part) -> Event | None:
        """What came in parts; None while others are to come.

        Raises:
            InputError: they are none of the worker's lines.
        """
        line = self._parts.take(part)
        event = self._read(line) if line is not None else None
        if isinstance(event, Part):
            raise InputError("it sent parts of a part")
        return event

    def _answered(self, event: Event) -> bool:
        """Whether somebody waits for it, or waited.

        Raises:
            InputError: it does not answer what was asked.
        """
        if not isinstance(event, _REPLIES) or event.request not in self._waiting:
            return isinstance(event, _REPLIES) and not isinstance(event, _SAID_UNASKED)
        command, future = self._waiting[event.request]
        check_answer(command, event)
        if not future.done():
            future.set_result(event)
        return True

    async def _leave(self, seconds: float, number: signal.Signals | None = None) -> None:
        """Ends the worker: told by the end of its stdin, and by a signal where one is named, killed after a time."""
        process = self._process
        assert process is not None
        self._leaving = True
        process.stdin.close()
        if number is not None and process.return_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)
        try:
            # Somebody may have stopped reading events; a worker that cannot write would never leave.
            await asyncio.wait_for(_drained(process), seconds)
        except TimeoutError:
            if process.return_code is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # with what it has started in its session
            await process.ended()

    async def _obituary(self) -> EngineGone:
        assert self._process is not None
        if isinstance(self.gone, EngineLeft):
            return self.gone
        return_code = await self._process.ended()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=1)  # a grandchild may hold stderr open
        for task in self._tasks:
            task.cancel()
        self._process.close()
        self.gone = self.gone or EngineGone(return_code, self._words.shown(), self._fault)
        for _, future in self._waiting.values():
            if not future.done():
                future.set_exception(self.gone)
        return self.gone


async def _drained(process: PipedProcess) -> None:
    try:
        while await process.stdout.read(BLOCK):
            await asyncio.sleep(0)
    except RuntimeError:  # events() is still reading, and drains
        while not process.stdout.at_eof():
            await asyncio.sleep(GLANCE)
    await process.ended()


async def _end_with(process: PipedProcess) -> None:
    """Nothing more is to be waited for a second after a worker's end: a grandchild may hold its stdout open."""
    await process.ended()
    await asyncio.sleep(1)
    process.close_stdout()


class Engine(Protocol):
    """What the app needs of a client; tests script one."""

    def send(self, command: Command) -> None:
        """As `EngineClient.send`."""
        ...

    async def ask(self, command: Command) -> Reply:
        """As `EngineClient.ask`."""
        ...


def _how(return_code: int | None) -> str:
    if return_code is None:
        return "it could not be started"
    hint = " (out of memory?)" if return_code == -signal.SIGKILL else ""
    return f"killed by {code_words(return_code)}{hint}" if return_code < 0 else code_words(return_code)
