"""A stored run's model, or a predictions file, and what it says about every image."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.contract.errors import InputError
from engine.contract.progress import Notice
from engine.store.named import is_predictions_file
from tui.cli.arguments import data_dir_of, store_of
from tui.cli.stored import Taken, finished_one, opened, run_named

if TYPE_CHECKING:
    from engine.jobs.judged_model import Judged


def source_of(options: argparse.Namespace) -> Taken:
    """The run or the file that was named, else the last run that finished.

    Raises:
        InputError: none was named, and none has finished.
    """
    if options.source:
        return Taken(options.source, "")
    with opened(store_of(options)) as store:
        return finished_one(store)


def judged(options: argparse.Namespace, source: str) -> Judged:
    """A predictions file, or the model of a stored run on its validation set.

    Raises:
        InputError: there is no such run, its data are not there, or the file is not right.
    """
    if is_predictions_file(source):
        from engine.analysis.foreign import read_foreign

        foreign = read_foreign(Path(source))  # before torch is imported
        from engine.jobs.judged_model import of_foreign

        return of_foreign(foreign)
    data_dir, folder = data_dir_of(options), store_of(options)
    with opened(folder) as store:
        run_id = run_named(store, source)  # before torch is imported
    from engine.jobs.judged_model import Judged
    from engine.jobs.judged_model import judged as steps_of
    from engine.jobs.recorded_run import Places, Session
    from tui.cli.interruption import interruptible
    from tui.cli.live import LiveLine
    from tui.cli.page import Page

    session = Session(Places(data_dir, folder))
    live = LiveLine()
    try:
        for step in interruptible(steps_of(session, run_id)):
            if isinstance(step, Judged):
                return step
            if isinstance(step, Notice):
                live.clear()
                Page(sys.stderr).line(step.text, "yellow")
            else:
                live.preparing(step)
    finally:
        live.clear()
    raise AssertionError("the steps end with the model")


def class_named(text: str, label_names: tuple[str, ...]) -> int:
    """The class that a person means by its number or its name, in any case.

    Raises:
        InputError: there is no such class.
    """
    wanted = text.strip()
    if wanted in label_names:  # before numbers: the classes of MNIST are named by them
        return label_names.index(wanted)
    if wanted.isdecimal() and len(wanted) < 9 and int(wanted) < len(label_names):
        return int(wanted)
    folded = [name.casefold() for name in label_names]
    if wanted.casefold() in folded:
        return folded.index(wanted.casefold())
    some = ", ".join(label_names[:12]) + (", …" if len(label_names) > 12 else "")
    raise InputError(f"class: found {wanted[:60]!r}, expected 0 to {len(label_names) - 1} or one of {some}")
