"""A store with runs of every kind, and everything that reads a store, called in this process."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import resource
import shutil
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from engine.contract.commands import ListRuns, ListSweeps, Question, ReplayRun, ReplaySweep, ShowDecision, ShowMistakes
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import EpochDone
from engine.contract.run_state import RunState, apply
from engine.contract.sweeps import SweepConfig, SweepResult
from engine.jobs.recorded_run import Places, Session, Training
from engine.jobs.sweep import opening
from engine.jobs.sweep.job import Sweep
from engine.worker.answers import Answers
from tui.cli.doctor import store_check
from tui.cli.main import main
from tui.drawing.plot import chart_lines
from tui.train.charts import ChartsView, loss_chart

RUNS = ("r0001", "r0002", "r0003", "r0004")
FINISHED, STOPPED, DIVERGED = RUNS[:3]


class Tally(Struct):
    """What a fuzz came to: tries, faults (what was tried, and the traceback), the slowest one, and the memory."""

    tries: int = 0
    faults: list[str] = []
    slowest: float = 0.0
    slowest_try: str = ""

    def line(self) -> str:
        # On Linux in KiB; of the process's whole life.
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        return (
            f"{self.tries:,} tries, {len(self.faults)} faults, slowest {self.slowest:.2f} s ({self.slowest_try}), "
            f"largest memory {largest:.2f} GB"
        )

    def tried(self, what: str, act: Callable[[], str]) -> None:
        """`act` gives what is wrong, "" where nothing is."""
        began = time.perf_counter()
        try:
            wrong = act()
        except Exception:  # noqa: BLE001 - that is what is looked for
            wrong = traceback.format_exc()
        seconds = time.perf_counter() - began
        self.tries += 1
        if wrong:
            self.faults.append(f"{what}: {wrong}")
        if seconds > self.slowest:
            self.slowest, self.slowest_try = seconds, what


def make(folder: Path) -> None:
    """`folder/store` and the data it was trained on: a finished, a stopped, a diverged run, and half of a sweep."""
    random = np.random.default_rng(3)
    labels = np.arange(80) % 3
    images = (labels[:, None, None] * 60 + random.integers(0, 60, (80, 3, 2))).astype(np.uint8)
    np.savez(
        folder / "data.npz",
        train_images=images[:60],
        train_labels=labels[:60],
        validation_images=images[60:],
        validation_labels=labels[60:],
    )
    places = Places(folder / "data", folder / "store")
    session = Session(places)
    config = TrainConfig(dataset=str(folder / "data.npz"), epochs=2, batch_size=16)
    _run(session, config)
    _run(session, TrainConfig(dataset=config.dataset, epochs=3, batch_size=16), until=1)
    _run(session, TrainConfig(dataset=config.dataset, epochs=2, batch_size=16, softmax="naive", learning_rate=1e9))
    session.store.close()
    sweep = SweepConfig(parameter="batch_size", values=(8, 16), seeds=1, base=config)
    for step in opening.start(places, sweep):
        if isinstance(step, Sweep):
            for event in step.events:
                if isinstance(event, SweepResult):  # of the first; the second has begun or not
                    break
            step.stop("half of it")
    del step, event
    gc.collect()  # closes the sweep's store: no log is left beside the database


def _run(session: Session, config: TrainConfig, until: int = 99) -> None:
    for step in session.start(config):
        if isinstance(step, Training):
            for event in step.events:
                if isinstance(event, EpochDone) and event.epoch == until:
                    step.stop("by hand")
                    break


def commands(run_id: str, folder: Path) -> list[tuple[str, ...]]:
    """Every command that reads a stored run or sweep. Those that go on with one come last."""
    return [
        ("runs", "list"),
        ("runs", "list", "--json"),
        ("runs", "show", run_id),
        ("runs", "show", run_id, "--json"),
        ("runs", "show"),
        ("runs", "compare", run_id, FINISHED, STOPPED),
        ("runs", "compare", run_id, FINISHED, STOPPED, "--json"),
        *(
            ("runs", "export", run_id, "--format", kind, "--output", str(folder / f"out.{kind}"), "--force")
            for kind in ("csv", "json", "markdown", "safetensors")
        ),
        ("mistakes", run_id),
        ("mistakes", run_id, "--json"),
        ("confusion", run_id),
        ("decide", run_id),
        ("decide", run_id, "--json"),
        ("runs", "rename", run_id, "a name"),
        ("runs", "note", run_id, "a note"),
        ("train", "--resume", run_id),
        ("train", "--resume", run_id, "--epochs", "4", "--json"),
        ("sweep", "--resume"),
        ("sweep", "--resume", "--json"),
        ("runs", "delete", run_id, "--yes"),
    ]


def questions(run_id: str) -> list[Question]:
    """What the app asks the engine about stored runs."""
    return [
        ListRuns(),
        ReplayRun(run_id=run_id),
        ListSweeps(),
        ReplaySweep(sweep_id="s0001"),
        ShowMistakes(run_id=run_id),
        ShowDecision(source=run_id),
    ]


def called(folder: Path, *arguments: str) -> str:
    """What is wrong with how a command ended, "" where nothing is: one line where it refuses, and then nothing changed.

    Raises whatever the command does not catch.
    """
    database = folder / "store" / "runs.sqlite"
    before = content(database)
    out, err = _Stream(), _Stream()
    environ = {"SOFTMAX_TUI_STORE": str(folder / "store"), "SOFTMAX_TUI_DATA_DIR": str(folder / "data")}
    with _environ(environ), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    said = err.text()
    if code not in (0, 1, 2):
        return f"exit code {code}: {said}"
    if "Traceback" in said or "Traceback" in out.text():
        return said
    if code == 2 and (said.count("softmax-tui: ") != 1 or not all(line.isprintable() for line in said.splitlines())):
        return f"more than a line: {said!r}"
    if code == 2 and content(database) != before:
        return "refused, and yet the store changed"
    if arguments[:2] == ("runs", "list") and code != 0:
        return f"the other runs are not listed: {said}"
    return ""


def answered(folder: Path, question: Question) -> str:
    """The same for a question of the app; a refusal is one line."""
    session, run = Session(Places(folder / "data", folder / "store")), RunState()
    try:
        for event in Answers(session).to(question, None):
            for one in getattr(event, "events", ()):
                if isinstance(question, ReplayRun):
                    run = apply(run, one)
            encode_as_told(event)
        for log in (True, False):
            chart_lines(loss_chart(run, ChartsView(log=log, smoothing=1), {"r": run}, ""), 60, 12)
    except InputError as error:
        return "" if str(error).isprintable() else f"more than a line: {str(error)!r}"
    finally:
        if "store" in vars(session):
            session.store.close()
    return ""


def encode_as_told(event: Any) -> None:
    """On the wire and back, as the app gets it."""
    from engine.contract.codec import decode_event, encode

    decode_event(encode(event))


def checked(folder: Path) -> str:
    """What the doctor says of the store."""
    found = store_check(folder / "store")
    return "" if found.found.isprintable() else repr(found.found)


def content(database: Path) -> list[Any]:
    """Every row of every table; none where there is no store yet."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        return [connection.execute(f"SELECT * FROM {name}").fetchall() for name in ("runs", "epochs", "losses")]


def copied(template: Path, folder: Path) -> Path:
    """A store of its own for one try."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    return folder


def everything(run_id: str, folder: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each reader with its name."""
    for arguments in commands(run_id, folder):
        yield " ".join(arguments), lambda arguments=arguments: called(folder, *arguments)  # type: ignore[misc]
    for question in questions(run_id):
        yield type(question).__name__, lambda question=question: answered(folder, question)  # type: ignore[misc]
    yield "doctor", lambda: checked(folder)


class _Stream(io.TextIOWrapper):
    """A stream with a buffer, as stdout has one."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="utf-8", errors="surrogateescape", write_through=True)

    def text(self) -> str:
        return self._bytes.getvalue().decode(errors="replace")


@contextlib.contextmanager
def _environ(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
