"""A folder of its own for the sockets of a test, and a hub with a loop that answers at once."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import pytest

from engine.contract.commands import Command, Shutdown
from engine.contract.engine_events import Done
from engine.contract.wire import Event
from engine.processes.conversation import Attached
from engine.processes.socket_folder import listening
from engine.worker.hub import Hub
from engine.worker.outbox import Outbox
from tests.app.scripted_worker import READY
from tests.forked import ask


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder with a short name, also for the processes that are started: no socket of the tester's."""
    if ask.POSSIBLE:
        ask.start()  # in the temporary folder of all tests
    folder = tempfile.mkdtemp(prefix="sockets-", dir="/tmp")
    monkeypatch.setattr(tempfile, "tempdir", folder)
    monkeypatch.setenv("TMPDIR", folder)
    yield Path(folder)
    shutil.rmtree(folder)


class Desk:
    """A hub that is open, and a loop that answers every command at once and keeps it."""

    def __init__(self) -> None:
        self.obeyed: list[Command] = []
        self._inbox: SimpleQueue[Command] = SimpleQueue()
        self._reading, writing = os.pipe()
        self.hub = Hub(self._inbox, Outbox(writing))
        threading.Thread(target=self._drain, daemon=True).start()
        self._server, self.path = listening()
        self.hub.open(self._server, READY)
        self.hub.forget(self.hub._parent)  # it was started and left
        self._loop = threading.Thread(target=self._obey, daemon=True)
        self._loop.start()
        self.viewers = ExitStack()

    def attach(self) -> Attached:
        return self.viewers.enter_context(Attached(self.path))

    def close(self) -> None:
        self.viewers.close()
        self._inbox.put(Shutdown())
        self._loop.join()
        self.hub.close()

    def _drain(self) -> None:
        while os.read(self._reading, 2**16):
            pass

    def _obey(self) -> None:
        while not isinstance(command := self._inbox.get(), Shutdown):
            self.obeyed.append(command)
            if command.request:
                self.hub.put(Done(command.request))


@pytest.fixture
def desk(sockets: Path) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def heard_until(viewer: Attached, kind: type[Event], seconds: float = 10.0) -> list[Event]:
    """What it is told, up to the first of that kind."""
    heard: list[Event] = []
    while not (heard and isinstance(heard[-1], kind)):
        event = viewer.receive(seconds)
        assert event is not None, f"no {kind.__name__} after {heard[-3:]}"
        heard.append(event)
    return heard
