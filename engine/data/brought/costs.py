"""A matrix of costs as people write it: parted by commas, semicolons, tabs or spaces, with or without names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from engine.contract.cost_matrix import LARGEST_COST, CostMatrix, CostRows
from engine.contract.errors import InputError
from engine.data.brought.dialect import Dialect, is_number
from engine.data.brought.texts import read_text
from engine.data.catalog import same_class
from engine.verdicts.one_line import one_line

_LARGEST_FILE = 32 * 2**20
_LONGEST_SHOWN = 40
_DELIMITERS = ("\t", ";", ",")
Numbered = list[tuple[int, list[str]]]  # rows of cells with the numbers of their lines


def read_cost_matrix(path: Path, label_names: Sequence[str]) -> CostMatrix:
    """The matrix in a text file, as `parse_cost_matrix` reads it.

    Raises:
        InputError: one line, with the row and the column where it is about one of them.
    """
    try:
        there, is_file = path.exists(), path.is_file()
    except OSError as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error.strerror or error)}") from None
    if not is_file:
        found = "is not a regular file" if there else "no such file"
        raise InputError(f"{one_line(path)}: {found}; expected a text file with {len(label_names)} rows of costs")
    encoded = read_text(path, _LARGEST_FILE)
    try:
        rows = parse_cost_matrix(encoded.text, label_names)
    except InputError as error:
        raise InputError(f"{one_line(path)}: {error}") from None
    said = f" (read as {encoded.said})" if encoded.said else ""
    return CostMatrix(title=f"costs from {one_line(path.name)}{said}", rows=rows)


def parse_cost_matrix(text: str, label_names: Sequence[str]) -> CostRows:
    """A row for each true class, in it a cost for each decision.

    What parts the costs is the first of tab, semicolon, comma and space that gives a matrix; with another than the
    comma, a comma is the decimal sign. A first line and a first column may hold the classes' names or numbers.

    Raises:
        InputError: one line that names row and column, both counted from 1 as an editor shows them.
    """
    lines = ["" if line.startswith("#") else line for line in text.removeprefix("\ufeff").splitlines()]
    first = next((line for line in lines if line.strip()), "")
    likely = [sign for sign in _DELIMITERS if sign in first] or [","]
    refusal: InputError | None = None
    for delimiter in (*likely, None):
        try:
            return _matrix(_cells(lines, delimiter), label_names)
        except InputError as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def _cells(lines: Sequence[str], delimiter: str | None) -> Numbered:
    """The lines that hold anything, each with its number."""
    dialect = Dialect(delimiter, decimal_comma=delimiter != ",")
    try:
        rows = [(number, dialect.cells([line])) for number, line in enumerate(lines, 1)]
    except csv.Error as error:
        raise InputError(f"found no CSV ({error}), expected rows of costs") from None
    return [(number, row[0]) for number, row in rows if row]


def _matrix(cells: Numbered, label_names: Sequence[str]) -> CostRows:
    classes = len(label_names)
    header = cells[0][1][-classes:] if len(cells) == classes + 1 and len(cells[0][1]) >= classes else None
    beside = [row[0] for _, row in cells[-classes:]] if _all_wide(cells[-classes:], classes + 1) else None
    if header is not None and beside is not None and len(cells) == classes + 1:
        columns, rows = _places(header, label_names), _places(beside, label_names)
        if columns is not None and rows is not None:
            costs = [_costs(line, row[1:], 2, classes) for line, row in cells[1:]]
            ordered = {place: costs[number] for number, place in enumerate(rows)}
            return tuple(
                tuple(ordered[true][columns.index(decision)] for decision in range(classes)) for true in range(classes)
            )
    if header is not None and _are_names("column", header, label_names) and _are_costs_below(cells, header):
        cells = cells[1:]
    if len(cells) != classes:
        raise InputError(f"found {len(cells)} rows of costs, expected {classes}, one for each true class")
    if beside is not None and _are_names("row", beside, label_names):
        return tuple(_costs(line, row[1:], 2, classes) for line, row in cells)
    return tuple(_costs(line, row, 1, classes) for line, row in cells)


def _all_wide(cells: Numbered, width: int) -> bool:
    return all(len(row) == width for _, row in cells)


def _places(found: Sequence[str], label_names: Sequence[str]) -> list[int] | None:
    """Which class each name is, where every class is named once, in any order; None otherwise."""
    if _are_numbers_of_classes(found):
        return list(range(len(found)))
    places = [
        next((number for number, name in enumerate(label_names) if same_class(one, number, name, label_names)), -1)
        for one in found
    ]
    return places if sorted(places) == list(range(len(label_names))) else None


def _are_numbers_of_classes(found: Sequence[str]) -> bool:
    """0, 1, 2, … or 1, 2, 3, …: what a table has that was written without names."""
    if not all(cell.isascii() and cell.isdecimal() and len(cell) < 7 for cell in found):
        return False
    numbers = [int(cell) for cell in found]
    return numbers in (list(range(len(found))), list(range(1, len(found) + 1)))


def _are_names(kind: str, found: Sequence[str], label_names: Sequence[str]) -> bool:
    """Whether a line or a column more than there are classes holds their names or numbers.

    Raises:
        InputError: names they are, but others, or in another order.
    """
    if _are_numbers_of_classes(found):
        return True
    wrong = [index for index, name in enumerate(found) if not same_class(name, index, label_names[index], label_names)]
    if wrong and not all(is_number(name) for name in found):
        index = wrong[0]
        raise InputError(
            f"{kind} {index + 1} of costs is called {_shown(found[index])}, expected {_shown(label_names[index])}"
        )
    return not wrong


def _are_costs_below(cells: Numbered, header: Sequence[str]) -> bool:
    """Whether a first line of numbers is no row too many: a class taken for itself costs nothing in the others."""
    if not all(is_number(name) for name in header):
        return True
    diagonal = [row[-len(header) :][place] for place, (_, row) in enumerate(cells[1:]) if len(row) >= len(header)]
    return all(is_number(cell) and float(cell) == 0 for cell in diagonal)


def _costs(line: int, row: Sequence[str], first_column: int, classes: int) -> tuple[float, ...]:
    if len(row) != classes:
        raise InputError(f"row {line}: found {len(row)} costs, expected {classes}, one for each decision")
    return tuple(_cost(line, column, cell) for column, cell in enumerate(row, first_column))


def _cost(line: int, column: int, cell: str) -> float:
    # Not float(cell) alone: that takes nan, inf and 1e400.
    if not is_number(cell) or not abs(float(cell)) <= LARGEST_COST:
        raise InputError(
            f"row {line}, column {column}: found {_shown(cell)}, expected a number of at most {LARGEST_COST:g}"
        )
    return float(cell)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")
