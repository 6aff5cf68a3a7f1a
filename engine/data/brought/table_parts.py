"""Tables as parts of a dataset: a label and the pixels in each row, one file, or a folder with a file for each part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.contract.errors import InputError
from engine.data.brought.names import Part, meaning_of, part_of
from engine.data.brought.npy import Array
from engine.data.brought.parts import TURNED, Brought, RawPart
from engine.data.brought.tables import Table, compact, read_table
from engine.data.brought.texts import encoding_notice, read_text
from engine.data.classes import MOST_CLASSES
from engine.verdicts.one_line import one_line

TABLES = frozenset((".csv", ".tsv", ".txt", ".data", ".dat", ".tab"))
_INDEX = frozenset(("", "id", "index", "row", "number", "imageid", "image_id", "filename", "file"))
_NAMES = frozenset(("label_names", "labels", "class_names", "classes", "names", "categories"))
_MOST_NAMES_BYTES = 2**20


def is_table(path: Path) -> bool:
    """Whether a text file is called as tables are."""
    return bool({suffix.lower() for suffix in path.suffixes[-2:]} & TABLES)


def read_table_file(path: Path) -> Brought:
    """One file: all rows are of one part."""
    table = read_table(path)
    label = label_column(table)
    part, unused = _part(table, label, path.name)
    told = f"labels from {table.name(label)}, inputs from {part.images.shape[1]:,} columns; all rows"
    return Brought({"whole": part}, notices=_notices(table, path.name), unused=unused, told={"whole": told})


def read_tables(folder: Path, files: Sequence[Path]) -> Brought:
    """A file for each part, named after it; a table that lacks the label of the training table is not used.

    Raises:
        InputError: no file is named after the training part, or two are named after the same.
    """
    tables = [path for path in files if is_table(path) and not is_names(path)]
    parts: dict[Part, Path] = {}
    for path in tables:
        part = part_of(path, folder)
        if part in parts and part != "whole":
            raise InputError(
                f"{one_line(folder)}: found {parts[part].name} and {path.name}, expected one file for {part}"
            )
        parts[part] = path
    if len(tables) == 1:
        parts = {"train": tables[0]}
    if "train" not in parts:
        found = ", ".join(path.name for path in tables[:4]) or "no tables"
        raise InputError(f"{one_line(folder)}: found {one_line(found)}, expected a file with train in its name")
    return _of_parts(folder, parts)


def _of_parts(folder: Path, paths: dict[Part, Path]) -> Brought:
    trained = read_table(paths["train"])
    label = label_column(trained)
    parts: dict[Part, RawPart] = {}
    notices: list[str] = []
    unused: list[str] = []
    for part, path in paths.items():
        if part == "whole":
            unused.append(path.name)
            continue
        table = trained if part == "train" else read_table(path)
        notices += _notices(table, path.name)
        lacks = table.columns == trained.columns - 1 and trained.name(label) not in table.header
        raw, left = _part(table, None if lacks else _same_column(table, trained, label), str(path.relative_to(folder)))
        parts[part] = raw
        unused += [name for name in left if name not in unused]
    return Brought(parts, notices=tuple(dict.fromkeys(notices)), unused=unused)


def _same_column(table: Table, trained: Table, label: int) -> int:
    """Where the label of the training table stands in another one."""
    name = trained.name(label)
    return table.header.index(name) if name in table.header else min(label, table.columns - 1)


def label_column(table: Table) -> int:
    """The column named for it; else the only one of text; else the first of whole numbers, from left or right."""
    meanings = {number: meaning_of(name) for number, name in enumerate(table.header)}
    labels = {number: found.rank for number, found in meanings.items() if found is not None and found.role == "labels"}
    if labels:
        return min(labels, key=lambda number: (labels[number], number))  # label rather than y, which may be a place
    texts = [number for number in table.texts if not _is_index(table, number)]
    if len(texts) == 1:
        return texts[0]
    ends = [n for n in (0, table.columns - 1) if n in table.numeric and not _is_index(table, n)]
    for fits in (_are_all_classes, _may_be_labels):
        for number in ends:
            if fits(table.column(number)):
                return number
    return 0


def _are_all_classes(values: Array) -> bool:
    """Whether they are the numbers from 0 or 1 on, none left out, as labels are and pixels are not."""
    if not _may_be_labels(values):
        return False
    distinct = np.unique(values)
    return len(distinct) > 1 and distinct[0] in (0, 1) and bool((np.diff(distinct) == 1).all())


def _may_be_labels(values: Array) -> bool:
    return bool(((np.trunc(values) == values) & (np.abs(values) <= MOST_CLASSES)).all())


def _is_index(table: Table, number: int) -> bool:
    return bool(table.header) and (
        table.header[number].lower() in _INDEX or table.header[number].lower().startswith("unnamed")
    )


def _part(table: Table, label: int | None, name: str) -> tuple[RawPart, list[str]]:
    """The rows as images and labels, and the columns that are neither."""
    chosen = [number for number in table.numeric if number != label and not _is_index(table, number)]
    if not chosen:
        raise InputError(f"{one_line(name)}: found no columns of numbers beside the label, expected pixels or features")
    left = [table.name(n) for n in range(table.columns) if n != label and n not in chosen and table.name(n)]
    places = [table.numeric.index(number) for number in chosen]
    whole = places == list(range(places[0], places[0] + len(places))) if places else False
    images = table.numbers[:, places[0] : places[-1] + 1] if whole else table.numbers[:, places]
    images = compact(images)
    side = math.isqrt(images.shape[1])
    if "emnist" in name.lower() and side * side == images.shape[1]:  # rows and columns are exchanged
        images = images.reshape(-1, side, side).transpose(0, 2, 1)
    labels = None if label is None else np.ascontiguousarray(table.column(label))
    return RawPart(np.ascontiguousarray(images), labels, name, name), left


def _notices(table: Table, name: str) -> tuple[str, ...]:
    turned = TURNED if "emnist" in name.lower() else ""
    return tuple(filter(None, (table.notice, turned)))


def is_names(path: Path) -> bool:
    """Whether a text file is called as the names of classes are, such as class_names.txt."""
    return path.name.lower().split(".")[0] in _NAMES


def with_names(brought: Brought, path: Path) -> Brought:
    """The same with the classes' names in a text file, one on each line."""
    encoded = read_text(path, _MOST_NAMES_BYTES)
    lines = [line.strip() for line in encoded.text.splitlines()]
    names = np.array([line for line in lines if line], dtype=np.str_)
    said = filter(None, (f"{one_line(path.name)}: the names of the classes", encoding_notice(encoded, path.name)))
    return replace(brought, names=names, names_name=path.name, notices=(*brought.notices, *said))
