"""IDX files under the names that MNIST and its relatives come with: dots or dashes, nested, EMNIST's, QMNIST's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.contract.errors import InputError
from engine.data import idx
from engine.data.brought.content import content_of, head_of
from engine.data.brought.names import PARTS, Part, part_in
from engine.data.brought.npy import Array
from engine.data.brought.parts import TURNED, Brought, RawPart
from engine.verdicts.one_line import one_line

_PLAIN = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
_MOST_MAPPING = 2**16  # bytes
_KINDS = {"images", "image", "labels", "label", "idx", "idx1", "idx2", "idx3"}


class _Found(NamedTuple):
    """A file of the set `group`, such as emnist-letters; "" where the name says no more than its part."""

    path: Path
    group: str
    part: Part
    is_images: bool


def read_idx(folder: Path, files: Sequence[Path], group: str = "") -> Brought:
    """The parts in IDX files below `folder`; of several sets that of the name `group`.

    Raises:
        InputError: there are several sets and none is named, or a file is not right.
    """
    found = [_found(path) for path in files]
    groups = sorted({one.group for one in found})
    if group or len(groups) > 1:
        groups = [name for name in groups if name == group.lower()]
    if len(groups) != 1:
        several = sorted({one.group or "(no name)" for one in found})
        raise InputError(
            f"{one_line(folder)}: found the datasets {', '.join(map(one_line, several))}, expected one: "
            f"add its name, such as {one_line(folder / several[-1])}"
        )
    chosen = [one for one in found if one.group == groups[0]]
    parts: dict[Part, RawPart] = {}
    notices: list[str] = []
    for part in PARTS:
        images, labels = (_nearest(folder, chosen, part, is_images) for is_images in (True, False))
        if images is not None:
            parts[part] = RawPart(
                _images(images, notices),
                None if labels is None else _labels(labels, notices),
                _shown(folder, images.path),
                _shown(folder, labels.path) if labels is not None else "",
            )
    plain = {path.name.removesuffix(".gz") for path in files} == set(_PLAIN)
    return Brought(parts, _names(folder, groups[0]), "mapping", notices=tuple(dict.fromkeys(notices)), plain=plain)


def _found(path: Path) -> _Found:
    name = path.name.lower().removesuffix(".gz")
    tokens = [token for token in re.split(r"[\W_]+", name) if token]
    known = [place for place, token in enumerate(tokens) if token in _KINDS or part_in(token) != "whole"]
    group = "-".join(tokens[: known[0]]) if known else "-".join(tokens)
    part = part_in(name)
    if part == "whole" and path.parent.name:  # train/images-idx3-ubyte
        part = part_in(path.parent.name)
    return _Found(path, group, part, idx.dimensions_of(head_of(path)) > 2)


def _nearest(folder: Path, found: Sequence[_Found], part: Part, is_images: bool) -> _Found | None:
    """Of copies that were unpacked beside each other the least nested, and what is unpacked before its archive.

    Raises:
        InputError: there are several in different folders, so that nobody knows which is meant.
    """
    fitting = [one for one in found if one.part == part and one.is_images == is_images]
    least = min((len(one.path.parts) for one in fitting), default=0)
    nearest = [one for one in fitting if len(one.path.parts) == least]
    places = sorted({one.path.parent for one in nearest})
    if len(places) > 1:
        raise InputError(
            f"{one_line(folder)}: found {one_line(nearest[0].path.name)} in {one_line(places[0].relative_to(folder))} "
            f"and {one_line(places[1].relative_to(folder))}, expected one dataset: name one of these folders"
        )
    return min(nearest, key=lambda one: (one.path.suffix == ".gz", one.path.name), default=None)


def _shown(folder: Path, path: Path) -> str:
    """The file's name, with its folder where that alone says of which part it is."""
    alone = part_in(path.name) == "whole" and path.parent != folder
    return f"{path.parent.name}/{path.name}" if alone else path.name


def _images(found: _Found, notices: list[str]) -> Array:
    images = idx.read_any(found.path)
    if "emnist" in found.group and images.ndim == 3:
        notices.append(TURNED)
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images


def _labels(found: _Found, notices: list[str]) -> Array:
    labels = idx.read_any(found.path)
    if labels.ndim == 2 and labels.shape[1] > 1 and "mnist" in found.group:
        notices.append(f"the first of {labels.shape[1]} columns of {found.path.name} is the label")
        labels = np.ascontiguousarray(labels[:, 0])
    return labels


def _names(folder: Path, group: str) -> Array | None:
    """What the characters of EMNIST are, from its mapping: a label and the code of its character on each line."""
    path = next((place for place in sorted(folder.rglob(f"{group}-mapping.txt"))), None) if group else None
    if path is None:
        return None
    rows = re.findall(rb"^\s*(\d{1,4})\s+(\d{1,6})", content_of(path, _MOST_MAPPING), re.MULTILINE)
    return np.array([chr(int(code)) for _, code in rows]) if rows else None
