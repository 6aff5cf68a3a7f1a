"""How a worker comes to outlive its terminal, and how it leaves when nobody needs it any more."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.contract.engine_events import Detached
from engine.jobs.recorded_run import Places
from engine.processes.logout import what_ends_it
from engine.processes.parent import outlive_parent
from engine.processes.socket_folder import listening
from engine.store.engines import DetachedEngine, EngineFiles
from engine.store.owner import this_process
from engine.worker.handshake import ready
from engine.worker.hub import Hub

_NOTHING_BEGUN_SECONDS = 60.0
_DONE_SECONDS = 0.5  # for whoever is about to begin the next job
_HELD_SECONDS = 600.0


@dataclass(frozen=True)
class Detachment:
    """A worker that is detached: what others find it by."""

    files: EngineFiles
    engine: DetachedEngine

    def end(self) -> None:
        """The worker leaves: nothing of it is left behind but a log that says something."""
        self.files.remove(self.engine)


def detach(hub: Hub, places: Places) -> Detachment:
    """To be called by the main thread, between two events.

    Raises:
        InputError: there is no place for the socket or the log. Then nothing has changed.
    """
    files, me = EngineFiles(places.store), this_process()
    log = files.log_path(me)
    server, path = listening()
    engine = DetachedEngine(owner=me, socket=str(path), log=str(log))
    try:
        files.save(engine)
        _leave_terminal(log)
    except BaseException:
        server.close()
        path.unlink(missing_ok=True)
        raise
    hub.open(server, ready(places))
    hub.put(Detached(host=me.host, pid=me.pid, socket=engine.socket, log=engine.log, warning=what_ends_it()))
    return Detachment(files, engine)


def why_leave(begun: bool, going_on: bool, uncontrolled: float) -> str:
    """Why a detached worker that waits for commands ends, "" where it does not.

    `begun` is whether it has had a job, `going_on` whether one is held; `uncontrolled` for how many seconds nobody has
    controlled it.
    """
    if going_on:
        minutes = _HELD_SECONDS / 60
        return f"paused, and nobody in control for {minutes:g} minutes" if uncontrolled > _HELD_SECONDS else ""
    enough = _DONE_SECONDS if begun else _NOTHING_BEGUN_SECONDS
    return "nothing is left to do" if uncontrolled > enough else ""


def _leave_terminal(log: Path) -> None:
    """Neither the end of the parent nor that of the terminal is a signal any more, and nothing is written to it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    outlive_parent()
    with suppress(PermissionError):  # it leads its session already
        os.setsid()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)
