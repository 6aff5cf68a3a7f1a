"""The rows of the tables as the contract's words, and back."""

from __future__ import annotations

import math
from sqlite3 import Row
from typing import Any, cast

import msgspec

from engine.contract.answers import RunSummary
from engine.contract.codec import decode_event, encode
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, Diverged, EpochDone, Finished, LabelsExamined, Status
from engine.contract.history import LossCell

EPOCH_COLUMNS = EpochDone.__struct_fields__


def run_id_of(number: int) -> str:
    return f"r{number:04d}"


def number_of(run_id: str) -> int:
    """The number in a run's name, 0 where it is none."""
    digits = run_id.removeprefix("r")
    return int(digits) if run_id.startswith("r") and digits.isdecimal() and len(digits) < 18 else 0


def to_json(value: TrainConfig | DatasetInfo) -> str:
    return msgspec.json.encode(value).decode()


def event_to_json(event: Diverged | LabelsExamined | None) -> str | None:
    """Its numbers need not be finite, so it is kept as it travels."""
    return None if event is None else encode(event).decode()


def epoch_row(number: int, epoch: EpochDone) -> tuple[Any, ...]:
    return (number, *(getattr(epoch, name) for name in EPOCH_COLUMNS))


def cell_row(number: int, cell: LossCell) -> tuple[Any, ...]:
    return (number, cell.index, cell.count, cell.non_finite, cell.total, cell.low, cell.high, cell.last)


def epoch_of(row: Row) -> EpochDone:
    return EpochDone(epoch=row["epoch"], **{name: _number(row[name]) for name in EPOCH_COLUMNS if name != "epoch"})


def cell_of(row: Row) -> LossCell:
    return LossCell(
        index=row["cell"],
        count=row["count"],
        non_finite=row["non_finite"],
        total=_number(row["total"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        last=_number(row["last"]),
    )


def summary_of(row: Row, last: EpochDone | None, status: Status) -> RunSummary:
    """A run in a line.

    Raises:
        InputError: its settings cannot be read.
    """
    run_id = run_id_of(row["number"])
    try:
        config = msgspec.json.decode(row["config"], type=TrainConfig)
        dataset = msgspec.json.decode(row["dataset"], type=DatasetInfo)
    except msgspec.DecodeError as error:
        raise InputError(f"{run_id}: found settings that cannot be read ({error}), expected those of a run") from error
    return RunSummary(
        run_id=run_id,
        name=row["name"],
        status=status,
        created=row["created"],
        config=config,
        device=row["device"],
        dataset=dataset,
        epochs_done=last.epoch if last else 0,
        train_loss=last.train_loss if last else math.nan,
        validation_loss=last.validation_loss if last else math.nan,
        validation_accuracy=last.validation_accuracy if last else math.nan,
        seconds=row["epoch_seconds"] if row["seconds"] is None else row["seconds"],
        forked_from=row["forked_from"],
        note=row["note"],
    )


def diverged_of(row: Row) -> Diverged | None:
    return None if row["diverged"] is None else cast(Diverged, decode_event(row["diverged"].encode()))


def examined_of(row: Row) -> LabelsExamined | None:
    """None too in a store that was made before there was such a column, and has not been written to since."""
    if "examined" not in row.keys() or row["examined"] is None:  # noqa: SIM118 - a Row iterates over its values
        return None
    return cast(LabelsExamined, decode_event(row["examined"].encode()))


def finished_of(row: Row, status: Status) -> Finished | None:
    """The last event; for an interrupted run, which has none, what it would have said."""
    run_id = run_id_of(row["number"])
    if status == "running":
        return None
    if status == "interrupted":
        return Finished(
            run_id=run_id,
            status=status,
            seconds=row["epoch_seconds"],
            images_per_second=0.0,
            reason=f"its process is gone (host {row['host']}, pid {row['pid']})",
        )
    return Finished(
        run_id=run_id,
        status=status,
        seconds=_number(row["seconds"]),
        images_per_second=_number(row["images_per_second"]),
        reason=row["reason"],
    )


def _number(stored: float | None) -> float:
    return math.nan if stored is None else stored
