"""The one reader of what a user brings as a dataset: a file or a folder, told by its content."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.contract.errors import InputError
from engine.data.brought import npz
from engine.data.brought.arrays import brought_of, wanted_of
from engine.data.brought.content import Kind, kind_of
from engine.data.brought.folder import files_below, sorted_by_kind
from engine.data.brought.idx_folder import read_idx
from engine.data.brought.names import part_in
from engine.data.brought.npy import Array
from engine.data.brought.npy_files import array_in, named_files
from engine.data.brought.parts import Brought, dataset_of
from engine.data.brought.table_parts import is_names, is_table, read_table_file, read_tables, with_names
from engine.data.dataset import Dataset
from engine.data.medical import SIDE
from engine.verdicts.one_line import one_line

EXPECTED = "expected an .npz file, a CSV file, or a folder of IDX, CSV, .npy or image files"


def read_own(path: Path) -> Dataset:
    """The dataset in the file or folder `path`; raises InputError, one line, where it is not one.

    In a folder with several sets of IDX files, as EMNIST comes, `path` may end in the name of one of them.
    """
    path, name = _resolved(path)
    return dataset_of(path, name, _brought(path))


def read_catalogued(path: Path, name: str, label_names: Sequence[str]) -> Dataset:
    """A dataset of the catalogue that is published as one `.npz` file.

    Raises:
        InputError: as `read_own`, or where the images or classes are not those that were published.
    """
    brought = replace(_of_archive(path), names=np.array(label_names), names_name="the classes", known=True)
    dataset = dataset_of(path, name, brought)
    if dataset.image_shape != (SIDE, SIDE):
        shape = " × ".join(map(str, dataset.image_shape or (dataset.num_features,)))
        raise InputError(f"{one_line(path)}: found images of {shape} pixels, expected {SIDE} × {SIDE}")
    return dataset


def _resolved(path: Path) -> tuple[Path, str]:
    """The path with `~` replaced, and its absolute name; raises InputError where the system refuses it."""
    try:
        path = path.expanduser()
        name = str(path.resolve())
        name.encode()
        path.stat()
    except FileNotFoundError:
        if not _is_set_within(path):
            raise InputError(f"{one_line(path)}: no such file; {EXPECTED}") from None
    except (ValueError, RuntimeError, OSError) as error:  # not Unicode, a null byte, a link to itself, …
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error)}") from None
    return path, name


def _is_set_within(path: Path) -> bool:
    return path.parent.is_dir() and path.parent != path and any(path.parent.glob(f"**/{glob.escape(path.name)}-*"))


def _brought(path: Path) -> Brought:
    if path.is_dir():
        return _of_folder(path, "")
    if not path.exists():
        return _of_folder(path.parent, path.name)
    kind = kind_of(path)
    if kind == "zip":
        return _of_archive(path)
    if path.suffix.lower() == ".npz":
        raise InputError(f"{one_line(path)}: is not a zip archive, expected an intact .npz file")
    if kind == "text":
        return read_table_file(path)
    raise InputError(f"{one_line(path)}: {EXPECTED}")


def _of_archive(path: Path) -> Brought:
    found = npz.array_names(path)
    return brought_of(npz.read_arrays(path, wanted_of(found)), found)


def _of_folder(path: Path, group: str) -> Brought:
    files = files_below(path)
    kinds = sorted_by_kind(files)
    brought = _of_kinds(path, group, files, kinds)
    names = [file for file in kinds.get("text", []) if is_names(file)]
    return with_names(brought, names[0]) if names and brought.names is None else brought


def _of_kinds(path: Path, group: str, files: list[Path], kinds: dict[Kind, list[Path]]) -> Brought:
    if "idx" in kinds:
        return read_idx(path, kinds["idx"], group)
    if "zip" in kinds:
        return brought_of(*_of_archives(path, kinds["zip"]))
    if "npy" in kinds:
        return brought_of(*_of_arrays(path, kinds["npy"]))
    if "picture" in kinds:
        from engine.data.brought.pictures import read_pictures

        return read_pictures(path, files)
    if any(is_table(file) and not is_names(file) for file in kinds.get("text", [])):
        return read_tables(path, kinds["text"])
    raise InputError(f"{one_line(path)}: found no files of data; {EXPECTED}")


def _of_arrays(path: Path, files: Sequence[Path]) -> tuple[dict[str, Array], list[str]]:
    """The arrays in .npy files, and the names of all."""
    names = named_files(path, files)
    wanted = wanted_of(list(names))
    return {name: array_in(names[name]) for name in wanted}, list(names)


def _of_archives(path: Path, files: Sequence[Path]) -> tuple[dict[str, Array], list[str]]:
    """The arrays in .npz files, called by their file too where that says of which part they are; the names of all."""
    found = {
        f"{called}/{name}" if part_in(called.replace("/", " ")) != "whole" else name: (file, name)
        for called, file in named_files(path, files).items()
        for name in npz.array_names(file)
    }
    wanted = wanted_of(list(found))
    arrays = {name: npz.read_arrays(found[name][0], [found[name][1]])[found[name][1]] for name in wanted}
    return arrays, list(found)
