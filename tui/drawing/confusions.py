"""Who is taken for whom, in words: the sentence under the pictures and the list of the most confused pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from engine.contract.answers import Mistake
from engine.verdicts.naming import class_said
from tui.drawing.plain import plain

Confusion = Sequence[Sequence[int]]
LONGEST_NAME = 24  # cells
_FEW = 5  # of a kind say nothing about the classes


class ConfusedPair(NamedTuple):
    """So many images of class `true` that were taken for `predicted`."""

    true: int
    predicted: int
    images: int


def most_confused(confusion: Confusion, limit: int) -> list[ConfusedPair]:
    """The largest cells off the diagonal, largest first."""
    pairs = [
        ConfusedPair(true, predicted, count)
        for true, row in enumerate(confusion)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    return sorted(pairs, key=lambda pair: -pair.images)[:limit]


def name_of(names: Sequence[str], label: int, width: int = LONGEST_NAME) -> str:
    """A class's name, harmless; its number where it has none."""
    name = names[label] if 0 <= label < len(names) else ""
    return plain(name.strip() or str(label), width)


def pair_words(names: Sequence[str], true: int, predicted: int, width: int) -> str:
    """`true → predicted` in at most `width` cells; each name has what the other leaves."""
    room = max(2, width - len(" → "))
    left = name_of(names, true, room)
    right = name_of(names, predicted, room)
    if cell_len(left) + cell_len(right) > room:
        left = name_of(names, true, max(room // 2, room - cell_len(right)))
        right = name_of(names, predicted, room - cell_len(left))
    return f"{left} → {right}"


def called(names: Sequence[str], label: int, width: int = LONGEST_NAME) -> str:
    """The same in a sentence, where "7 of 20 of 2" would be a riddle: "7 of 20 of class 2"."""
    name = names[label] if 0 <= label < len(names) else ""
    return plain(class_said(name, label), width)


def overview(confusion: Confusion, names: Sequence[str]) -> str:
    """How many are wrong, and what is confused most."""
    total, wrong = _total(confusion), _total(confusion) - _right(confusion)
    if not wrong:
        return f"All {total:,} images are right. The diagonal of the matrix (m) holds the right images."
    said = f"{wrong:,} of {total:,} images are wrong"
    most = most_confused(confusion, 1)[0]
    if most.images < _FEW:
        return f"{said}: too few to say which classes are confused."
    true, predicted = called(names, most.true), called(names, most.predicted)
    return f"{said}, most often {true} → {predicted} ({most.images:,} times)."


def filtered(confusion: Confusion, names: Sequence[str], true: int | None, predicted: int | None) -> str:
    """What a row, a column or a cell of the matrix says; `overview` where nothing is filtered."""
    if true is not None and predicted is not None:
        return cell_words(confusion, names, true, predicted)
    if true is not None:
        row = confusion[true]
        name, wrong = called(names, true), sum(row) - row[true]
        if not wrong:
            return f"All {sum(row):,} images of {name} are right."
        most = max((label for label in range(len(row)) if label != true), key=row.__getitem__)
        taken = f"{called(names, most)} ({row[most]:,} times)"
        return f"{wrong:,} of {sum(row):,} images of {name} are wrong, most often taken for {taken}."
    if predicted is not None:
        column = [row[predicted] for row in confusion]
        name, wrong = called(names, predicted), sum(column) - column[predicted]
        if not wrong:
            return f"All {sum(column):,} images predicted as {name} are right."
        most = max((label for label in range(len(column)) if label != predicted), key=column.__getitem__)
        really = f"{called(names, most)} ({column[most]:,} times)"
        return (
            f"{wrong:,} of {sum(column):,} images predicted as {name} are wrong. Most often the true class is {really}."
        )
    return overview(confusion, names)


def cell_words(confusion: Confusion, names: Sequence[str], true: int, predicted: int) -> str:
    """What one cell of the matrix counts."""
    count, total = confusion[true][predicted], sum(confusion[true])
    name = called(names, true)
    share = f" ({count / total:.1%})" if total else ""
    if true == predicted:
        return f"{count:,} of {total:,} images of {name} are right{share}."
    return f"{count:,} of {total:,} images of {name} are taken for {called(names, predicted)}{share}."


def suspects(confusion: Confusion, matching: int, first: Mistake | None, names: Sequence[str]) -> str:
    """How many of the mistakes may be mistakes of the label; `first` of them, None while it is on its way."""
    wrong = _total(confusion) - _right(confusion)
    if not matching:
        return f"No label error is suspected among {wrong:,} mistakes."
    said = f"{matching:,} of {wrong:,} mistakes are suspected label errors."
    if first is None or first.suggested is None:
        return said
    return f"{said} The first is labelled {called(names, first.true)}. Is {called(names, first.suggested)} right?"


def _total(confusion: Confusion) -> int:
    return sum(map(sum, confusion))


def _right(confusion: Confusion) -> int:
    return sum(row[label] for label, row in enumerate(confusion))
