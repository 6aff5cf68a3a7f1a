"""The SQLite file of a store: its tables, opened by many processes at once, its faults told in one line."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from engine.contract.errors import InputError
from engine.store.columns import EPOCH_COLUMNS, LOSS_COLUMNS, Column
from engine.store.files import shown
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


_BUSY_SECONDS = 10.0


def connect(folder: Path, *, create: bool) -> sqlite3.Connection:
    """The database of a store. Without `create` nothing is written, and where nothing is, an empty one in memory.

    Raises:
        InputError: the folder or the file cannot be used, or a newer version wrote it.
    """
    file = folder / FILE_NAME
    if not create and not os.path.exists(file):  # noqa: PTH110 - Path.exists raises for a name that is too long
        return _empty()
    if create:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"store {shown(folder)}: found {error.strerror}, expected a folder that can be written"
            ) from error
    with faults_told(folder):
        return _when_free(folder, create)


@contextmanager
def faults_told(folder: Path) -> Iterator[None]:
    """Turns SQLite's errors (locked, full, read-only, corrupt, …) into one line that names the store."""
    try:
        yield
    except sqlite3.Error as error:
        found = " ".join(str(error).split())
        if _is_busy(error):
            found += f" for {_BUSY_SECONDS:g} seconds"
        raise InputError(
            f"store {shown(folder)}: found an error in {FILE_NAME} ({found}), "
            "expected a database that can be read and written"
        ) from error


@contextmanager
def writing(database: sqlite3.Connection) -> Iterator[None]:
    """A transaction that holds the lock for writing from its start: all of it happens, or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


@contextmanager
def reading(database: sqlite3.Connection) -> Iterator[None]:
    """Several questions to one and the same moment."""
    database.execute("BEGIN")
    try:
        yield
    finally:
        database.execute("ROLLBACK")


def _opened(folder: Path, create: bool) -> sqlite3.Connection:
    database = _plain(_address(folder, create))
    try:
        known = _checked_version(database, folder)
        if not known and not create:
            database.close()
            return _empty()
        if create:
            _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _address(folder: Path, create: bool) -> str:
    address = (folder / FILE_NAME).absolute().as_uri()
    if create:
        return f"{address}?mode=rwc"
    writable = os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    if writable or (folder / f"{FILE_NAME}-wal").exists():
        return f"{address}?mode=rw"
    # Where the files of the log cannot be made and none are, nobody is writing either.
    return f"{address}?mode=ro&immutable=1"


def _plain(address: str) -> sqlite3.Connection:
    database = sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    database.row_factory = sqlite3.Row
    # Text that is no UTF-8 is found where the row is checked, and spoils no other row.
    database.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    # A commit is on the disk before the checkpoints that it makes superfluous are removed.
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA foreign_keys = ON")
    return database


def _empty() -> sqlite3.Connection:
    database = _plain("file::memory:")
    _make_tables(database)
    return database


def _checked_version(database: sqlite3.Connection, folder: Path) -> bool:
    """Whether the tables are there. Raises InputError for a file that is none of ours or too new."""
    with reading(database):  # at one moment: another process may be making the tables
        version = database.execute("PRAGMA user_version").fetchone()[0]
        application = database.execute("PRAGMA application_id").fetchone()[0]
        tables = _count_tables(database)
    if application != APPLICATION and (version or tables):
        raise InputError(f"store {shown(folder)}: found another program's {FILE_NAME}, expected a store of runs")
    if version > VERSION:
        raise InputError(
            f"store {shown(folder)}: found version {version}, expected at most {VERSION}: a newer softmax-tui wrote it"
        )
    return bool(application == APPLICATION)


def _prepare(database: sqlite3.Connection) -> None:
    """Makes the tables where there are none. Fails where the file cannot be written."""
    if database.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        database.execute("PRAGMA journal_mode = WAL")
    with writing(database):
        # Asked again under the lock: another process may have been quicker.
        if not _count_tables(database):
            _make_tables(database)
        there = {row["name"] for row in database.execute("PRAGMA table_info(runs)")}
        for name, type_ in LATER_COLUMNS.items():
            if name not in there:
                database.execute(f"ALTER TABLE runs ADD COLUMN {name} {type_}")


def _make_tables(database: sqlite3.Connection) -> None:
    for statement in STATEMENTS:
        database.execute(statement)


def _count_tables(database: sqlite3.Connection) -> int:
    count: int = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return count


def _when_free(folder: Path, create: bool) -> sqlite3.Connection:
    # SQLite's own patience does not cover the change to WAL, in which two processes may meet.
    patience = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return _opened(folder, create)
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > patience:
                raise
            time.sleep(0.01)


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
