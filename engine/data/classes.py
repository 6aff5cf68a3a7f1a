"""Which classes the labels of a user's own data are, and which of them have no image."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.verdicts.naming import listed
from engine.verdicts.one_line import one_line

Labels = npt.NDArray[np.int64]
FEWEST_CLASSES, MOST_CLASSES = 2, 1000
_MOST_NAMED = 5


def first_label(path: Path, parts: Mapping[str, Labels], names: Sequence[str]) -> int:
    """The label that is class 0: 1 where the labels of all parts go from 1 to K, else 0.

    With `names` K is their number, without it the largest label.

    Raises:
        InputError: there are too few or too many classes, or there is no name for the largest label.
    """
    smallest = min(int(labels.min()) for labels in parts.values())
    largest = max(int(labels.max()) for labels in parts.values())
    first = 1 if (smallest >= 1 and largest == len(names)) or (smallest == 1 and not names) else 0
    count = len(names) or largest + 1 - first
    if not FEWEST_CLASSES <= count <= MOST_CLASSES:
        raise InputError(
            f"{one_line(path)}: has {count} class{'es' if count != 1 else ''}, "
            f"expected {FEWEST_CLASSES} to {MOST_CLASSES}"
        )
    if largest - first >= count:
        raise InputError(f"{one_line(path)}: a label is {largest}, expected 0 to {count - 1} with {count} label_names")
    return first


def begins_at_1_notice(names: Sequence[str], named: bool) -> str:
    """That labels from 1 to K are K classes. `named`: their names are the file's."""
    called = f"named {names[0]} to {names[-1]}" if not named else f"{names[0]} is the class of label 1"
    return f"labels begin at 1 in every part: taken as {len(names)} classes, {called}"


def without_images_notice(parts: Mapping[str, Labels], names: Sequence[str]) -> str:
    """Names the classes that no image has, and those that no image of one part has; "" where there is none.

    The first of `parts` is trained on, the others are judged on.
    """
    train, *others = parts
    seen = {part: set(np.unique(labels).tolist()) for part, labels in parts.items()}
    somewhere = set().union(*seen.values())
    nowhere = [name for number, name in enumerate(names) if number not in somewhere]
    not_trained = [name for number, name in enumerate(names) if number in somewhere - seen[train]]
    said = []
    if nowhere:
        said.append(f"{_classes(nowhere)} no image")
    if not_trained:
        said.append(f"{_classes(not_trained)} no image in {train}: the model cannot learn {_it(not_trained)}")
    for part in others:
        not_judged = [name for number, name in enumerate(names) if number in seen[train] - seen[part]]
        if not_judged:
            said.append(f"{_classes(not_judged)} no image in {part}: {part} says nothing about {_it(not_judged)}")
    return "; ".join(said)


def _classes(names: Sequence[str]) -> str:
    """class 2 has; classes 2 and 5 have; 12 classes (0, 1, 2, 3, 4, …) have."""
    if len(names) == 1:
        return f"class {names[0]} has"
    if len(names) > _MOST_NAMED:
        return f"{len(names)} classes ({', '.join(names[:_MOST_NAMED])}, …) have"
    return f"classes {listed(names)} have"


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
