"""The worker process: reads commands on stdin, runs jobs, writes events on stdout.

Three threads: this one computes and answers between two events of the job, one reads, one writes; a fourth sends the
heartbeat, for which a process stands in while torch is imported. Nothing else ever reaches stdout. When stdin ends the
worker checkpoints and leaves, unless it is detached: then it goes on, and viewers come to its socket.

Started by torchrun, rank 0 is that worker; the other ranks take part in its sweeps and the vocabulary's jobs, and
do nothing else.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from engine.contract.codec import encode_event
from engine.contract.commands import Command, Detach, Shutdown
from engine.contract.engine_events import Heartbeat, WarmingUp
from engine.contract.errors import InputError
from engine.processes.parent import die_with_parent
from engine.ranks import rank_and_size
from engine.worker.hub import Hub
from engine.worker.outbox import Outbox

if TYPE_CHECKING:
    from engine.ranks.rank_group import RankGroup
    from engine.worker.command_loop import CommandLoop

_HEARTBEAT_SECONDS = 1.0


def main(arguments: list[str] | None = None) -> int:
    """Runs a worker until stdin ends, SIGTERM, or `Shutdown`. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="softmax-tui engine", description="the worker, on stdin and stdout")
    parser.add_argument("--store", type=Path, help="folder of the stored runs")
    parser.add_argument("--data-dir", type=Path, help="folder of the datasets")
    parser.add_argument("--detached", action="store_true", help="outlive the process that starts it")
    parser.add_argument("--attach", nargs="?", const="", metavar="RUN", help="the lines of a detached worker")
    options = parser.parse_args(arguments)
    if options.attach is not None:
        return _attached(options)
    rank, ranks = rank_and_size(os.environ)
    if rank > 0:
        from engine.jobs.follower import serve

        return serve(options.data_dir)
    with plain_line(0):
        return _work(options, ranks)


def _attached(options: argparse.Namespace) -> int:
    """As a relay to a detached worker: of the run that is named, else the newest."""
    from engine.store.named import run_named
    from engine.store.runs import RunStore, default_store
    from engine.worker.relay import relay

    folder = options.store or default_store(os.environ)
    folders = [f"--store={folder}", *([f"--data-dir={options.data_dir}"] if options.data_dir else [])]
    try:
        owner = None
        if options.attach:
            store = RunStore.open(folder, create=False)
            owner = store.owner(run_named(store, options.attach))
        with plain_line(0):
            relay(folder, folders, owner)
    except InputError as error:
        print(f"softmax-tui: {error}", file=sys.stderr)
        return 2


def _work(options: argparse.Namespace, ranks: int) -> int:
    """As rank 0, or alone."""
    inbox: SimpleQueue[Command] = SimpleQueue()
    protocol = _take_stdout()
    with beating(protocol, _HEARTBEAT_SECONDS, "importing torch"):
        hub = Hub(inbox, Outbox(protocol))
        if options.detached:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            inbox.put(Detach())
        else:
            die_with_parent()
        threading.Thread(target=hub.serve_parent, args=(0,), name="reader", daemon=True).start()
        hub.put(WarmingUp("importing torch"))
        loop, rank_group = _command_loop(options, ranks, inbox, hub)
        threading.Thread(target=_beat, args=(loop, hub), name="heartbeat", daemon=True).start()
    received: list[int] = []

    def leave(signal_number: int, frame: object) -> None:
        received.append(signal_number)
        if signal_number == signal.SIGTERM and rank_group is not None:
            rank_group.ended_from_outside = True
        inbox.put(Shutdown())  # a SimpleQueue may be put to from a signal handler

    threading.excepthook = _leave_at_fault
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it for SIGHUP
            signal.signal(number, leave)
    loop.run()
    lost = rank_group.leave() if rank_group is not None else ""
    hub.close()
    if lost:
        print(lost, file=sys.stderr)
        return 1
    return 128 + received[0] if received else 0


def _command_loop(
    options: argparse.Namespace, ranks: int, inbox: SimpleQueue[Command], hub: Hub
) -> tuple[CommandLoop, RankGroup | None]:
    """What computes, and the other ranks; takes as long as torch and the ranks take to come."""
    import torch

    from engine.data.catalog import DATA_DIR_VARIABLE
    from engine.jobs.recorded_run import Places
    from engine.ranks.rank_group import RankGroup
    from engine.worker.command_loop import CommandLoop

    # Small questions are answered between two events; a second thread makes them wait for whoever else is busy.
    torch.set_num_threads(1)

    rank_group = RankGroup.joined() if ranks > 1 else None
    places = Places.of(os.environ, options.data_dir, options.store)
    os.environ[DATA_DIR_VARIABLE] = str(places.data_dir)  # for the processes that it starts
    return CommandLoop(places, inbox, hub, rank_group), rank_group


def _take_stdout() -> int:
    """The protocol's descriptor; from here on a stray print of any library lands on stderr."""
    protocol = os.dup(1)
    os.dup2(2, 1)
    return protocol


def _leave_at_fault(fault: threading.ExceptHookArgs) -> None:
    """A worker that lost its reader or writer is no use to anybody: it says why, checkpoints and leaves."""
    try:
        threading.__excepthook__(fault)
    finally:  # also where stderr is a terminal that has been hung up
        os.kill(os.getpid(), signal.SIGTERM)


def _beat(loop: CommandLoop, hub: Hub) -> None:
    from engine.processes.memory import taken_bytes

    while not hub.deserted:
        time.sleep(_HEARTBEAT_SECONDS)
        hub.look()
        hub.put(Heartbeat(loop.idle_seconds(), loop.busy_with, taken_bytes()))


@contextmanager
def plain_line(descriptor: int) -> Iterator[None]:
    """While it lasts, a terminal echoes nothing, cuts no line at 4096 bytes and rewrites no newline.

    ctrl+C still interrupts, for whoever typed the engine's command by hand. What is no terminal stays as it is.
    """
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
    quiet[1] &= ~termios.OPOST
    quiet[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN)
    quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        with suppress(termios.error):  # it has been hung up
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def beating(descriptor: int, seconds: float, doing: str) -> Iterator[None]:
    """While it lasts, a process of its own writes a heartbeat to the descriptor, so often.

    A thread would not do: loading torch's libraries from a slow disk keeps all threads of a process waiting, for much
    longer than a silence may last. Begin before any thread is started, as a fork copies none.
    """
    parent, line = os.getpid(), encode_event(Heartbeat(0.0, doing))
    child = os.fork()
    if child == 0:
        _beat_alone(descriptor, seconds, line, parent)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _beat_alone(descriptor: int, seconds: float, line: bytes, parent: int) -> NoReturn:
    """So short a line is written whole or not at all, also when this process is killed meanwhile."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(signal.SIGKILL)
        os.close(0)  # the commands are not for this process
        while os.getppid() == parent:
            time.sleep(seconds)
            os.write(descriptor, line)
    finally:
        os._exit(0)  # also where nobody reads any more
