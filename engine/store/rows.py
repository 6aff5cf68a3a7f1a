"""The rows of the tables as the contract's words, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from sqlite3 import Row
from typing import Annotated, get_args, get_type_hints

import msgspec
from msgspec import Struct

from engine.contract.answers import RunSummary
from engine.contract.codec import encode
from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo, Diverged, EpochDone, Finished, LabelsExamined, Status
from engine.contract.history import LossCell
from engine.store import columns
from engine.store.columns import (
    EPOCH_COLUMNS,
    LOSS_COLUMNS,
    MOST_EPOCHS,
    SECONDS,
    Column,
    DamagedRunError,
    read_row,
)
from engine.store.owner import Owner

OF_AN_EPOCH = EpochDone.__struct_fields__


class RunRow(Struct, frozen=True, kw_only=True):
    """A row of the table `runs`, checked, with the column that each field is read from.

    `epochs_done` and `minibatch` say where the latest checkpoint stands, None before the first; `seconds`,
    `images_per_second` and `reason` are of the last event. `epoch_seconds` is the sum over the run's epochs.
    """

    number: Annotated[int, columns.RUN_NUMBER]
    name: Annotated[str, columns.NAMED]
    note: Annotated[str, columns.NAMED]
    forked_from: Annotated[str, columns.TEXT]
    created: Annotated[str, columns.TEXT]
    config: Annotated[TrainConfig, columns.CONFIG]
    device: Annotated[str, columns.TEXT]
    dataset: Annotated[DatasetInfo, columns.DATASET]
    minibatches_per_epoch: Annotated[int, columns.POSITIVE]
    cell_width: Annotated[int, columns.POSITIVE]
    host: Annotated[str, columns.TEXT]
    pid: Annotated[int, columns.COUNT]
    process_start: Annotated[str, columns.TEXT]
    status: Annotated[Status, columns.STATUS]
    epochs_done: Annotated[int | None, columns.EPOCHS_DONE]
    minibatch: Annotated[int | None, columns.COUNT_OR_NULL]
    diverged: Annotated[Diverged | None, columns.DIVERGED]
    examined: Annotated[LabelsExamined | None, columns.EXAMINED]
    seconds: Annotated[float | None, columns.SECONDS_OR_NULL]
    images_per_second: Annotated[float, columns.NUMBER]
    reason: Annotated[str | None, columns.TEXT_OR_NULL]
    epoch_seconds: float

    @property
    def run_id(self) -> str:
        """The run's name."""
        return run_id_of(self.number)

    @property
    def owner(self) -> Owner:
        """The process that trains the run or has trained it."""
        return Owner(self.host, self.pid, self.process_start)

    @property
    def position(self) -> int:
        """In minibatches, where the latest checkpoint stands."""
        return (self.epochs_done or 0) * self.minibatches_per_epoch + (self.minibatch or 0)


RUN_COLUMNS: Mapping[str, Column] = {
    name: get_args(hint)[1]
    for name, hint in get_type_hints(RunRow, include_extras=True).items()
    if name != "epoch_seconds"
}


def run_id_of(number: int) -> str:
    """The name of a run: r0001 for 1."""
    return f"r{number:04d}"


def number_of(run_id: str) -> int:
    """The number in a run's name, 0 where it is none."""
    digits = run_id.removeprefix("r")
    return int(digits) if run_id.startswith("r") and digits.isdecimal() and len(digits) < 18 else 0


def to_json(value: TrainConfig | DatasetInfo) -> str:
    """What the columns config and dataset hold."""
    return msgspec.json.encode(value).decode()


def event_to_json(event: Diverged | LabelsExamined | None) -> str | None:
    """Its numbers need not be finite, so it is kept as it travels."""
    return None if event is None else encode(event).decode()


def run_of(row: Row) -> RunRow:
    """A run, with the seconds of its epochs as `epoch_seconds`.

    Raises:
        DamagedRunError: a cell holds what it cannot, or two of them contradict each other.
    """
    run_id = run_id_of(row["number"])
    cells = read_row(run_id, "runs", row, RUN_COLUMNS)
    cells |= read_row(run_id, "epochs", row, {"epoch_seconds": SECONDS})
    run = RunRow(**cells)
    if (run.epochs_done is None) != (run.minibatch is None):
        raise DamagedRunError(
            f"{run_id}: found {run.epochs_done} and {run.minibatch} in the columns epochs_done and minibatch of the "
            "table runs, expected two numbers or none"
        )
    return run


def epochs_of(run: RunRow, rows: Iterable[Row]) -> tuple[EpochDone, ...]:
    """The epochs of a run by number. Raises DamagedRunError for a damaged cell, and where an epoch is missing."""
    epochs = tuple(epoch_of(run, row) for row in rows)
    for expected, epoch in enumerate(epochs, start=1):
        if epoch.epoch != expected:
            raise DamagedRunError(
                f"{run.run_id}: found {epoch.epoch} in the column epoch of the table epochs, expected {expected}"
            )
    return epochs


def epoch_of(run: RunRow, row: Row) -> EpochDone:
    """One of a run's epochs. Raises DamagedRunError."""
    cells = read_row(run.run_id, "epochs", row, EPOCH_COLUMNS)
    return EpochDone(**{name: cells[name] for name in OF_AN_EPOCH})


def cells_of(run: RunRow, rows: Iterable[Row]) -> tuple[LossCell, ...]:
    """The losses of a run. Raises DamagedRunError for a damaged cell, and for one that lies beyond the run's end."""
    cells = tuple(_cell_of(run, row) for row in rows)
    if cells and cells[-1].index * run.cell_width >= MOST_EPOCHS * run.minibatches_per_epoch:
        raise DamagedRunError(
            f"{run.run_id}: found {cells[-1].index} in the column cell of the table losses, "
            f"expected cells of {run.cell_width} of the run's minibatches"
        )
    return cells


def _cell_of(run: RunRow, row: Row) -> LossCell:
    cells = read_row(run.run_id, "losses", row, LOSS_COLUMNS)
    return LossCell(*(cells[name] for name in ("cell", "count", "non_finite", "total", "low", "high", "last")))


def summary_of(run: RunRow, last: EpochDone | None, status: Status) -> RunSummary:
    """A run in a line."""
    return RunSummary(
        run_id=run.run_id,
        name=run.name,
        status=status,
        created=run.created,
        config=run.config,
        device=run.device,
        dataset=run.dataset,
        epochs_done=last.epoch if last else 0,
        train_loss=last.train_loss if last else math.nan,
        validation_loss=last.validation_loss if last else math.nan,
        validation_accuracy=last.validation_accuracy if last else math.nan,
        seconds=run.epoch_seconds if run.seconds is None else run.seconds,
        forked_from=run.forked_from,
        note=run.note,
        host=run.host if status == "running" else "",
        pid=run.pid if status == "running" else 0,
    )


def finished_of(run: RunRow, status: Status) -> Finished | None:
    """The last event; for an interrupted run, which has none, what it would have said."""
    if status == "running":
        return None
    if status == "interrupted":
        return Finished(
            run_id=run.run_id,
            status=status,
            seconds=run.epoch_seconds,
            images_per_second=0.0,
            reason=f"its process is gone ({run.owner})",
        )
    return Finished(
        run_id=run.run_id,
        status=status,
        seconds=math.nan if run.seconds is None else run.seconds,
        images_per_second=run.images_per_second,
        reason=run.reason or "",
    )
