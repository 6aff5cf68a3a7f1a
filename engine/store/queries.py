"""What is asked of the tables and written to them, within the caller's transaction; a run as its events."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import asdict, astuple

from engine.contract.answers import DamagedListed, RunSummary
from engine.contract.config import TrainConfig
from engine.contract.events import (
    DatasetInfo,
    Diverged,
    EpochDone,
    Finished,
    LabelsExamined,
    MinibatchesDone,
    RunEvent,
    Started,
    Status,
)
from engine.contract.history import LossCell
from engine.store.columns import DamagedRunError
from engine.store.owner import Owner, is_there
from engine.store.rows import (
    OF_AN_EPOCH,
    RunRow,
    cells_of,
    epoch_of,
    epochs_of,
    finished_of,
    run_id_of,
    run_of,
    summary_of,
    to_json,
)

_RUNS = "SELECT *, (SELECT coalesce(sum(seconds), 0.0) FROM epochs WHERE run = number) AS epoch_seconds FROM runs"


def find(database: Connection, number: int) -> RunRow | None:
    """A run's row. Raises DamagedRunError."""
    row = database.execute(f"{_RUNS} WHERE number = ?", (number,)).fetchone()
    return None if row is None else run_of(row)


def latest(database: Connection) -> int | None:
    """The number of the newest run."""
    return cast("int | None", database.execute("SELECT max(number) FROM runs").fetchone()[0])


def listed(database: Connection) -> list[RunSummary | DamagedListed]:
    """Newest first. A run that cannot be read is in its place, and says why."""
    last = {
        row["run"]: row
        for row in database.execute(
            "SELECT * FROM epochs WHERE (run, epoch) IN (SELECT run, max(epoch) FROM epochs GROUP BY run)"
        )
    }
    found: list[RunSummary | DamagedListed] = []
    for row in database.execute(f"{_RUNS} ORDER BY number DESC").fetchall():
        try:
            run = run_of(row)
            epoch = epoch_of(run, last[run.number]) if run.number in last else None
            found.append(summary_of(run, epoch, status_of(run)))
        except DamagedRunError as error:
            found.append(DamagedListed(run_id=run_id_of(row["number"]), reason=str(error)))
    return found


def summary(database: Connection, run: RunRow) -> RunSummary:
    """A run in a line. Raises DamagedRunError."""
    told = database.execute("SELECT * FROM epochs WHERE run = ? ORDER BY epoch DESC LIMIT 1", (run.number,))
    last = told.fetchone()
    return summary_of(run, epoch_of(run, last) if last else None, status_of(run))


def stored(database: Connection, run: RunRow) -> StoredRun:
    """All of a run. Raises DamagedRunError."""
    status = status_of(run)
    epochs = epochs_of(run, database.execute("SELECT * FROM epochs WHERE run = ? ORDER BY epoch", (run.number,)))
    return StoredRun(
        summary=summary_of(run, epochs[-1] if epochs else None, status),
        minibatches_per_epoch=run.minibatches_per_epoch,
        cell_width=run.cell_width,
        position=run.position,
        epochs=epochs,
        losses=losses(database, run),
        diverged=run.diverged,
        examined=run.examined,
        finished=finished_of(run, status),
    )


def losses(database: Connection, run: RunRow) -> tuple[LossCell, ...]:
    """Raises DamagedRunError."""
    return cells_of(run, database.execute("SELECT * FROM losses WHERE run = ? ORDER BY cell", (run.number,)))


def status_of(run: RunRow) -> Status:
    """What is stored, except that a run whose process is gone does not run."""
    return "interrupted" if run.status == "running" and not is_there(run.owner) else run.status


