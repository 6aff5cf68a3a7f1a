"""`softmax-tui train`: a run without the app."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.contract.commands import ResumeRun, StartTraining
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import Finished, RunEvent
from engine.contract.pairs import YOURS
from engine.contract.settings import Value, check
from tui.cli.arguments import (
    Commands,
    OneLineParser,
    add_command,
    add_places,
    add_settings,
    data_dir_of,
    store_of,
    typed_settings,
)
from tui.cli.detached import add_detach, leave_running
from tui.cli.following import followed, prepared
from tui.cli.interruption import Interruption
from tui.cli.judged import opened, resumable_one, run_named
from tui.cli.yours import add_yours, yours_of

if TYPE_CHECKING:
    from engine.jobs.recorded_run import Session, Training
    from tui.train.report import JsonReport, PeopleReport

_EXAMPLES = """examples
  softmax-tui train
  softmax-tui train --dataset silhouettes --learning-rate 0.3 --epochs 20
  softmax-tui train --softmax naive --loss indexing --learning-rate 1e6    diverges, and says why
  softmax-tui train --mine FILE.py                                         with your softmax, cross_entropy or both
  softmax-tui train --resume                                               continues the last run that can continue
  softmax-tui train --resume RUN --epochs 30                               continues RUN as a new run
  softmax-tui train --epochs 200 --detach                                  in the background; watch shows the run

ctrl+C stops the run and saves a checkpoint. Exit codes: 0 (finished), 1 (diverged or failed),
2 (bad usage or input), 130 (ctrl+C) or 143 (SIGTERM)."""


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(
        commands, "train", run, _EXAMPLES, json="one JSON object a line (started, epoch, diverged, finished)"
    )
    parser.add_argument(
        "--resume",
        metavar="RUN",
        nargs="?",
        const="",
        help="continue a run (default: the last that can continue); with changed settings, continue as a new run",
    )
    add_detach(parser, "run")
    add_settings(parser)
    add_yours(parser, "train with the functions of the file, as softmax yours and loss yours")
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    changes = typed_settings(options)
    source = yours_of(options)
    data_dir, store = data_dir_of(options), store_of(options)
    run_id = _resumed(options.resume, store, changes)  # before torch is imported
    if options.detach and not source:
        return leave_running(options, _begun(run_id, changes))
    from engine.jobs.recorded_run import Places, Session
    from tui.train.report import JsonReport, PeopleReport

    session = Session(Places(data_dir, store))
    if source:
        changes = _with_yours(changes, source, session)
        if options.detach:
            return leave_running(options, _begun(run_id, changes))
    with Interruption() as interruption:
        if run_id is None:
            preparation = session.start(replace(TrainConfig(), **changes))
        else:
            preparation = session.resume(run_id, changes)
        report = JsonReport() if options.json else PeopleReport()
        training = prepared(preparation, report, interruption)
        if training is None:
            report.interrupted(interruption.name)
            return interruption.exit_code
        return _followed(training, report, interruption)


def _begun(run_id: str | None, changes: Mapping[str, Value]) -> StartTraining | ResumeRun:
    """The command for a worker; settings that no run can have are refused before it is started."""
    if run_id is not None:
        return ResumeRun(run_id=run_id, changes=dict(changes))
    config = replace(TrainConfig(), **changes)
    check(config)
    return StartTraining(config=config)


def _resumed(name: str | None, folder: Path, changes: Mapping[str, Value]) -> str | None:
    """The run to go on with: the one that is named, the last that can for "", none for None."""
    if name is None:
        return None
    with opened(folder) as store:
        return run_named(store, name) if name else resumable_one(store, int(changes.get("epochs", 0))).run_id


def _with_yours(changes: Mapping[str, Value], source: str, session: Session) -> dict[str, Value]:
    """The settings with softmax or loss `yours`: as typed, else whatever the file has and no other was typed for."""
    judged = session.offer(source)
    assert session.yours is not None
    session.yours.close()  # it has been judged, and trains in this process
    changes = {**changes, "mine": source}
    if YOURS not in (changes.get("softmax"), changes.get("loss")):
        for name, there in (("softmax", judged.has_softmax), ("loss", judged.has_cross_entropy)):
            if there and name not in changes:
                changes[name] = YOURS
    if YOURS not in (changes.get("softmax"), changes.get("loss")):
        raise InputError("--mine: found another --softmax or --loss, expected --softmax yours or --loss yours")
    # A run that goes on with yours has the loss and the gradient of before in its config.
    return {"loss": "auto", "gradient": "auto", **changes}


def _followed(training: Training, report: JsonReport | PeopleReport, interruption: Interruption) -> int:
    def events() -> Iterator[RunEvent]:
        report.begins(training.history)
        yield from training.events

    return followed(events(), report, interruption, Finished, training.stop, training.failed)
