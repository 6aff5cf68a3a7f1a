"""Which stored run or predictions file a person means, and what that model says about every image."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from engine.contract.errors import InputError
from engine.contract.events import JudgedPart
from engine.store.named import Taken, finished_one, is_predictions_file, resumable_one, run_named
from tui.cli.arguments import data_dir_of, store_of

__all__ = ["opened", "replayed", "resumable_one", "run_named", "taken"]

if TYPE_CHECKING:
    from engine.contract.run_state import RunState
    from engine.jobs.judged_model import Judged
    from engine.store.runs import RunStore


@contextmanager
def opened(folder: Path) -> Iterator[RunStore]:
    """The store of a folder, which is not made where there is none."""
    from engine.store.runs import RunStore

    store = RunStore.open(folder, create=False)
    try:
        yield store
    finally:
        store.close()


def taken(store: RunStore, name: str) -> Taken:
    """The run of that id or name; without one the last that finished, or where none has the newest."""
    return Taken(run_named(store, name), "") if name else finished_one(store, or_newest=True)


def replayed(store: RunStore, run_id: str) -> RunState:
    """A stored run as its events tell it."""
    from engine.contract.run_state import RunState, apply

    return reduce(apply, store.events(run_id), RunState())


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
    part: JudgedPart = options.part
    if part not in get_args(JudgedPart):
        raise InputError(f"--part: found {part[:60]!r}, expected {' or '.join(get_args(JudgedPart))}")
    if is_predictions_file(source):
        from engine.data.brought.predictions_file import read_predictions

        predicted = read_predictions(Path(source))  # before torch is imported
        from engine.jobs.judged_model import expect_whole, of_file
        from tui.cli.following import loaded

        expect_whole(source, part)
        return loaded(of_file(predicted))
    data_dir, folder = data_dir_of(options), store_of(options)
    with opened(folder) as store:
        run_id = run_named(store, source)  # before torch is imported
    from engine.jobs.judged_model import judged as steps_of
    from engine.jobs.recorded_run import Places, Session
    from tui.cli.following import loaded

    return loaded(steps_of(Session(Places(data_dir, folder)), run_id, part=part))


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
    from engine.data.catalog import same_class

    for number, name in enumerate(label_names):
        if same_class(wanted, number, name, label_names):
            return number
    some = ", ".join(label_names[:12]) + (", …" if len(label_names) > 12 else "")
    raise InputError(f"class: found {wanted[:60]!r}, expected 0 to {len(label_names) - 1} or one of {some}")
