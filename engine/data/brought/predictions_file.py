"""From a path to predictions: an archive, a single array, a table, or a folder of arrays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.contract.errors import InputError
from engine.data.brought import npz
from engine.data.brought.content import kind_of
from engine.data.brought.folder import files_below, sorted_by_kind
from engine.data.brought.names import Role, meaning_of
from engine.data.brought.npy import Array
from engine.data.brought.npy_files import array_in, arrays_in
from engine.data.brought.predictions import Predicted, predicted_of
from engine.data.brought.table_parts import label_column
from engine.data.brought.tables import Table, read_table
from engine.verdicts.one_line import one_line

EXPECTED = "expected an .npz file of predictions, a CSV file, or a folder of .npy files"
_MOST_ARRAYS = 64
_BEFORE_A_CLASS = re.compile(
    r"((prob(a|s|abilit(y|ies))?|p|logits?|scores?|class|y|pred|output)[_ .:-]+)+", re.IGNORECASE
)
_BESIDE: tuple[Role, ...] = ("labels", "predictions", "groups")


def read_predictions(path: Path) -> Predicted:
    """Reads and checks the predictions in a file or a folder.

    Raises:
        InputError: one line that names what was found and what was expected.
    """
    try:
        there, is_folder = path.exists(), path.is_dir()
    except (OSError, ValueError) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error)}") from None
    if is_folder:
        return _of_folder(path)
    if not path.is_file():
        found = "is not a regular file" if there else "no such file"
        raise InputError(f"{one_line(path)}: {found}; {EXPECTED}")
    kind = kind_of(path)
    if kind == "zip":
        found_names = npz.array_names(path)
        wanted = found_names if len(found_names) <= _MOST_ARRAYS else [n for n in found_names if meaning_of(n)]
        return predicted_of(path, npz.read_arrays(path, wanted))
    if kind == "npy":
        return predicted_of(path, _of_matrix(path, array_in(path)))
    if kind == "text" and path.suffix.lower() != ".npz":
        table = read_table(path)
        arrays = _of_table(table)
        columns = next((array.shape[1] for array in arrays.values() if array.ndim == 2 and array.shape[1] > 1), 0)
        return predicted_of(path, arrays, [table.notice], columns)
    what = "an intact .npz file" if path.suffix.lower() == ".npz" else EXPECTED.removeprefix("expected ")
    raise InputError(f"{one_line(path)}: expected {what}")


def _of_folder(path: Path) -> Predicted:
    kinds = sorted_by_kind(files_below(path))
    if "npy" not in kinds:
        raise InputError(f"{one_line(path)}: is not a regular file; {EXPECTED}")
    return predicted_of(path, arrays_in(path, kinds["npy"]))


def _of_matrix(path: Path, matrix: Array) -> dict[str, Array]:
    """A single array, as a table without a header: the label first, then a column for each class."""
    if matrix.ndim != 2 or matrix.shape[1] < 2:
        raise InputError(f"{one_line(path)}: holds one array without labels, expected a column of labels, then scores")
    return {"labels": matrix[:, 0], "scores": np.ascontiguousarray(matrix[:, 1:])}


def _of_table(table: Table) -> dict[str, Array]:
    """The label in the column that is named for it, or the first; then a column for each class."""
    label = label_column(table)
    roles = {number: _role(table, number) for number in range(table.columns)}
    arrays: dict[str, Array] = {table.header[label] if table.header else "labels": table.column(label)}
    beside = [number for number, role in roles.items() if role in _BESIDE and number != label and table.header]
    for number in beside:
        arrays[table.header[number]] = table.column(number)
    scores = [n for n in table.numeric if n != label and n not in beside and not _is_index(table, n)]
    if not scores:
        if not table.header and table.columns == 2:  # two columns of text: the truth, and what was said
            arrays["predictions"] = table.column(1)
        return arrays
    matrix = np.stack([table.column(number) for number in scores], axis=1).astype(np.float64)
    if len(scores) == 1:
        arrays[table.header[scores[0]] if roles[scores[0]] else "scores"] = matrix
        return arrays
    said = roles[scores[0]]
    arrays[said if said in ("logits", "probabilities") else "scores"] = matrix
    if table.header:
        arrays["label_names"] = np.array(_class_names([table.header[number] for number in scores]))
    return arrays


def _role(table: Table, number: int) -> Role | None:
    meaning = meaning_of(table.header[number]) if table.header else None
    return meaning.role if meaning is not None else None


def _is_index(table: Table, number: int) -> bool:
    name = table.header[number].lower() if table.header else "label"
    return not name or name.startswith("unnamed") or name in ("id", "index", "row")


def _class_names(header: Sequence[str]) -> list[str]:
    """Without what stands before each of them: prob_cat, prob_dog."""
    bare = [_BEFORE_A_CLASS.sub("", name, count=1) for name in header]
    changed = all(_BEFORE_A_CLASS.match(name) for name in header)
    return bare if changed and all(bare) and len(set(bare)) == len(bare) else list(header)
