"""What a classifier said, told by name and content: probabilities, logits, one column, or labels alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data.brought.names import Role
from engine.data.brought.npy import Array, shape_text
from engine.data.classes import FEWEST_CLASSES, MOST_CLASSES
from engine.verdicts.one_line import one_line

SUM_TOLERANCE = 1e-3  # of a row of probabilities: float16 is off by up to half of that
_FEWEST_DECIMALS, _MOST_DECIMALS = 2, 4
_WORDS = {2: "two", 3: "three", 4: "four"}
_LEAST_SUM = 0.5  # of a row that is normalised
_IF_LOGITS = "if these are logits, save them under that name"

Scores = npt.NDArray[np.floating]


class Said(NamedTuple):
    """`scores` (n, classes) for logits and probabilities; the labels that were predicted, as found, for "labels"."""

    kind: Literal["logits", "probabilities", "labels"]
    scores: Array
    notices: tuple[str, ...] = ()


def said_in(path: Path, name: str, role: Role, array: Array) -> Said:
    """What the array called `name` says.

    Raises:
        InputError: it is neither logits, probabilities nor labels.
    """
    what = f"{one_line(path)}: {one_line(name, 60)}"
    if array.ndim == 2 and array.shape[1] == 1:
        array = array.reshape(-1)
    if array.ndim == 1 and _is_labels(role, array):
        return Said("labels", array)
    if array.ndim == 2 and role not in ("logits", "probabilities") and _is_one_hot(array):
        return Said("labels", array)
    if array.ndim == 1 and array.dtype.kind == "f":
        return _one_column(what, role, array)
    scores = _checked(what, array)
    kind = role if role in ("logits", "probabilities") else _kind_by_content(what, scores)
    if kind == "logits":
        return Said("logits", scores)
    scores, notices = _probabilities(what, scores)
    return Said("probabilities", scores, notices)


def _is_labels(role: Role, array: Array) -> bool:
    if array.dtype.kind in "biuUS":
        return True
    whole = array.dtype.kind == "f" and bool((np.trunc(array) == array).all())
    return whole and role in ("scores", "predictions")


def _is_one_hot(array: Array) -> bool:
    if array.dtype.kind not in "bui" or array.shape[1] < FEWEST_CLASSES:
        return False
    return bool(((array == 0) | (array == 1)).all() and ((array == 1).sum(axis=1) == 1).all())


def _one_column(what: str, role: Role, array: Array) -> Said:
    """Of a binary classifier: the probability of class 1, or its logit against that of class 0."""
    _expect_finite(what, array)
    _expect_rows(what, len(array))
    inside = bool(((array >= 0) & (array <= 1)).all())
    column = array.astype(array.dtype.newbyteorder("="))
    if role == "logits" or (role != "probabilities" and not inside):
        said = f"one column, taken for the logits of class 1 of 2 ({what.rsplit(': ', 1)[-1]})"
        return Said("logits", np.stack([np.zeros_like(column), column], axis=1), (said,))
    if not inside:
        row = int(np.flatnonzero((array < 0) | (array > 1))[0])
        raise InputError(f"{what}[{row}] is {array[row]:g}, expected 0 to 1; {_IF_LOGITS}")
    said = f"one column, taken for the probabilities of class 1 of 2 ({what.rsplit(': ', 1)[-1]})"
    return Said("probabilities", np.stack([1 - column, column], axis=1), (said,))


def _checked(what: str, scores: Array) -> Scores:
    if scores.ndim != 2 or scores.dtype.kind not in "fiu":
        raise InputError(
            f"{what} is {shape_text(scores.shape)} of {one_line(scores.dtype)}, "
            "expected (n, classes) of floats, or (n,) for two classes"
        )
    rows, classes = scores.shape
    if not FEWEST_CLASSES <= classes <= MOST_CLASSES:
        raise InputError(f"{what} has {classes} columns, expected {FEWEST_CLASSES} to {MOST_CLASSES} classes")
    _expect_rows(what, rows)
    if scores.dtype.kind != "f":
        return scores.astype(np.float64)
    _expect_finite(what, scores)
    # In the machine's byte order, and writable: torch insists on both.
    return scores.astype(scores.dtype.newbyteorder("="))


def _expect_rows(what: str, rows: int) -> None:
    if rows < 2:
        raise InputError(f"{what} has {rows} row{'' if rows == 1 else 's'}, expected at least 2")


def _expect_finite(what: str, array: Array) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(np.argwhere(~finite)[0].tolist())
        raise InputError(f"{what}[{', '.join(map(str, where))}] is {array[where]}, expected finite numbers")


def _kind_by_content(what: str, scores: Scores) -> Literal["logits", "probabilities"]:
    """Of a name that says neither, such as y_score."""
    if ((scores < 0) | (scores > 1 + SUM_TOLERANCE)).any():
        return "logits"
    sums = scores.sum(axis=1, dtype=np.float64)
    if np.abs(sums - 1).max() > SUM_TOLERANCE and _decimals(scores, sums) is None:
        row = int(np.abs(sums - 1).argmax())
        raise InputError(
            f"{what} lies between 0 and 1, but row {row} sums to {sums[row]:g}, expected 1 for probabilities; "
            f"{_IF_LOGITS}"
        )
    return "probabilities"


def _probabilities(what: str, probabilities: Scores) -> tuple[Scores, tuple[str, ...]]:
    """As they are, or normalised where they were rounded."""
    outside = (probabilities < 0) | (probabilities > 1 + SUM_TOLERANCE)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise InputError(f"{what}[{row}, {column}] is {probabilities[row, column]:g}, expected 0 to 1; {_IF_LOGITS}")
    sums = probabilities.sum(axis=1, dtype=np.float64)
    off = np.abs(sums - 1) > SUM_TOLERANCE
    if not off.any():
        return probabilities, ()
    decimals = _decimals(probabilities, sums)
    if decimals is None:
        row = int(np.flatnonzero(off)[0])
        name = what.rsplit(": ", 1)[-1]
        where = what[: -len(name)]
        raise InputError(f"{where}row {row} of {name} sums to {sums[row]:g}, expected 1; {_IF_LOGITS}")
    said = (
        f"probabilities are rounded to {_WORDS[decimals]} decimals, and rows sum to {sums.min():.4g} to "
        f"{sums.max():.4g}: normalised"
    )
    return probabilities.astype(np.float64) / sums[:, None], (said,)


def _decimals(probabilities: Scores, sums: npt.NDArray[np.float64]) -> int | None:
    """To how many decimals they were rounded, where that is why rows do not sum to 1."""
    classes = probabilities.shape[1]
    for decimals in range(_FEWEST_DECIMALS, _MOST_DECIMALS + 1):
        scaled = probabilities.astype(np.float64) * 10**decimals
        slack = max(1e-6, 2 * float(np.finfo(probabilities.dtype).eps) * 10**decimals)
        if (np.abs(scaled - scaled.round()) <= slack).all() and slack < 0.25:
            most = 0.5 * 10.0**-decimals * classes + SUM_TOLERANCE
            return decimals if np.abs(sums - 1).max() <= most and sums.min() > _LEAST_SUM else None
    return None
