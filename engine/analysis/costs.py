"""Which decision is the cheapest: the most likely label, or the one of least expected cost?"""

from __future__ import annotations

import numpy as np

from engine.analysis import intervals
from engine.analysis.thresholds import Booleans, Floats, Integers
from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import CostsView, Flip, Outcome
from engine.contract.errors import InputError

# Of the largest cost: expected costs that are closer differ by rounding alone.
_TIE = 1e-12


def expected_costs(probabilities: Floats, matrix: Floats) -> Floats:
    """What each decision is expected to cost, (n, classes): the sum of p(true) · cost(true, decision)."""
    costs: Floats = probabilities @ matrix
    return costs


def least_expected_cost(probabilities: Floats, matrix: Floats) -> Integers:
    """The decisions (n,) of least expected cost for probabilities (n, classes) (Elkan 2001, equation 1).

    Of decisions that are equally cheap the most likely label is taken, so that equal costs for all mistakes give
    the most likely label whatever the rounding, and no image changes sides for nothing.
    """
    costs = expected_costs(probabilities, matrix)
    cheapest = costs.min(axis=1, keepdims=True) + _TIE * np.abs(matrix).max()
    decisions: Integers = np.where(costs <= cheapest, probabilities, -1.0).argmax(axis=1)
    return decisions


def costs_view(probabilities: Floats, labels: Integers, costs: CostMatrix) -> CostsView:
    """Both ways to decide, in cost per image, and what changes between them.

    Raises:
        InputError: the matrix is not one of so many classes.
    """
    matrix = as_array(costs, probabilities.shape[1])
    most_likely, cheapest = probabilities.argmax(axis=1), least_expected_cost(probabilities, matrix)
    paid, pays = matrix[labels, most_likely], matrix[labels, cheapest]
    expected = expected_costs(probabilities, matrix)[np.arange(len(labels)), cheapest]
    flipped = np.flatnonzero(most_likely != cheapest)
    flips, kinds = _flips(most_likely[flipped], cheapest[flipped], (pays < paid)[flipped], len(matrix))
    return CostsView(
        costs=costs,
        argmax_cost=float(paid.mean()),
        least_expected_cost=float(pays.mean()),
        predicted_cost=float(expected.mean()),
        saving=float((paid - pays).mean()),
        saving_interval=intervals.of_mean(paid - pays),
        num_examples=len(labels),
        flipped=tuple(flipped.tolist()),
        kinds=kinds,
        flips=flips,
        most_likely=_outcomes(most_likely, labels, len(matrix)),
        cheapest=_outcomes(cheapest, labels, len(matrix)),
    )


def _outcomes(decisions: Integers, labels: Integers, classes: int) -> tuple[Outcome, ...]:
    wrong = decisions != labels
    missed = np.bincount(labels[wrong], minlength=classes).tolist()
    return tuple(map(Outcome, missed, np.bincount(decisions[wrong], minlength=classes).tolist()))


def as_array(costs: CostMatrix, classes: int) -> Floats:
    """The matrix (classes, classes) as an array.

    Raises:
        InputError: it has other numbers of rows or columns, or holds what is no finite number.
    """
    if len(costs.rows) != classes or any(len(row) != classes for row in costs.rows):
        widths = sorted({len(row) for row in costs.rows})
        raise InputError(
            f"costs: found {len(costs.rows)} rows of {' and '.join(map(str, widths))} numbers, "
            f"expected {classes} × {classes}"
        )
    matrix = np.array(costs.rows, dtype=np.float64)
    if not np.isfinite(matrix).all():
        true, decision = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(
            f"costs: found {matrix[true, decision]} in row {true + 1}, column {decision + 1}, expected a finite number"
        )
    return matrix


def _flips(
    before: Integers, after: Integers, cheaper: Booleans, classes: int
) -> tuple[tuple[Flip, ...], tuple[int, ...]]:
    """The flips (m,) counted by what they lead from and to, most first, and the place of each among those counts."""
    pairs, which, counts = np.unique(before * classes + after, return_inverse=True, return_counts=True)
    better = np.bincount(which, weights=cheaper, minlength=len(pairs))
    order = np.argsort(-counts, kind="stable")
    flips = tuple(Flip(*divmod(int(pairs[place]), classes), int(counts[place]), int(better[place])) for place in order)
    rank = np.argsort(order)
    return flips, tuple(rank[which].tolist())
