"""What each wrong decision costs: ready-made matrices, and one read from a person's CSV."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.quantities import Text

CostRows = tuple[tuple[float, ...], ...]
CostOfMistake = Callable[[int, int], float]

MISS, FALSE_ALARM = 50.0, 1.0  # of the scenario that Decide opens on
LARGEST_COST = 1e12
PRESET_NAMES = ("symmetrical", "lethal", "ordinal")
_LARGEST_FILE = 32 * 2**20
_LONGEST_SHOWN = 40


class CostMatrix(Struct, frozen=True, kw_only=True):
    """`rows` (classes, classes): the true class names the row, the decision the column.

    `threshold` is the probability of the positive class from which on deciding for it is cheapest, where the matrix
    knows only misses and false alarms (Elkan 2001, equation 2); nan for any other.
    """

    title: Text
    rows: CostRows
    threshold: float = math.nan

    def prices(self, positive: int) -> tuple[float, float]:
        """What a miss of class `positive` and a false alarm cost, where there is one price of each."""
        other = 0 if positive else 1
        return self.rows[positive][other], self.rows[other][positive]


def miss_and_false_alarm(classes: int, positive: int, label: str, miss: float, false_alarm: float) -> CostMatrix:
    """One class against all others: to take one of those for another costs nothing."""
    rows = tuple(
        tuple(
            miss if true == positive != decision else false_alarm if decision == positive != true else 0.0
            for decision in range(classes)
        )
        for true in range(classes)
    )
    total = miss + false_alarm
    return CostMatrix(
        title=f"{label}: a miss costs {miss:g}, a false alarm {false_alarm:g}",
        rows=rows,
        threshold=false_alarm / total if total > 0 else math.nan,
    )


def preset(name: str, classes: int, positive: int, label: str) -> CostMatrix:
    """A matrix by its name, one of `PRESET_NAMES`.

    symmetrical: every mistake costs 1. lethal: to miss the positive class costs 50, every other mistake 1.
    ordinal: a mistake costs the distance between the classes' numbers, as for grades of severity.
    """
    if name == "symmetrical":
        return CostMatrix(title="every mistake costs 1", rows=_rows(classes, lambda true, decision: 1.0))
    if name == "lethal":
        return CostMatrix(
            title=f"to miss {label} costs {MISS:g}, every other mistake 1",
            rows=_rows(classes, lambda true, decision: MISS if true == positive else 1.0),
        )
    if name == "ordinal":
        return CostMatrix(
            title="a mistake costs the distance between the classes",
            rows=_rows(classes, lambda true, decision: float(abs(true - decision))),
        )
    raise InputError(f"costs: found {_shown(name)}, expected one of {', '.join(PRESET_NAMES)}")


def _rows(classes: int, cost: CostOfMistake) -> CostRows:
    return tuple(
        tuple(0.0 if true == decision else cost(true, decision) for decision in range(classes))
        for true in range(classes)
    )


def read_cost_matrix(path: Path, label_names: Sequence[str]) -> CostMatrix:
    """The matrix in a CSV file, as `parse_cost_matrix` reads it.

    Raises:
        InputError: one line, with the row and the column where it is about one of them.
    """
    try:
        if not path.is_file():
            found = "is not a regular file" if path.exists() else "no such file"
            raise InputError(f"{path}: {found}; expected a CSV file with {len(label_names)} rows of costs")
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"{path}: found {path.stat().st_size:,} bytes, expected at most {_LARGEST_FILE:,}")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8, expected a CSV file in UTF-8") from None
    try:
        rows = parse_cost_matrix(text, label_names)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return CostMatrix(title=f"costs from {path.name}", rows=rows)


def parse_cost_matrix(text: str, label_names: Sequence[str]) -> CostRows:
    """A row for each true class, in it a cost for each decision, parted by commas, semicolons or tabs.

    A first line and a first column may hold the classes' names; they are compared with `label_names`.

    Raises:
        InputError: one line that names row and column, both counted from 1 as an editor shows them.
    """
    cells, classes = _cells(text), len(label_names)
    if len(cells) == classes + 1 and _are_names("column", cells[0][1][-classes:], label_names):
        cells = cells[1:]
    if len(cells) != classes:
        raise InputError(f"found {len(cells)} rows of costs, expected {classes}, one for each true class")
    beside = all(len(row) == classes + 1 for _, row in cells)
    if beside and _are_names("row", [row[0] for _, row in cells], label_names):
        return tuple(_costs(line, row[1:], 2, classes) for line, row in cells)
    return tuple(_costs(line, row, 1, classes) for line, row in cells)


def _cells(text: str) -> list[tuple[int, list[str]]]:
    """The lines that hold anything, each with its number."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((sign for sign in ("\t", ";") if sign in first), ",")
    try:
        reader = csv.reader(text.splitlines(), delimiter=delimiter)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise InputError(f"found no CSV ({error}), expected rows of costs") from None
    return [(line, row) for line, row in rows if any(row)]


def _are_names(kind: str, found: Sequence[str], label_names: Sequence[str]) -> bool:
    """Whether a line or a column more than there are classes holds their names; numbers may be one too many.

    Raises:
        InputError: names they are, but others, or in another order.
    """
    wrong = [index for index, name in enumerate(found) if name != label_names[index]]
    if wrong and not all(_is_number(name) for name in found):
        index = wrong[0]
        raise InputError(
            f"{kind} {index + 1} of costs is called {_shown(found[index])}, expected {_shown(label_names[index])}"
        )
    return not wrong


def _costs(line: int, row: Sequence[str], first_column: int, classes: int) -> tuple[float, ...]:
    if len(row) != classes:
        raise InputError(f"row {line}: found {len(row)} costs, expected {classes}, one for each decision")
    return tuple(_cost(line, column, cell) for column, cell in enumerate(row, first_column))


def _cost(line: int, column: int, cell: str) -> float:
    # Not float(cell) alone: that takes nan, inf and 1e400.
    if not _is_number(cell) or not abs(float(cell)) <= LARGEST_COST:
        raise InputError(
            f"row {line}, column {column}: found {_shown(cell)}, expected a number of at most {LARGEST_COST:g}"
        )
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")
