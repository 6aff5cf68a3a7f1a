"""How a table of text is written: what parts its columns, its decimal sign, and whether its first line has names."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

from engine.data.brought.names import meaning_of

_DELIMITERS = ("\t", ";", ",", "|", None)  # None: any number of spaces
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*")
Rows = list[list[str]]


class Dialect(NamedTuple):
    """`delimiter` None is white space."""

    delimiter: str | None
    decimal_comma: bool

    def cells(self, lines: Sequence[str]) -> Rows:
        """The cells of lines, without those that are empty; numbers with a point.

        Raises:
            csv.Error: a cell is too long.
        """
        if self.delimiter is None:
            rows = [line.split() for line in lines]
        else:
            rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=self.delimiter)]
        if self.decimal_comma:
            rows = [[_with_point(cell) for cell in row] for row in rows]
        return [row for row in rows if any(row)]


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell


def dialect_of(lines: Sequence[str]) -> Dialect:
    """What parts most of these first lines into equally many cells.

    Raises:
        csv.Error: a cell is too long.
    """
    best, most = Dialect(",", decimal_comma=False), 1
    for delimiter in _DELIMITERS:
        rows = Dialect(delimiter, decimal_comma=False).cells(lines)
        widths = [len(row) for row in rows]
        if not widths or widths.count(max(set(widths), key=widths.count)) * 10 < len(widths) * 8:
            continue
        width = max(set(widths), key=widths.count)
        if width > most:
            cells = [cell for row in rows for cell in row]
            comma = delimiter != "," and any(map(_DECIMAL_COMMA.fullmatch, cells))
            best, most = Dialect(delimiter, comma), width
            if delimiter is not None:
                break
    return best


def is_number(cell: str) -> bool:
    """Whether a cell is a number as Python reads it, without underscores."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def has_header(rows: Rows) -> bool:
    """Whether the first row has names: one stands over numbers, or says what it is the name of."""
    if not rows:
        return False
    first, second = rows[0], rows[1] if len(rows) > 1 else []
    over = [not is_number(name) and is_number(cell) for name, cell in zip(first, second, strict=False)]
    said = [meaning_of(name) is not None for name in first if not is_number(name)]
    return any(over) or (bool(said) and all(said)) or (not any(map(is_number, first)) and len(first) > 1 and not second)
