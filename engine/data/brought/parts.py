"""From arrays with names to a dataset: which of them is trained on, which validates, which is kept for the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from engine.contract.errors import InputError
from engine.data.brought.images import pictures_of
from engine.data.brought.labels import classes_of, names_in
from engine.data.brought.names import Part
from engine.data.brought.npy import Array
from engine.data.dataset import Dataset, Images, Labels, assemble
from engine.data.streams import stream
from engine.verdicts.naming import listed
from engine.verdicts.one_line import one_line

HELD_OUT = 5  # one image in so many validates, where a file names no part
_SHOWN = 60
_MOST_SHOWN = 8
_USES = {"train": "training", "validation": "validation", "test": "kept for --part test"}
TURNED = "EMNIST stores its images with rows and columns exchanged: turned"
EXPECTED = "expected train_images, train_labels, validation_images, validation_labels, or x_train, y_train and so on"


@dataclass(frozen=True)
class RawPart:
    """Images and labels as they were found, and what they are called there; `labels` None where there are none."""

    images: Array
    labels: Array | None
    images_name: str
    labels_name: str


@dataclass(frozen=True)
class Brought:
    """What was found in a file or a folder. `plain`: under the names that the README gives, so nothing is to be said.
    `known`: a dataset of the catalogue, which says itself what its parts are.

    `names` are those of the classes, `unused` the names of what was found besides.
    """

    parts: Mapping[Part, RawPart]
    names: Array | None = None
    names_name: str = "label_names"
    notices: tuple[str, ...] = ()
    unused: Sequence[str] = ()
    plain: bool = False
    known: bool = False
    told: Mapping[Part, str] = field(default_factory=dict)


def dataset_of(path: Path, name: str, brought: Brought) -> Dataset:
    """The dataset called `name`.

    Raises:
        InputError: a part is missing, or its images or labels are not right.
    """
    taken, notices = _chosen(path, brought)
    taken = _called_apart(taken)
    pictures = pictures_of(path, {part.images_name: part.images for part in taken.values()})
    given = names_in(f"{one_line(path)}: {brought.names_name}", brought.names) if brought.names is not None else ()
    labelled = {part.labels_name: part.labels for part in taken.values() if part.labels is not None}
    for part in taken.values():
        _expect_as_many(path, part)
    classes = classes_of(path, labelled, given)
    ready = {use: (pictures.images[part.images_name], classes.labels[part.labels_name]) for use, part in taken.items()}
    if "validation" not in ready:
        ready["train"], ready["validation"], said = _split(path, *ready["train"])
        notices.append(said)
    return assemble(
        name,
        ready["train"],
        ready["validation"],
        classes.names,
        (*notices, *brought.notices, *pictures.notices, *classes.notices),
        test=ready.get("test"),
    )


def _chosen(path: Path, brought: Brought) -> tuple[dict[str, RawPart], list[str]]:
    """The parts by their use, and what is said of them."""
    parts = {part: raw for part, raw in brought.parts.items() if raw.labels is not None}
    left = [raw.images_name for raw in brought.parts.values() if raw.labels is None]
    trained: Part | None = next((part for part in ("train", "whole") if part in parts), None)
    if trained is None:
        raise InputError(f"{one_line(path)}: found no {_lacking(brought)}; {EXPECTED}")
    taken = {"train": parts[trained]}
    judged = [part for part in ("validation", "test") if part in parts]
    if judged:
        taken["validation"] = parts[judged[0]]
    if len(judged) == 2:
        taken["test"] = parts["test"]
    notices = []
    if not brought.known and (not brought.plain or "test" in taken):
        uses = [
            f"{brought.told.get(part) or _named(parts[part])}: {_USES[use]}" for use, part in _uses(trained, judged)
        ]
        notices.append("; ".join(uses))
    if left:
        notices.append(f"{_few(left)} {'has' if len(left) == 1 else 'have'} no labels: not used")
    if brought.unused:
        notices.append(f"not used: {_few(brought.unused)}")
    return taken, notices


def _called_apart(taken: Mapping[str, RawPart]) -> dict[str, RawPart]:
    """The parts with names of their own, where files in several folders are called alike."""
    names = [name for part in taken.values() for name in {part.images_name, part.labels_name}]
    if len(set(names)) == len(names):
        return dict(taken)
    return {
        use: replace(part, images_name=f"{use} {part.images_name}", labels_name=f"{use} {part.labels_name}")
        for use, part in taken.items()
    }


def _uses(trained: Part, judged: Sequence[str]) -> list[tuple[str, Part]]:
    named: dict[str, Part] = {"validation": "validation", "test": "test"}
    return [("train", trained), *zip(("validation", "test"), (named[part] for part in judged), strict=False)]


def _named(part: RawPart) -> str:
    names = dict.fromkeys((part.images_name, part.labels_name))
    return ", ".join(one_line(name, _SHOWN) for name in names)


def _few(names: Sequence[str]) -> str:
    shown = [one_line(name, _SHOWN) for name in names[:_MOST_SHOWN]]
    more = len(names) - len(shown)
    return listed(shown) if not more else f"{', '.join(shown)} and {more} more"


def _lacking(brought: Brought) -> str:
    """train_images, train_labels: what would have been trained on."""
    held = brought.parts.get("train") or brought.parts.get("whole")
    if held is not None:
        return f"labels for {one_line(held.images_name, _SHOWN)}"
    found = [*(_named(raw) for raw in brought.parts.values()), *brought.unused]
    return f"training images and labels, only {_few(found)}" if found else "images and labels"


def _expect_as_many(path: Path, part: RawPart) -> None:
    assert part.labels is not None
    shape = part.labels.shape or (1,)
    labels = shape[1] if len(shape) == 2 and shape[0] == 1 else shape[0]
    if part.images.ndim and labels != len(part.images):
        raise InputError(
            f"{one_line(path)}: {one_line(part.labels_name, _SHOWN)} holds {labels:,}, expected "
            f"{len(part.images):,}, one for each of {one_line(part.images_name, _SHOWN)}"
        )


def _split(path: Path, images: Images, labels: Labels) -> tuple[tuple[Images, Labels], tuple[Images, Labels], str]:
    """A fifth of each class is held out, drawn by the seed 0, so that the same file is always split alike."""
    order = stream(0, "held-out").permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    held = np.sort(by_class[HELD_OUT - 1 :: HELD_OUT])
    if not len(held):
        raise InputError(
            f"{one_line(path)}: found {len(labels)} image{'s' if len(labels) > 1 else ''} and no validation part, "
            f"expected at least {HELD_OUT} to hold one out"
        )
    kept = np.setdiff1d(np.arange(len(labels)), held)
    said = f"no validation part: {len(held):,} of {len(labels):,} images are held out for validation, drawn by seed 0"
    return (images[kept], labels[kept]), (images[held], labels[held]), said
