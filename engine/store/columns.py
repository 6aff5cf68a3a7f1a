"""What each column of the tables may hold. A row is checked as it is read: anybody may have written to the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from sqlite3 import Row
from typing import Annotated, Any, NamedTuple, get_args

import msgspec
from msgspec import Meta

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, Diverged, LabelsExamined, Status
from engine.store.files import shown

_LONGEST_SHOWN = 40
MOST_EPOCHS = 10_000  # of any run: `TrainConfig` has no more
_MOST = 2**40  # of whatever is counted: products of two such numbers of a run still are numbers of the wire


class DamagedRunError(InputError):
    """A run of the store that cannot be read. The line names the run and the column."""


class Column(NamedTuple):
    """How a cell is read, what it is expected to hold in words, and how SQL declares it.

    A `later` one may be missing from stores of this version, because they were made before there was such a column.
    """

    read: Callable[[Any], Any]
    expected: str
    sql: str
    later: bool = False


def read_row(run_id: str, table: str, row: Row, columns: Mapping[str, Column]) -> dict[str, Any]:
    """The cells of a row by column, checked.

    Raises:
        DamagedRunError: a cell holds what its column cannot, or there is no such column.
    """
    there = row.keys()
    values: dict[str, Any] = {}
    for name, column in columns.items():
        if name not in there and not column.later:
            raise DamagedRunError(f"{run_id}: found no column {name} in the table {table}, expected {column.expected}")
        cell = row[name] if name in there else None
        try:
            values[name] = column.read(cell)
        except (ValueError, RecursionError) as error:
            raise DamagedRunError(
                f"{run_id}: found {_shown(cell)} in the column {name} of the table {table}, "
                f"expected {column.expected}{_why(error)}"
            ) from error
    return values


def _as(kind: Any) -> Callable[[Any], Any]:
    return lambda cell: msgspec.convert(cell, kind)


def _text(cell: Any) -> str:
    """Raises ValueError for text that is no UTF-8: it has been read with surrogates."""
    text: str = msgspec.convert(cell, str)
    text.encode()
    return text


def _json(kind: Any) -> Callable[[Any], Any]:
    # Lax, because JSON has no inf and no nan: events keep them as words.
    return lambda cell: msgspec.json.decode(_text(cell), type=kind, strict=False)


def _or_null(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda cell: None if cell is None else read(cell)


def _or_nan(kind: Any) -> Callable[[Any], float]:
    """SQLite keeps nan as NULL."""
    return lambda cell: math.nan if cell is None else float(msgspec.convert(cell, kind))


def _config(cell: Any) -> TrainConfig:
    config: TrainConfig = _json(TrainConfig)(cell)
    if config.dataset == "auto":  # what was chosen is stored: another one may be taken now
        raise ValueError("the dataset auto, which no run is stored with")
    return config


def _dataset(cell: Any) -> DatasetInfo:
    info: DatasetInfo = _json(DatasetInfo)(cell)
    sizes = (info.train_size, info.validation_size, info.num_features, info.num_classes)
    if not all(1 <= size <= _MOST for size in sizes):
        raise ValueError(f"its sizes are {', '.join(map(str, sizes))}")
    if len(info.label_names) != info.num_classes:
        raise ValueError(f"{len(info.label_names)} names of {info.num_classes} classes")
    if info.image_values not in (0, info.num_features) or min(info.image_height, info.image_width) < 0:
        raise ValueError(f"images of {info.image_height} × {info.image_width} with {info.num_features} features")
    return info


TEXT = Column(_text, "text in UTF-8", "TEXT NOT NULL")
NAMED = TEXT._replace(sql="TEXT NOT NULL DEFAULT ''")  # what a person may add later
TEXT_OR_NULL = Column(_or_null(_text), "text in UTF-8 or NULL", "TEXT")
COUNT = Column(_as(Annotated[int, Meta(ge=0, le=_MOST)]), "a whole number from 0", "INTEGER NOT NULL")
COUNT_OR_NULL = Column(_or_null(COUNT.read), "a whole number from 0 or NULL", "INTEGER")
POSITIVE = Column(_as(Annotated[int, Meta(ge=1, le=_MOST)]), "a whole number from 1", "INTEGER NOT NULL")
NUMBER = Column(_or_nan(float), "a number", "REAL")  # SQLite keeps nan as NULL
SHARE = Column(_or_nan(Annotated[float, Meta(ge=0, le=1)]), "a number from 0 to 1", "REAL")
# Not NULL: seconds are never nan. A year has 3e7 of them.
SECONDS = Column(_as(Annotated[float, Meta(ge=0, le=1e12)]), "seconds from 0", "REAL")
SECONDS_OR_NULL = Column(_or_null(SECONDS.read), "seconds from 0 or NULL", "REAL")
RUN_NUMBER = Column(  # never given twice, not even after a run is deleted
    _as(Annotated[int, Meta(ge=1, le=10**16)]), "a whole number from 1", "INTEGER PRIMARY KEY AUTOINCREMENT"
)
CONFIG = Column(_config, "the settings of a run in JSON", "TEXT NOT NULL")
DATASET = Column(_dataset, "the description of a dataset in JSON", "TEXT NOT NULL")
STATUS = Column(_as(Status), f"one of {', '.join(get_args(Status))}", "TEXT NOT NULL DEFAULT 'running'")
EPOCHS_DONE = Column(
    _or_null(_as(Annotated[int, Meta(ge=0, le=MOST_EPOCHS)])), f"0 to {MOST_EPOCHS} or NULL", "INTEGER"
)
DIVERGED = Column(_or_null(_json(Diverged)), "an event of that name in JSON or NULL", "TEXT")
EXAMINED = Column(_or_null(_json(LabelsExamined)), "an event of that name in JSON or NULL", "TEXT", later=True)
OF_A_RUN = POSITIVE._replace(sql="INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE")

EPOCH_COLUMNS: Mapping[str, Column] = {
    "run": OF_A_RUN,
    "epoch": Column(_as(Annotated[int, Meta(ge=1, le=MOST_EPOCHS)]), f"1 to {MOST_EPOCHS}", "INTEGER NOT NULL"),
    "train_loss": NUMBER,
    "train_accuracy": SHARE,
    "validation_loss": NUMBER,
    "validation_accuracy": SHARE,
    "seconds": SECONDS,
    "learning_rate": NUMBER,
}
LOSS_COLUMNS: Mapping[str, Column] = {
    "run": OF_A_RUN,
    "cell": COUNT,
    "count": COUNT,
    "non_finite": COUNT,
    "total": NUMBER,
    "low": NUMBER,
    "high": NUMBER,
    "last": NUMBER,
}


def _shown(cell: Any) -> str:
    """What a cell holds, short and on one line."""
    if cell is None:
        return "nothing (NULL)"
    kind = "the text" if isinstance(cell, str) else "the bytes" if isinstance(cell, bytes) else "the number"
    text = repr(cell)
    return f"{kind} {text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}"


def _why(error: ValueError | RecursionError) -> str:
    """What JSON is wrong about; of a single number or text the cell itself says it."""
    if isinstance(error, RecursionError):
        return " (it is nested too deep)"
    if isinstance(error, msgspec.ValidationError) and "$" not in str(error):
        return ""
    if isinstance(error, UnicodeEncodeError):
        return ""
    return f" ({shown(error)})"
