"""Labels as people write them, made class numbers: a column, one-hot, whole floats, bools, texts, −1 and 1, from 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data.brought.npy import Array, shape_text
from engine.data.classes import MOST_CLASSES, Labels, begins_at_1_notice, first_label
from engine.verdicts.one_line import one_line

LONGEST_NAME = 60
_SHAPES = "expected (n,), (n, 1) or (n, classes) one-hot, of whole numbers or text"
Texts = npt.NDArray[np.str_]


class Classes(NamedTuple):
    """`labels`, of each part an array (n,), from 0 to `len(names) - 1`; `named`: the names are the file's."""

    labels: dict[str, Labels]
    names: tuple[str, ...]
    named: bool
    notices: tuple[str, ...] = ()


def classes_of(path: Path, parts: Mapping[str, Array], names: Sequence[str] = (), columns: int = 0) -> Classes:
    """The classes of all parts together. `columns` is how many there are, where the scores beside them say so.

    Raises:
        InputError: they are no labels, or do not go with the names.
    """
    plain = {key: _plain(f"{one_line(path)}: {one_line(key, LONGEST_NAME)}", array) for key, array in parts.items()}
    columns = columns or max((width for _, width in plain.values()), default=0)
    found = {key: labels for key, (labels, _) in plain.items()}
    texts = [key for key, labels in found.items() if labels.dtype.kind == "U"]
    if texts and len(texts) < len(found):
        other = next(key for key in found if key not in texts)
        raise InputError(f"{one_line(path)}: {texts[0]} are text, {other} are numbers; expected the same kind in both")
    for key, labels in found.items():
        if not len(labels):
            raise InputError(f"{one_line(path)}: {key} holds no labels, expected at least one")
    return _of_texts(path, found, names, columns) if texts else _of_numbers(path, found, names, columns)


def _plain(what: str, labels: Array) -> tuple[Array, int]:
    """The labels (n,) as int64 or as texts, and the number of classes where they were one-hot, else 0."""
    if labels.ndim == 2 and 1 in labels.shape:
        labels = labels.reshape(-1)
    if labels.ndim not in (1, 2) or labels.dtype.kind not in "buifUS":
        raise InputError(f"{what} is {shape_text(labels.shape)} of {one_line(labels.dtype)}, {_SHAPES}")
    if labels.ndim == 2:
        return _from_one_hot(what, labels), labels.shape[1]
    if labels.dtype.kind in "US":
        return _from_texts(texts_of(labels)), 0
    if labels.dtype.kind == "f":
        return _from_floats(what, labels), 0
    if labels.dtype.kind == "u" and len(labels) and int(labels.max()) >= 2**63:
        raise InputError(f"{what} goes up to {labels.max()}, expected 0 to {MOST_CLASSES - 1} at most")
    return labels.astype(np.int64), 0


def texts_of(array: Array) -> Texts:
    """Texts or bytes as texts; bytes that are no UTF-8 are Latin-1."""
    if array.dtype.kind == "U":
        return array.astype(array.dtype.newbyteorder("="))
    try:
        decoded: Texts = np.char.decode(array, "utf-8")
    except UnicodeDecodeError:
        decoded = np.char.decode(array, "latin-1")
    return decoded


def _from_texts(texts: Texts) -> Array:
    """Numbers where all are numbers, as a CSV file gives them."""
    stripped: Texts = np.char.strip(texts)
    distinct = np.unique(stripped)
    if len(distinct) and all(_is_whole(text) for text in distinct[: MOST_CLASSES + 1].tolist()):
        try:
            return stripped.astype(np.int64)
        except (ValueError, OverflowError):
            return stripped
    return stripped


def _is_whole(text: str) -> bool:
    digits = text[1:] if text[:1] == "-" else text
    return digits.isascii() and digits.isdecimal() and len(digits) < 10


def _from_one_hot(what: str, labels: Array) -> Labels:
    if labels.dtype.kind not in "buif" or labels.shape[1] > MOST_CLASSES:
        raise InputError(f"{what} is {shape_text(labels.shape)} of {one_line(labels.dtype)}, {_SHAPES}")
    ones = labels == 1
    odd = np.flatnonzero(((labels != 0) & ~ones).any(axis=1) | (ones.sum(axis=1) != 1))
    if len(odd):
        raise InputError(
            f"{what} is {shape_text(labels.shape)}, and row {odd[0]} is not one-hot; "
            "expected a single 1 in each row, or one label for each image"
        )
    return np.asarray(ones.argmax(axis=1), dtype=np.int64)


def _from_floats(what: str, labels: Array) -> Labels:
    whole = np.isfinite(labels) & (np.abs(labels.astype(np.float64)) < 2**31) & (np.trunc(labels) == labels)
    if not whole.all():
        where = int(np.flatnonzero(~whole)[0])
        raise InputError(f"{what}[{where}] is {labels[where]:g}, expected whole numbers")
    return labels.astype(np.int64)


