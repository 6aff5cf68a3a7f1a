"""Tables of text (CSV and its relatives): numbers and texts by column, a bounded number of rows at a time."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data.brought.dialect import Dialect, dialect_of, has_header, is_number
from engine.data.brought.npy import Array
from engine.data.brought.texts import encoding_notice, read_text
from engine.verdicts.one_line import one_line

LARGEST_BYTES = 2**29
_LONGEST_LINE = 2**24
_SAMPLED = 40
_BLOCK_VALUES = 2**22
_SHOWN = 40
_UNREADABLE = re.compile(r"could not convert string (.*) to .* at row (\d+), column (\d+)")
_COLUMNS_CHANGED = re.compile(r"columns changed from (\d+) to (\d+) at row (\d+)")


@dataclass(frozen=True)
class Table:
    """`numbers` (rows, numeric columns), uint8 where all are whole and from 0 to 255, else float64.

    `header` has a name for each column, none where there is no header. `numeric` are the columns of `numbers`, `texts`
    the other columns.
    """

    header: tuple[str, ...]
    columns: int
    numeric: tuple[int, ...]
    numbers: Array
    texts: dict[int, npt.NDArray[np.str_]]
    notice: str

    def column(self, number: int) -> Array:
        """One column, (rows,): text or numbers."""
        return self.texts[number] if number in self.texts else self.numbers[:, self.numeric.index(number)]

    def name(self, number: int) -> str:
        """What a column is called."""
        return self.header[number] if self.header else f"column {number + 1}"


def read_table(path: Path) -> Table:
    """The table in a text file.

    Raises:
        InputError: it is no table, or a cell among numbers is none.
    """
    encoded = read_text(path, LARGEST_BYTES)
    try:
        lines = _lines(path, io.TextIOWrapper(io.BytesIO(encoded.content), encoded.encoding, newline=None))
        sample = list(islice(lines, _SAMPLED))
        dialect = dialect_of(sample)
        rows = dialect.cells(sample)
    except csv.Error as error:
        raise InputError(f"{one_line(path)}: found no table ({error}), expected rows of numbers") from None
    if not rows or (len(rows) == 1 and has_header(rows)):
        raise InputError(f"{one_line(path)}: found no rows, expected rows of numbers")
    header = tuple(rows[0]) if has_header(rows) else ()
    columns = Counter(map(len, rows[1:] or rows)).most_common(1)[0][0]
    if header and len(header) == columns - 1:  # pandas' and R's: nothing over the index
        header = ("", *header)
    if header and len(header) != columns:
        raise InputError(f"{one_line(path)}: found {len(header)} names over {columns} columns, expected as many")
    body = rows[1:] if header else rows
    textual = [column for column in range(columns) if any(not _fits(row, column) for row in body)]
    reading = _Reading(path, dialect, columns, textual, 1 if header else 0)
    source = _without_first(sample) if header else sample
    numbers = reading.numbers(source, lines)
    numeric = tuple(column for column in range(columns) if column not in textual)
    return Table(header, columns, numeric, numbers, reading.texts(), encoding_notice(encoded, path.name))


def _fits(row: list[str], column: int) -> bool:
    return column >= len(row) or is_number(row[column])


def _lines(path: Path, stream: io.TextIOWrapper) -> Iterator[str]:
    while line := stream.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise InputError(f"{one_line(path)}: found a line of {_LONGEST_LINE:,} characters, expected shorter lines")
        yield line


def _without_first(sample: list[str]) -> list[str]:
    """The lines after the header, which is the first that is not empty."""
    place = next(number for number, line in enumerate(sample) if line.strip())
    return sample[place + 1 :]


class _Reading:
    """Reads lines in blocks; texts become codes on the way, which the arrays of text are made from at the end."""

    def __init__(self, path: Path, dialect: Dialect, columns: int, textual: list[int], before: int) -> None:
        self._path, self._dialect, self._columns = path, dialect, columns
        self._codes: dict[int, dict[str, int]] = {column: {} for column in textual}
        self._coded: dict[int, list[npt.NDArray[np.int64]]] = {column: [] for column in textual}
        self._numeric = [column for column in range(columns) if column not in textual]
        self._rows = before

    def numbers(self, sample: list[str], lines: Iterator[str]) -> Array:
        """Of all rows, (rows, numeric columns)."""
        blocks: list[Array] = []
        taken, rows_at_once = 0, max(1, _BLOCK_VALUES // self._columns)
        block = sample
        while block or (block := list(islice(lines, rows_at_once))):
            table = self._block(block)
            for column, coded in self._coded.items():
                coded.append(table[:, column].astype(np.int64))
            blocks.append(compact(table[:, self._numeric] if self._coded else table))
            taken += blocks[-1].nbytes
            if taken > LARGEST_BYTES:
                raise InputError(
                    f"{one_line(self._path)}: its numbers take more than {LARGEST_BYTES:,} bytes, expected fewer: "
                    "save them as an .npz file"
                )
            self._rows += len(table)
            block = []
        if not all(part.dtype == np.uint8 for part in blocks):
            blocks = [part.astype(np.float64) for part in blocks]
        return np.concatenate(blocks)

    def _block(self, lines: list[str]) -> npt.NDArray[np.float64]:
        if self._dialect.decimal_comma:
            lines = [line.replace(",", ".") for line in lines]
        lines = [line for line in lines if line.strip()]
        if not lines:
            return np.empty((0, self._columns))
        try:
            table = np.loadtxt(
                lines,
                delimiter=self._dialect.delimiter,
                comments=None,
                quotechar='"',
                ndmin=2,
                converters={column: _Coder(codes) for column, codes in self._codes.items()} or None,
            )
        except (ValueError, OverflowError) as error:
            raise InputError(f"{one_line(self._path)}: {self._reason(str(error))}") from None
        if table.shape[1] != self._columns:
            raise InputError(
                f"{one_line(self._path)}: row {self._rows + 1} has {table.shape[1]} columns, expected {self._columns}"
            )
        return table

    def _reason(self, error: str) -> str:
        unreadable, changed = _UNREADABLE.search(error), _COLUMNS_CHANGED.search(error)
        if unreadable:
            row, column = self._rows + int(unreadable[2]) + 1, int(unreadable[3])
            return f"row {row}, column {column}: found {one_line(unreadable[1], _SHOWN)}, expected a number"
        if changed:
            return f"row {self._rows + int(changed[3])} has {changed[2]} columns, expected {changed[1]}"
        return f"found no table ({one_line(error, _SHOWN)}), expected rows of numbers"

    def texts(self) -> dict[int, npt.NDArray[np.str_]]:
        """The columns of text, (rows,) each."""
        return {
            column: np.array(list(codes), dtype=np.str_)[np.concatenate(self._coded[column])]
            for column, codes in self._codes.items()
        }


class _Coder:
    """Numbers the texts of a column in the order in which they come."""

    def __init__(self, codes: dict[str, int]) -> None:
        self._codes = codes

    def __call__(self, text: str) -> float:
        return self._codes.setdefault(text.strip(), len(self._codes))


def compact(block: Array) -> Array:
    """The same numbers as bytes, where all are whole and from 0 to 255."""
    if block.dtype == np.uint8:
        return block
    if block.size and block.min() >= 0 and block.max() <= 255:
        whole = block.astype(np.uint8)
        if (whole == block).all():
            return whole
    return block
