"""The one reader of what another program predicted: an archive, arrays, a table or a folder, told by its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data.brought.images import pictures_of
from engine.data.brought.labels import LONGEST_NAME, classes_of, names_in
from engine.data.brought.names import Part, Role, named
from engine.data.brought.npy import Array, shape_text
from engine.data.brought.scores import SUM_TOLERANCE, Said, Scores, said_in
from engine.data.classes import Labels
from engine.data.dataset import Images
from engine.verdicts.naming import listed
from engine.verdicts.one_line import one_line

_PLAIN = frozenset(("logits", "probabilities", "labels", "images", "label_names", "groups"))
_SAYING: tuple[Role, ...] = ("logits", "probabilities", "scores", "predictions")
_PARTS: tuple[Part, ...] = ("test", "validation", "whole", "train")  # the last that one judges on comes first
EXPECTED = "expected logits or probabilities, labels and, if you like, images, label_names and groups"


@dataclass(frozen=True)
class Groups:
    """To which group, such as a patient or a hospital, each row belongs: `numbers` (n,), indices of `names`."""

    names: tuple[str, ...]
    numbers: Labels


@dataclass(frozen=True)
class Predicted:
    """What was found. `scores` (n, classes) are what `kind` says, None of labels alone; `labels` (n,) are the truth.

    `predicted` (n,) are the labels that the classifier gave, None where it gave scores. `images` are (n, features),
    (n, height, width) or (n, height, width, channels).
    """

    path: Path
    kind: Literal["logits", "probabilities", "labels"]
    scores: Scores | None
    predicted: Labels | None
    labels: Labels
    label_names: tuple[str, ...]
    images: Images | None
    groups: Groups | None
    notices: tuple[str, ...] = ()


def predicted_of(path: Path, arrays: Mapping[str, Array], notices: Sequence[str] = (), columns: int = 0) -> Predicted:
    """The predictions in arrays with names; the scores are `columns` columns of a table where that is not 0.

    Raises:
        InputError: something is missing, or does not go with the rest.
    """
    scores_name, role, labels_name, roles = _taken(path, arrays)
    said = said_in(path, scores_name, role, arrays[scores_name])
    names_name = next((name for (_, kind), name in roles.items() if kind == "names"), None)
    if names_name == labels_name:
        names_name = None
    names = names_in(f"{one_line(path)}: {names_name}", arrays[names_name]) if names_name is not None else ()
    classes = 0 if said.kind == "labels" else said.scores.shape[1]
    labels = _of_rows(path, labels_name, arrays[labels_name], len(said.scores))
    if names and classes and len(names) != classes:
        raise InputError(
            f"{one_line(path)}: {names_name} is {shape_text(arrays[names_name or ''].shape)} of "
            f"{one_line(arrays[names_name or ''].dtype)}, expected ({classes},) of text"
        )
    _expect_two(path, said, labels_name, labels)
    known = {labels_name: labels, scores_name: said.scores} if said.kind == "labels" else {labels_name: labels}
    found = classes_of(path, known, names, classes)
    images_name = next((name for (_, kind), name in roles.items() if kind == "images"), None)
    groups_name = next((name for (_, kind), name in roles.items() if kind == "groups"), None)
    used = [scores_name, labels_name, names_name, images_name, groups_name]
    called = f"{columns} columns" if columns else scores_name
    told = "" if set(arrays) <= _PLAIN and not columns else _told(arrays, said, called, labels_name, used)
    return Predicted(
        path=path,
        kind=said.kind,
        scores=None if said.kind == "labels" else said.scores,
        predicted=found.labels[scores_name] if said.kind == "labels" else None,
        labels=found.labels[labels_name],
        label_names=found.names,
        images=None if images_name is None else _images(path, images_name, arrays[images_name], len(labels)),
        groups=None if groups_name is None else _groups(path, groups_name, arrays[groups_name], len(labels)),
        notices=tuple(filter(None, (told, *notices, *said.notices, *found.notices))),
    )


Roles = dict[tuple[Part, Role], str]


def _taken(path: Path, arrays: Mapping[str, Array]) -> tuple[str, Role, str, Roles]:
    """The names of what was said, of its role, and of the labels."""
    if set(arrays) == {"arr_0", "arr_1"}:
        said, labels = _without_names(arrays)
        return said, "scores", labels, {}
    roles = named(arrays).roles
    both = [roles[key] for key in (("whole", "logits"), ("whole", "probabilities")) if key in roles]
    if len(both) == 2 and not _say_the_same(*(arrays[name] for name in both)):
        raise InputError(f"{one_line(path)}: holds {' and '.join(both)} that differ, expected one of them")
    for part in _PARTS:
        said_role = next((role for role in _SAYING if (part, role) in roles), None)
        if said_role is not None and (part, "labels") in roles:
            return roles[part, said_role], said_role, roles[part, "labels"], _of_part(roles, part)
    said_anywhere = [(role, name) for role in _SAYING for (_, kind), name in roles.items() if kind == role]
    labels_anywhere = [name for (_, kind), name in roles.items() if kind == "labels"]
    if said_anywhere and not labels_anywhere and ("whole", "names") in roles:
        # `classes` may be the class of each row.
        name = roles["whole", "names"]
        if arrays[name].shape[:1] == arrays[said_anywhere[0][1]].shape[:1]:
            labels_anywhere = [name]
    if len(labels_anywhere) != 1 or not said_anywhere:
        lacking = [
            *(() if said_anywhere else ("logits or probabilities",)),
            *(() if labels_anywhere else ("labels",)),
        ] or [f"labels for {said_anywhere[0][1]}"]
        raise InputError(f"{one_line(path)}: holds no {' and no '.join(lacking)}; {EXPECTED}")
    return said_anywhere[0][1], said_anywhere[0][0], labels_anywhere[0], roles


def _say_the_same(logits: Array, probabilities: Array) -> bool:
    """Whether the softmax of the logits is the probabilities."""
    if logits.shape != probabilities.shape or logits.ndim != 2 or not logits.size:
        return False
    if logits.dtype.kind != "f" or probabilities.dtype.kind != "f" or not np.isfinite(logits).all():
        return False
    shifted = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float64))
    return bool(np.allclose(shifted / shifted.sum(axis=1, keepdims=True), probabilities, atol=SUM_TOLERANCE))


def _of_part(roles: Roles, part: Part) -> Roles:
    return {key: name for key, name in roles.items() if key[0] in (part, "whole")}


def _without_names(arrays: Mapping[str, Array]) -> tuple[str, str]:
    """arr_0 and arr_1: what numpy.savez calls arrays that were given without a name. The scores are wide, or floats."""
    one, other = ("arr_0", "arr_1")
    wide = arrays[one].ndim > arrays[other].ndim or (arrays[one].dtype.kind == "f" and arrays[other].dtype.kind != "f")
    return (one, other) if wide else (other, one)


def _of_rows(path: Path, name: str, labels: Array, rows: int) -> Array:
    if labels.ndim == 2 and labels.shape[0] == 1:
        labels = labels.reshape(-1)
    found = len(labels) if labels.ndim else 0
    if found != rows:
        raise InputError(f"{one_line(path)}: {name} holds {found:,}, expected {rows:,}, one for each row")
    return labels


def _expect_two(path: Path, said: Said, name: str, labels: Array) -> None:
    """One column goes with two classes only."""
    if said.kind != "labels" and said.notices[:1] and said.notices[0].startswith("one column") and labels.ndim == 1:
        distinct = len(np.unique(labels))
        if distinct > 2:
            raise InputError(
                f"{one_line(path)}: {name} has {distinct} classes, but the scores are one column; "
                "expected a column for each class"
            )


def _told(arrays: Mapping[str, Array], said: Said, scores: str, labels: str, used: Sequence[str | None]) -> str:
    """What was taken for what."""
    kind = {"labels": "predicted labels"}.get(said.kind, said.kind)
    left = [one_line(name, LONGEST_NAME) for name in arrays if name not in used]
    more = f"; not used: {listed(left[:8])}" if left else ""
    return f"{one_line(scores, LONGEST_NAME)}: {kind}; {one_line(labels, LONGEST_NAME)}: true labels{more}"


def _images(path: Path, name: str, images: Array, count: int) -> Images:
    if images.ndim < 2 or 0 in images.shape or len(images) != count:
        raise InputError(
            f"{one_line(path)}: {name} is {shape_text(images.shape)}, expected ({count:,}, height, width) "
            f"or ({count:,}, features), none of them 0"
        )
    return pictures_of(path, {name: images}).images[name]


def _groups(path: Path, name: str, groups: Array, count: int) -> Groups:
    if groups.ndim == 2 and 1 in groups.shape:
        groups = groups.reshape(-1)
    if groups.shape != (count,) or groups.dtype.kind not in "buifUS":
        raise InputError(
            f"{one_line(path)}: {name} is {shape_text(groups.shape)} of {one_line(groups.dtype)}, "
            f"expected ({count:,},) of numbers or text"
        )
    names: npt.NDArray[np.generic]
    names, numbers = np.unique(groups, return_inverse=True)
    shown = tuple(
        one_line(each.decode("utf-8", "replace") if isinstance(each, bytes) else each, LONGEST_NAME)
        for each in names.tolist()
    )
    return Groups(shown, numbers.reshape(-1).astype(np.int64))