def _of_texts(path: Path, found: Mapping[str, Array], names: Sequence[str], columns: int) -> Classes:
    distinct = sorted({text for labels in found.values() for text in np.unique(labels).tolist()})
    called = tuple(names) or tuple(distinct)
    if not names and columns and len(distinct) != columns:
        raise InputError(
            f"{one_line(path)}: {', '.join(found)} has {len(distinct)} different texts for {columns} classes; "
            "add label_names, in the order of the columns"
        )
    if len(called) > MOST_CLASSES:
        raise InputError(f"{one_line(path)}: found {len(called):,} different labels, expected at most {MOST_CLASSES:,}")
    place = {name.casefold().strip(): number for number, name in enumerate(called)} | {
        name: number for number, name in enumerate(called)
    }
    numbers = {}
    for key, labels in found.items():
        values, inverse = np.unique(labels, return_inverse=True)
        known = [place.get(text, place.get(text.casefold(), -1)) for text in values.tolist()]
        if -1 in known:
            text = one_line(values[known.index(-1)], LONGEST_NAME)
            raise InputError(f"{one_line(path)}: {key} holds {text!r}, expected one of the {len(called)} label_names")
        numbers[key] = np.array(known, dtype=np.int64)[inverse.reshape(-1)]
    first_label(path, numbers, called)
    return Classes(numbers, tuple(one_line(name, LONGEST_NAME) for name in called), bool(names))


def _of_numbers(path: Path, found: Mapping[str, Labels], names: Sequence[str], columns: int) -> Classes:
    named = bool(names)
    smallest = min(int(labels.min()) for labels in found.values())
    largest = max(int(labels.max()) for labels in found.values())
    if smallest == -1 and _are_signs(found) and (columns or len(names) or 2) == 2:
        called = tuple(names) or ("-1", "1")
        said = f"labels are −1 and 1: class {called[0]} and class {called[1]}"
        return Classes({key: (labels + 1) // 2 for key, labels in found.items()}, called, named, (said,))
    values = [int(name) for name in names if _is_whole(name)]
    if len(values) == len(names) > 0 and values != list(range(len(values))):
        by_value = _by_value(found, values)
        if by_value is not None:
            return Classes(by_value, tuple(names), named)
    for key, labels in found.items():
        if not 0 <= int(labels.min()) <= int(labels.max()) < MOST_CLASSES + min(1, int(labels.min())):
            raise InputError(
                f"{one_line(path)}: {key} goes from {labels.min()} to {labels.max()}, "
                f"expected 0 to {(columns or MOST_CLASSES) - 1}{' at most' if not columns else ''}"
            )
    called = tuple(names) or (tuple(map(str, range(columns))) if columns else ())
    if columns and largest > columns - (smallest < 1):
        raise InputError(
            f"{one_line(path)}: {', '.join(found)} goes from {smallest} to {largest}, "
            f"expected 0 to {columns - 1} with {columns} classes"
        )
    first = first_label(path, found, called)
    if not called or (first and not named):
        called = tuple(map(str, range(first, largest + 1)))
    notices = (begins_at_1_notice(called, named=named),) if first else ()
    return Classes({key: labels - first for key, labels in found.items()}, called, named, notices)


def _are_signs(found: Mapping[str, Labels]) -> bool:
    return all(bool((np.abs(labels) == 1).all()) for labels in found.values())


def _by_value(found: Mapping[str, Labels], values: list[int]) -> dict[str, Labels] | None:
    """The columns of labels that are called by numbers of their own, such as 10, 20, 30; None where one is unknown."""
    place = {value: number for number, value in enumerate(values)}
    numbers = {}
    for key, labels in found.items():
        distinct, inverse = np.unique(labels, return_inverse=True)
        known = [place.get(value, -1) for value in distinct.tolist()]
        if -1 in known:
            return None
        numbers[key] = np.array(known, dtype=np.int64)[inverse.reshape(-1)]
    return numbers


def names_in(what: str, names: Array) -> tuple[str, ...]:
    """The classes' names, (classes,) of text or of whole numbers.

    Raises:
        InputError: they are neither.
    """
    if names.ndim == 2 and 1 in names.shape:
        names = names.reshape(-1)
    if names.ndim != 1 or not len(names) or names.dtype.kind not in "USiu":
        raise InputError(f"{what} is {shape_text(names.shape)} of {one_line(names.dtype)}, expected (classes,) of text")
    texts = texts_of(names).tolist() if names.dtype.kind in "US" else [str(number) for number in names.tolist()]
    return tuple(one_line(text, LONGEST_NAME) for text in texts)
