"""What is asked of the tables and written to them, within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from sqlite3 import Connection, Row
from typing import Any, cast

from engine.contract.answers import RunSummary
from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo, EpochDone, Status
from engine.contract.history import LossCell
from engine.store.owner import Owner, is_there
from engine.store.replay import StoredRun
from engine.store.rows import (
    EPOCH_COLUMNS,
    cell_of,
    cell_row,
    diverged_of,
    epoch_of,
    epoch_row,
    examined_of,
    finished_of,
    summary_of,
    to_json,
)

_RUNS = (
    "SELECT *, (SELECT coalesce(sum(seconds), 0.0) FROM epochs WHERE run = number) AS epoch_seconds,"
    " coalesce(epochs_done * minibatches_per_epoch + minibatch, 0) AS position FROM runs"
)


def find(database: Connection, number: int) -> Row | None:
    """A run's row, with its `position` in minibatches and the seconds of its epochs."""
    return cast("Row | None", database.execute(f"{_RUNS} WHERE number = ?", (number,)).fetchone())


def latest(database: Connection) -> int | None:
    """The number of the newest run."""
    return cast("int | None", database.execute("SELECT max(number) FROM runs").fetchone()[0])


def summaries(database: Connection) -> list[RunSummary]:
    """Newest first."""
    last = {
        row["run"]: epoch_of(row)
        for row in database.execute(
            "SELECT * FROM epochs WHERE (run, epoch) IN (SELECT run, max(epoch) FROM epochs GROUP BY run)"
        )
    }
    rows = database.execute(f"{_RUNS} ORDER BY number DESC").fetchall()
    return [summary_of(row, last.get(row["number"]), status_of(row)) for row in rows]


def summary(database: Connection, row: Row) -> RunSummary:
    told = database.execute("SELECT * FROM epochs WHERE run = ? ORDER BY epoch DESC LIMIT 1", (row["number"],))
    last = told.fetchone()
    return summary_of(row, epoch_of(last) if last else None, status_of(row))


def stored(database: Connection, row: Row) -> StoredRun:
    """All of a run."""
    status = status_of(row)
    told = database.execute("SELECT * FROM epochs WHERE run = ? ORDER BY epoch", (row["number"],))
    epochs = tuple(epoch_of(epoch) for epoch in told)
    return StoredRun(
        summary=summary_of(row, epochs[-1] if epochs else None, status),
        minibatches_per_epoch=row["minibatches_per_epoch"],
        cell_width=row["cell_width"],
        position=row["position"],
        epochs=epochs,
        losses=losses(database, row["number"]),
        diverged=diverged_of(row),
        examined=examined_of(row),
        finished=finished_of(row, status),
    )


def losses(database: Connection, number: int) -> tuple[LossCell, ...]:
    rows = database.execute("SELECT * FROM losses WHERE run = ? ORDER BY cell", (number,))
    return tuple(cell_of(row) for row in rows)


def owner_of(row: Row) -> Owner:
    return Owner(row["host"], row["pid"], row["process_start"])


def status_of(row: Row) -> Status:
    """What is stored, except that a run whose process is gone does not run."""
    status: Status = row["status"]
    return "interrupted" if status == "running" and not is_there(owner_of(row)) else status


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
        "host": owner.host,
        "pid": owner.pid,
        "process_start": owner.process_start,
    }
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
        f"INSERT OR REPLACE INTO epochs (run, {', '.join(EPOCH_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [epoch_row(number, epoch) for epoch in epochs],
    )
    database.executemany(
        "INSERT OR REPLACE INTO losses (run, cell, count, non_finite, total, low, high, last)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [cell_row(number, cell) for cell in cells],
    )


def drop_after(database: Connection, row: Row, epochs_done: int, position: int) -> None:
    """Removes what a run told after a position that lies before its own."""
    database.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (row["number"], epochs_done))
    if position < row["position"]:
        database.execute(
            "DELETE FROM losses WHERE run = ? AND (cell + 1) * ? > ?", (row["number"], row["cell_width"], position)
        )


def delete(database: Connection, number: int) -> None:
    database.execute("DELETE FROM runs WHERE number = ?", (number,))