def insert(
    database: Connection,
    owner: Owner,
    config: TrainConfig,
    device: str,
    dataset: DatasetInfo,
    minibatches_per_epoch: int,
    cell_width: int,
    forked_from: str,
) -> int:
    """A new run's number."""
    columns = {
        "forked_from": forked_from,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "config": to_json(config),
        "device": device,
        "dataset": to_json(dataset),
        "minibatches_per_epoch": minibatches_per_epoch,
        "cell_width": cell_width,
    } | asdict(owner)
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    cursor = database.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", tuple(columns.values()))
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def update(database: Connection, number: int, **columns: Any) -> None:
    """Sets columns of a run."""
    names = ", ".join(f"{name} = ?" for name in columns)
    database.execute(f"UPDATE runs SET {names} WHERE number = ?", [*columns.values(), number])


def put(database: Connection, number: int, cells: Iterable[LossCell], epochs: Iterable[EpochDone]) -> None:
    """Adds cells and epochs to a run, in place of those of the same index or number."""
    database.executemany(
        f"INSERT OR REPLACE INTO epochs (run, {', '.join(OF_AN_EPOCH)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, *astuple(epoch)) for epoch in epochs],
    )
    database.executemany(
        "INSERT OR REPLACE INTO losses (run, cell, count, non_finite, total, low, high, last)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, *astuple(cell)) for cell in cells],
    )


def drop_after(database: Connection, run: RunRow, epochs_done: int, position: int) -> None:
    """Removes what a run told after a position that lies before its own."""
    database.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (run.number, epochs_done))
    if position < run.position:
        database.execute(
            "DELETE FROM losses WHERE run = ? AND (cell + 1) * ? > ?", (run.number, run.cell_width, position)
        )


def delete(database: Connection, number: int) -> None:
    """Removes a run with its epochs and losses."""
    database.execute("DELETE FROM runs WHERE number = ?", (number,))


class StoredRun(Struct, frozen=True, kw_only=True):
    """All that is kept of a run. `position` counts minibatches and is where its latest checkpoint stands."""

    summary: RunSummary
    minibatches_per_epoch: int
    cell_width: int
    position: int
    epochs: tuple[EpochDone, ...]
    losses: tuple[LossCell, ...]
    diverged: Diverged | None
    examined: LabelsExamined | None
    finished: Finished | None


def replay(run: StoredRun) -> Iterator[RunEvent]:
    """Events that come to the same `RunState` as those that were recorded.

    The stretches go from epoch to epoch. A cell that two stretches share is told with the later one.
    """
    yield beginning(run)
    ends = [min((cell.index + 1) * run.cell_width, run.position) for cell in run.losses]
    start = 0
    for epoch in run.epochs:
        end = epoch.epoch * run.minibatches_per_epoch
        yield _stretch(run, ends, start, end)
        yield epoch
        start = end
    if run.position > start:
        yield _stretch(run, ends, start, run.position)
    if run.diverged is not None:
        yield run.diverged
    if run.examined is not None:
        yield run.examined
    if run.finished is not None:
        yield run.finished


def beginning(run: StoredRun) -> Started:
    """The first event of a run, as if it had been heard from the start."""
    return Started(
        run_id=run.summary.run_id,
        config=run.summary.config,
        device=run.summary.device,
        dataset=run.summary.dataset,
        minibatches_per_epoch=run.minibatches_per_epoch,
        cell_width=run.cell_width,
    )


def _stretch(run: StoredRun, ends: Sequence[int], start: int, end: int) -> MinibatchesDone:
    """The minibatches from `start` to before `end`, with the cells that end there."""
    return MinibatchesDone(
        position=start,
        count=end - start,
        images=images_until(run, end) - images_until(run, start),
        cells=run.losses[bisect_right(ends, start) : bisect_right(ends, end)],
    )


def images_until(run: StoredRun, position: int) -> int:
    """How many images the first minibatches of a run hold. Only the last of an epoch may be short."""
    epochs, minibatch = divmod(position, run.minibatches_per_epoch)
    return epochs * run.summary.dataset.train_size + minibatch * run.summary.config.batch_size
