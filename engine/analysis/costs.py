"""Which decision is the cheapest: the most likely label, or the one of least expected cost?"""

from __future__ import annotations

import math

import numpy as np

from engine.analysis import intervals
from engine.analysis.evidence import Evidence
from engine.analysis.precision import EXACT, Precision
from engine.analysis.thresholds import Booleans, Floats, Integers
from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import CostsView, Flip, Outcome
from engine.contract.errors import InputError

# Of the largest cost: expected costs that are closer differ by the rounding of their sums alone.
_TIE = 1e-12


def expected_costs(probabilities: Floats, matrix: Floats) -> Floats:
    """What each decision is expected to cost, (n, classes): the sum of p(true) · cost(true, decision)."""
    costs: Floats = probabilities @ matrix
    return costs


def least_expected_cost(probabilities: Floats, matrix: Floats, precision: Precision = EXACT) -> Integers:
    """The decisions (n,) of least expected cost for probabilities (n, classes) (Elkan 2001, equation 1).

    Of decisions that are equally cheap the most likely label is taken, so that equal costs for all mistakes give
    the most likely label whatever the rounding, and no image changes sides for nothing. Equally cheap are expected
    costs that differ by no more than the probabilities were rounded by when they were stored.
    """
    costs = expected_costs(probabilities, matrix)
    cheapest, largest = costs.argmin(axis=1), float(np.abs(matrix).max())
    above = costs - costs.min(axis=1, keepdims=True)
    tied = above <= _TIE * largest
    near = (above <= 2 * (precision.half_unit + _TIE) * largest).sum(axis=1) > 1
    for decision in np.unique(cheapest[near]):
        rows = np.flatnonzero(near & (cheapest == decision))
        # What an expected cost exceeds another by is a sum of p · (cost − other cost); each p is off by half a unit.
        rounding = precision.half_unit * (probabilities[rows] @ np.abs(matrix - matrix[:, [decision]]))
        tied[rows] |= above[rows] <= rounding
    decisions: Integers = np.where(tied, probabilities, -1.0).argmax(axis=1)
    return decisions


def _cheapest(evidence: Evidence, costs: CostMatrix, matrix: Floats, positive: int) -> Integers:
    """The decisions (n,) of least expected cost; from the threshold of two prices on, that for `positive`.

    There a tie goes to the class, as in the view of a threshold.
    """
    probabilities, precision = evidence.probabilities, evidence.precision
    if math.isnan(costs.threshold):
        return least_expected_cost(probabilities, matrix, precision)
    alarm = probabilities[:, positive] >= precision.least(costs.threshold)
    others = np.where(np.arange(len(matrix)) == positive, -1.0, probabilities).argmax(axis=1)
    return np.where(alarm, positive, others)


def costs_view(evidence: Evidence, costs: CostMatrix, positive: int) -> CostsView:
    """Both ways to decide, in cost per image, and what changes between them.

    `positive` is the class that the costs' threshold is about, where they have one.

    Raises:
        InputError: the matrix is not one of so many classes.
    """
    probabilities, labels = evidence.probabilities, evidence.labels
    matrix = as_array(costs, probabilities.shape[1])
    most_likely, cheapest = probabilities.argmax(axis=1), _cheapest(evidence, costs, matrix, positive)
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
