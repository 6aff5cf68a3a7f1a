"""A job that goes on without its terminal: started here, by `train --detach` and `sweep --detach`."""

from __future__ import annotations

import argparse
import shlex
import time

from msgspec.structs import asdict, replace

from engine.contract.commands import ResumeRun, ResumeSweep, StartSweep, StartTraining
from engine.contract.engine_events import Detached, Failed
from engine.contract.errors import InputError
from engine.contract.events import Started
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import SweepStarted
from engine.contract.wire import Event
from engine.processes.conversation import Hung, Starting
from tui.cli.arguments import OneLineParser, data_dir_of, store_of
from tui.cli.interruption import Interruption
from tui.cli.json_lines import print_json
from tui.cli.live import LiveLine
from tui.cli.page import Page

Begin = StartTraining | ResumeRun | StartSweep | ResumeSweep
_LOOK_SECONDS = 0.2
_SILENCE_SECONDS = 120.0  # torch on a slow disk takes a minute, and a worker that loads it has a heartbeat


def add_detach(parser: OneLineParser, job: str) -> None:
    """The flag."""
    parser.add_argument(
        "--detach",
        action="store_true",
        help=f"leave the {job} running in the background, and return; watch shows it, runs stop ends it",
    )


def leave_running(options: argparse.Namespace, begin: Begin) -> int:
    """Starts a worker that outlives this terminal, has it begin, and returns once the job has started.

    Raises:
        InputError: the worker refuses the job, or ends.
    """
    folders = [f"--store={store_of(options)}", f"--data-dir={data_dir_of(options)}"]
    before = "softmax-tui: " if options.json else ""
    with Interruption() as interruption, Starting(folders) as worker:
        detached, live = None, LiveLine(wanted=not options.json)
        heard = time.monotonic()
        try:
            while True:
                event = worker.receive(_LOOK_SECONDS)
                if interruption.requested:
                    return interruption.exit_code
                if event is None:
                    if time.monotonic() - heard > _SILENCE_SECONDS:
                        raise InputError(
                            f"the engine: found no answer for {_SILENCE_SECONDS:g} s, expected a heartbeat"
                        )
                    continue
                heard = time.monotonic()
                if isinstance(event, Detached):
                    detached = event
                    worker.send(replace(begin, request=1))
                elif isinstance(event, Progress | Notice):
                    live.told(event, before)
                elif isinstance(event, Failed):
                    raise InputError(event.message)
                elif isinstance(event, Started | SweepStarted) and detached is not None:
                    worker.leave()
                    live.clear()
                    _tell(options, event, detached)
                    return 0
            return interruption.exit_code
        except Hung as end:
            raise InputError(worker.last_words()) from end
        finally:
            live.clear()


def _tell(options: argparse.Namespace, started: Event, detached: Detached) -> None:
    job = started.run_id if isinstance(started, Started) else ""
    name = job or (started.sweep_id if isinstance(started, SweepStarted) else "")
    if options.json:
        which = {"run_id": name} if job else {"sweep_id": name}
        print_json({"type": "detached", **which, **asdict(detached)})
        return
    page = Page()
    store = f" --store {shlex.quote(str(store_of(options)))}" if hasattr(options, "store") else ""
    kind = "run" if job else "sweep"
    page.line(f"{kind} {name} continues in the background on {detached.host} (pid {detached.pid})", "bold")
    width = len(f"runs stop {name}{store}")
    for command, why in (
        (f"watch {name}{store}", f"shows the {kind} live"),
        (f"runs stop {name}{store}", f"ends the {kind} with a checkpoint"),
    ):
        line = f"softmax-tui {command.ljust(width)}   {why}"
        page.line(line, "dim", hang=line.index(why))
    if detached.warning:
        page.prose(detached.warning, "yellow")
