"""`softmax-tui watch`: a run or a sweep that goes on elsewhere, live."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

from engine.contract.engine_events import ControlChanged
from engine.contract.errors import InputError
from engine.contract.events import Finished, RunEvent
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import MemberSaid, SweepEvent, SweepFinished, SweepProgress
from engine.contract.wire import Event
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, store_of
from tui.cli.following import Report
from tui.cli.interruption import Interruption
from tui.cli.judged import opened, run_named
from tui.cli.page import Page

if TYPE_CHECKING:
    from engine.store.attaching import Visit
    from engine.store.runs import RunStore

_EXAMPLES = """examples
  softmax-tui train --epochs 200 --detach      starts a run in the background
  softmax-tui watch                            shows the newest run that is running
  softmax-tui watch s0001                      shows a sweep in the background
  softmax-tui watch r0012 --json > run.jsonl   writes what train --json writes

A run that was started in another terminal or by a batch job is followed from the store, epoch by epoch.
ctrl+C leaves the run running. Exit codes: 0 (finished or stopped), 1 (diverged, failed or interrupted),
2 (bad usage or input), 130 (ctrl+C)."""

_SWEEP = re.compile(r"s\d{4,17}")
_LOOK_SECONDS = 0.2
_TOLD = (*get_args(RunEvent), *get_args(SweepEvent))
_WELL = ("finished", "stopped")


def add(commands: Commands[OneLineParser]) -> None:
    lines = "one JSON object a line, as train --json or sweep --json"
    parser = add_command(commands, "watch", run, _EXAMPLES, json=lines)
    words = "a run by id or name, or a sweep by id (default: the newest run that is running)"
    parser.add_argument("run_name", nargs="?", default="", metavar="RUN", help=words)
    add_places(parser, data=False)


def run(options: argparse.Namespace) -> int:
    from engine.store.attaching import visiting

    folder = store_of(options)
    with opened(folder) as store, Interruption() as interruption:
        name = options.run_name
        if _SWEEP.fullmatch(name):
            with visiting(folder, name) as visit:
                if visit is None:
                    raise InputError(
                        f"watch: found no sweep {name} in the background of this machine, expected one that is "
                        "running: softmax-tui watch RUN follows one of its runs"
                    )
                return _shown(_live(visit, None, ""), options.json, True, interruption, name)
        run_id = run_named(store, name) if name else _newest_running(store)
        with visiting(folder, owner=store.owner(run_id)) as visit:
            if visit is not None and (visit.job == run_id or (not name and visit.is_sweep)):
                events = _live(visit, store, run_id)
                return _shown(events, options.json, visit.is_sweep, interruption, visit.job)
        return _shown(_stored(store, run_id), options.json, False, interruption, run_id)


def _newest_running(store: RunStore) -> str:
    running = [run.run_id for run in store.summaries() if run.status == "running"]
    if not running:
        raise InputError("watch: found no run that is running, expected at least one: softmax-tui train --detach")
    return running[0]


def _live(visit: Visit, store: RunStore | None, run_id: str) -> Iterator[Event | None]:
    """What the worker tells, to the end of its job. Where it ends before, the store says what became of the run."""
    from engine.processes.conversation import Hung

    yield from visit.so_far
    try:
        while True:
            event = visit.worker.receive(_LOOK_SECONDS)
            yield event
            if isinstance(event, Finished | SweepFinished):
                return
    except Hung:
        if visit.is_sweep or store is None:
            raise InputError(f"{visit.job}: found its engine gone, expected an end: runs list shows its runs") from None
        yield store.events(run_id)[-1]


def _stored(store: RunStore, run_id: str) -> Iterator[Event | None]:
    from engine.store.following import follow

    return follow(store, run_id)


def _shown(events: Iterator[Event | None], json: bool, is_sweep: bool, interruption: Interruption, name: str) -> int:
    """Has everything told, to the end or until ctrl+C."""
    report = _report(json, is_sweep)
    control: ControlChanged | None = None
    for event in events:
        if isinstance(event, ControlChanged):
            if control is not None and event.holder and event.holder != control.holder:
                report.preparing(Notice(f"{event.holder} controls {name} now"))
            control = event
        elif isinstance(event, SweepProgress):
            report.preparing(Progress("training", name, event.done, event.total, "minibatches"))
        elif isinstance(event, _TOLD) and not (is_sweep and isinstance(event, MemberSaid)):
            report.event(event)
        if isinstance(event, Finished | SweepFinished):
            return 0 if event.status in _WELL else 1
        if interruption.requested:
            report.live.clear()
            if not json:
                Page().line(f"{name} continues to run")
            return interruption.exit_code
    raise AssertionError("a run ends with its last event")


def _report(json: bool, is_sweep: bool) -> Report:
    if is_sweep:
        from tui.sweep import text

        return text.JsonReport() if json else text.PeopleReport()
    from tui.train import report

    return report.JsonReport() if json else report.PeopleReport()
