"""The tables of a store, made of the columns that its rows are read by."""

from __future__ import annotations

from collections.abc import Mapping

from engine.store.columns import EPOCH_COLUMNS, LOSS_COLUMNS, Column
from engine.store.rows import RUN_COLUMNS

FILE_NAME = "runs.sqlite"
APPLICATION = 0x736F6674  # "soft": tells a store from some other program's database
VERSION = 1
LATER_COLUMNS = {name: column.sql for name, column in RUN_COLUMNS.items() if column.later}


def _table(name: str, columns: Mapping[str, Column], key: str = "") -> str:
    """The statement that makes a table; one with a `key` is kept by it, without row numbers."""
    cells = [f"{column} {of.sql}" for column, of in columns.items()]
    keyed = [f"PRIMARY KEY ({key})"] if key else []
    return f"CREATE TABLE {name} ({', '.join([*cells, *keyed])}){' WITHOUT ROWID' if key else ''}"


STATEMENTS = (
    _table("runs", RUN_COLUMNS),
    _table("epochs", EPOCH_COLUMNS, "run, epoch"),
    _table("losses", LOSS_COLUMNS, "run, cell"),
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)
