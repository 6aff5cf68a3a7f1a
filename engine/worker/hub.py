"""Everybody who watches a worker: what each says goes to the command loop, what the loop says to whom it concerns.

Before it is detached a worker has one viewer, the process that started it. A viewer never waits for another, and the
command loop for none: each has a queue and two threads of its own.
"""

from __future__ import annotations

import socket
import threading
import time
from itertools import count
from queue import SimpleQueue
from typing import get_args

from msgspec.structs import replace

from engine.contract.codec import decode_command, request_of
from engine.contract.commands import Command, Hello, Received, Shutdown, StillHere, TakeControl
from engine.contract.engine_events import PROTOCOL, ControlChanged, Done, Ready
from engine.contract.errors import InputError
from engine.contract.wire import Event, Reply
from engine.worker.command_lines import lines
from engine.worker.control import Control, needs_control
from engine.worker.doorkeeper import open_door
from engine.worker.outbox import Outbox
from engine.worker.so_far import SoFar
from engine.worker.viewer import PARENT, Viewer

MOST_VIEWERS = 32
SILENCE_SECONDS = 30.0  # after which a viewer is given up
_MOST_UNANSWERED = 64  # commands of a viewer, then its next ones wait
_REPLIES = get_args(Reply)


class Hub:
    """All methods may be called from any thread."""

    def __init__(self, inbox: SimpleQueue[Command], outbox: Outbox) -> None:
        self._inbox = inbox
        self._changed = threading.Condition(threading.RLock())
        self._numbers, self._requests = count(PARENT + 1), count(1)
        self._parent = Viewer(PARENT, outbox)
        self._viewers = {PARENT: self._parent}
        self._asked: dict[int, tuple[int, int]] = {}  # our number of a command: the viewer, and its own number
        self._so_far, self._control = SoFar(), Control()
        self._ready: Ready | None = None  # since it is detached
        self._server: socket.socket | None = None

    # What the command loop says

    def put(self, event: Event, asked: int = 0) -> None:
        """A reply to whoever asked, as what is told on the way to the reply to the command `asked`; the rest to all."""
        with self._changed:
            self._so_far.take(event)
            if isinstance(event, _REPLIES) and event.request in self._asked:
                number, request = self._asked.pop(event.request)
                self._tell(number, replace(event, request=request))
                if number in self._viewers:
                    self._viewers[number].unanswered -= 1
                    self._changed.notify_all()
            elif asked in self._asked:
                self._tell(self._asked[asked][0], event)
            else:
                self._tell_all(event)

    def asker(self, request: int) -> int:
        """Which viewer a command is from."""
        with self._changed:
            return self._asked[request][0] if request in self._asked else PARENT

    def greet(self, ready: Ready) -> None:
        """The answer to the parent's Hello, where that came before the worker was detached."""
        with self._changed:
            self._tell(PARENT, ready)

    def open(self, server: socket.socket, ready: Ready) -> None:
        """The worker is detached: from here on viewers come and go, and one of them controls."""
        with self._changed:
            self._ready, self._server = ready, server
            self._give_control(self._parent if PARENT in self._viewers else None)
        open_door(server, self)

    @property
    def detached(self) -> bool:
        """Whether it outlives the process that started it."""
        return self._ready is not None

    def uncontrolled_seconds(self) -> float:
        """For how long nobody has controlled it, 0 where somebody does, or it is not detached."""
        with self._changed:
            self.look()
            return self._control.free_seconds() if self.detached else 0.0

    @property
    def deserted(self) -> bool:
        """Whether the only viewer that it will ever have reads no more."""
        return not self.detached and self._parent.outbox.broken

    def look(self) -> None:
        """To be called every second: whoever is not heard from loses control, and then the connection."""
        with self._changed:
            if not self.detached:
                return
            if self._control.lapse():
                self._tell_control()
            for viewer in [*self._viewers.values()]:
                silent = viewer.silence_seconds() > SILENCE_SECONDS and not viewer.is_parent
                if viewer.outbox.broken or silent:
                    self.forget(viewer)
                    viewer.hang_up()

    def close(self) -> None:
        """The worker ends: what is said already is written, for as long as it is read."""
        if self._server is not None:
            self._server.close()
        with self._changed:
            viewers = [*self._viewers.values()]
        closing = [threading.Thread(target=viewer.close, args=(2.0,), daemon=True) for viewer in viewers]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()

    # What the viewers say

    def serve_parent(self, descriptor: int) -> None:
        """Reads its commands to the end, which ends a worker that is not detached."""
        for line in lines(descriptor):
            try:
                if not self.said(self._parent, decode_command(line)):
                    break
            except InputError as error:
                self._parent.refuse(request_of(line), str(error))
        if self.detached:
            self.forget(self._parent)
            self._parent.close_pipe()
        else:
            self._inbox.put(Shutdown())  # and how that ends is told, where somebody still reads

    def admit(self, connection: socket.socket) -> Viewer:
        """One who comes to the socket. Raises InputError where there are too many."""
        with self._changed:
            if len(self._viewers) >= MOST_VIEWERS:
                raise InputError(f"found {len(self._viewers)} viewers already, expected at most {MOST_VIEWERS}")
            viewer = Viewer.at(next(self._numbers), connection)
            self._viewers[viewer.number] = viewer
            return viewer

    def said(self, viewer: Viewer, command: Command) -> bool:
        """Obeys, or hands on to the command loop; whether the viewer stays.

        Raises:
            InputError: it does not begin with Hello, or speaks another protocol.
        """
        with self._changed:
            viewer.heard_at = time.monotonic()
            self._control.heard(viewer.number)
            if isinstance(command, Hello) and command.receipts:
                viewer.outbox.expect_receipts()
            if isinstance(command, Hello) and self._ready is not None:
                self._welcome(viewer, command, self._ready)
            elif not viewer.greeted:
                raise InputError(f"found {type(command).__name__}, expected Hello first")
            elif isinstance(command, Received):
                viewer.outbox.receive(command.lines)
            elif isinstance(command, TakeControl):
                self._give_control(viewer if self.detached else None)
                viewer.tell(Done(command.request))
            elif isinstance(command, StillHere):
                pass
            elif isinstance(command, Shutdown) and self.detached:
                return False
            elif why := self._forbidden(viewer, command):
                viewer.refuse(command.request, why)
            else:
                self._hand_on(viewer, command)
        return True

    def _welcome(self, viewer: Viewer, hello: Hello, ready: Ready) -> None:
        if hello.protocol != PROTOCOL:
            raise InputError(f"protocol: found {hello.protocol}, expected {PROTOCOL}: the two ends differ in version")
        viewer.name, viewer.greeted = hello.viewer or f"viewer {viewer.number}", True
        viewer.tell(ready)
        for event in self._so_far.told_again():
            viewer.tell(event)
        self.look()
        if not (hello.control and self._control.holder is None and self._give_control(viewer)):
            viewer.tell(self._control_as_seen_by(viewer))

    def _forbidden(self, viewer: Viewer, command: Command) -> str:
        """Why a command is not obeyed, "" where it is. Control that nobody has is had for the asking."""
        if not self.detached or not needs_control(command):
            return ""
        self.look()
        if self._control.holder is None:
            self._give_control(viewer)
        if self._control.holder == viewer.number:
            return ""
        return f"{type(command).__name__}: found {self._holder} in control, expected this viewer: take control first"

    def _hand_on(self, viewer: Viewer, command: Command) -> None:
        while viewer.unanswered >= _MOST_UNANSWERED and viewer.number in self._viewers and not viewer.is_parent:
            self._changed.wait(1.0)
        if command.request:
            number = next(self._requests)
            self._asked[number] = (viewer.number, command.request)
            viewer.unanswered += 1
            command = replace(command, request=number)
        self._inbox.put(command)

    def forget(self, viewer: Viewer) -> None:
        """It is gone: nothing is told to it any more, and it controls no more."""
        with self._changed:
            if self._viewers.pop(viewer.number, None) is None:
                return
            self._asked = {ours: (whose, own) for ours, (whose, own) in self._asked.items() if whose != viewer.number}
            self._changed.notify_all()
            if self._control.holder == viewer.number:
                self._give_control(None)

    # Control

    @property
    def _holder(self) -> str:
        holder = self._viewers.get(-1 if self._control.holder is None else self._control.holder)
        return holder.name or "whoever started it" if holder is not None else ""

    def _give_control(self, viewer: Viewer | None) -> bool:
        """To that one, or to nobody; whether that is a change, which is told to all."""
        changed = self._control.give(None if viewer is None else viewer.number)
        if changed:
            self._tell_control()
        return changed

    def _tell_control(self) -> None:
        for viewer in self._viewers.values():
            if viewer.greeted:
                viewer.tell(self._control_as_seen_by(viewer))

    def _control_as_seen_by(self, viewer: Viewer) -> ControlChanged:
        yours = self._control.holder == viewer.number
        return ControlChanged(holder=self._holder, yours=yours, term=self._control.term)

    # Telling

    def _tell(self, number: int, event: Event) -> None:
        if number in self._viewers:
            self._viewers[number].tell(event)

    def _tell_all(self, event: Event) -> None:
        for viewer in self._viewers.values():
            if viewer.greeted:
                viewer.tell(event)
