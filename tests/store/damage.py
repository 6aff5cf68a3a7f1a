"""Damage to a store: every column of every table of its schema times values that do not belong there."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

DEEP = "[" * 3000 + "]" * 3000
NASTY: tuple[object, ...] = (
    None,
    "many",
    "",
    "\x1b[31m\x00\n",
    b"\xff\xfe\x00",
    -1,
    0,
    1,
    2**31,
    2**62,
    -(2**63),
    1.5,
    -0.5,
    1e308,
    -1e308,
    float("inf"),
    float("-inf"),
    "null",
    "{}",
    "[1, 2]",
    '{"type":"diverged"}',
    '{"epochs": "ten"}',
    '{"epochs": 1e400}',
    '{"\\ud800": 1}',
    DEEP,
    "x" * 100_000,
)
BAD_TEXT = "CAST(x'66ff80' AS TEXT)"  # which no parameter can be: text that is no UTF-8


class Damage(NamedTuple):
    """A cell, and what it holds instead. `row` is "first", "last" or "all"."""

    table: str
    column: str
    row: str
    value: object

    def __str__(self) -> str:
        return f"{self.table}.{self.column} ({self.row}) = {str(self.value)[:30]!r}"


def columns(database: Path) -> list[tuple[str, str]]:
    """Every table with every column, as the file itself has them."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            (table, row[1])
            for table in tables
            if not table.startswith("sqlite_")
            for row in connection.execute(f"PRAGMA table_info({table})")
        ]


def damages(database: Path, seed: int) -> Iterator[Damage]:
    """All of them once, in an order that the seed decides."""
    every = [
        Damage(table, column, row, value)
        for table, column in columns(database)
        for value in (*NASTY, BAD_TEXT)
        for row in ("first", "last", "all")
    ]
    random.Random(seed).shuffle(every)
    yield from every


def apply(database: Path, damage: Damage) -> bool:
    """Whether SQLite takes it: a key cannot be NULL, nor be there twice."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')")
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        key = {"runs": "number", "epochs": "run, epoch", "losses": "run, cell"}[damage.table]
        order = key if damage.row == "first" else ", ".join(f"{name} DESC" for name in key.split(", "))
        which = "" if damage.row == "all" else f" ORDER BY {order} LIMIT 1"
        value = BAD_TEXT if damage.value is BAD_TEXT else "?"
        parameters = () if value == BAD_TEXT else (damage.value,)
        try:
            connection.execute(
                f"UPDATE {damage.table} SET {damage.column} = {value}"
                f" WHERE ({key}) IN (SELECT {key} FROM {damage.table}{which})",
                parameters,
            )
        except sqlite3.IntegrityError:
            return False
        return True
