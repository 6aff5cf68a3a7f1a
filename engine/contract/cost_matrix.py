"""What each wrong decision costs: ready-made matrices."""

from __future__ import annotations

import math
from collections.abc import Callable

from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.quantities import Text

CostRows = tuple[tuple[float, ...], ...]
CostOfMistake = Callable[[int, int], float]

MISS, FALSE_ALARM = 50.0, 1.0  # of the scenario that Decide opens on
LARGEST_COST = 1e12
PRESET_NAMES = ("symmetrical", "lethal", "ordinal", "squared")
_LONGEST_SHOWN = 40


class CostMatrix(Struct, frozen=True, kw_only=True):
    """`rows` (classes, classes): the true class names the row, the decision the column.

    `threshold` is the probability of the positive class from which on deciding for it is cheapest, where the matrix
    knows only misses and false alarms (Elkan 2001, equation 2); nan for any other. `taken` says what was inferred where
    the matrix was read from a file, such as a header.
    """

    title: Text
    rows: CostRows
    threshold: float = math.nan
    taken: Text = ""

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


def cheapest_threshold(matrix: CostMatrix, positive: int) -> float:
    """The matrix's own threshold; of any two classes whose right decisions cost nothing, that of their two prices.

    nan where no single threshold is cheapest.
    """
    if len(matrix.rows) != 2 or matrix.rows[0][0] or matrix.rows[1][1]:
        return matrix.threshold
    miss, false_alarm = matrix.prices(positive)
    total = miss + false_alarm
    return false_alarm / total if min(miss, false_alarm) >= 0 and total > 0 else math.nan


def preset(name: str, classes: int, positive: int, label: str) -> CostMatrix:
    """A matrix by its name, one of `PRESET_NAMES`.

    symmetrical: every mistake costs 1. lethal: to miss the positive class costs 50, every other mistake 1.
    ordinal: a mistake costs the distance between the classes' numbers, as for grades of severity; squared: the square
    of that distance.
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
    if name == "squared":
        return CostMatrix(
            title="a mistake costs the squared distance of the classes",
            rows=_rows(classes, lambda true, decision: float((true - decision) ** 2)),
        )
    raise InputError(f"costs: found {_shown(name)}, expected one of {', '.join(PRESET_NAMES)}")


def _rows(classes: int, cost: CostOfMistake) -> CostRows:
    return tuple(
        tuple(0.0 if true == decision else cost(true, decision) for decision in range(classes))
        for true in range(classes)
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")
