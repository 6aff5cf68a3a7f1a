"""What any other classifier said about its images, in one `.npz` file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.analysis.evidence import Evidence
from engine.analysis.thresholds import Integers
from engine.contract.errors import InputError
from engine.data.brought.images import pictures_of
from engine.data.brought.npy import shape_text
from engine.data.brought.npz import read_arrays
from engine.data.classes import FEWEST_CLASSES, MOST_CLASSES
from engine.verdicts.one_line import one_line

KEYS = ("logits", "probabilities", "labels", "images", "label_names")
SUM_TOLERANCE = 1e-3  # of a row of probabilities: float16 is off by up to half of that
_LONGEST_LABEL = 60

Scores = npt.NDArray[np.floating]
Images = npt.NDArray[np.uint8] | npt.NDArray[np.float32]


@dataclass(frozen=True)
class Foreign:
    """A predictions file. `scores` (n, classes) are what `kind` says, `labels` (n,) lie in 0 … classes − 1.

    `images` are (n, height, width) or (n, features), None where the file holds none.
    """

    path: Path
    kind: Literal["logits", "probabilities"]
    scores: Scores
    labels: Integers
    label_names: tuple[str, ...]
    images: Images | None

    def evidence(self) -> Evidence:
        """For Decide: the scores as they are."""
        of = Evidence.of_logits if self.kind == "logits" else Evidence.of_probabilities
        return of(self.scores, self.labels, self.label_names, one_line(self.path))


def read_foreign(path: Path) -> Foreign:
    """Reads and checks a predictions file: `logits` or `probabilities`, `labels`, optional `images`, `label_names`.

    Raises:
        InputError: one line that names what was found and what was expected.
    """
    if not path.is_file():
        found = "is not a regular file" if path.exists() else "no such file"
        raise InputError(f"{one_line(path)}: {found}; expected an .npz file of predictions")
    arrays = read_arrays(path, KEYS)
    kind = _kind(path, arrays)
    scores = _scores(path, kind, arrays[kind])
    if kind == "probabilities":
        _check_probabilities(path, scores)
    images, classes = scores.shape
    return Foreign(
        path=path,
        kind=kind,
        scores=scores,
        labels=_labels(path, arrays["labels"], images, classes),
        label_names=_label_names(path, arrays["label_names"], classes)
        if "label_names" in arrays
        else tuple(map(str, range(classes))),
        images=_images(path, arrays["images"], images) if "images" in arrays else None,
    )


def _kind(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> Literal["logits", "probabilities"]:
    held = [key for key in ("logits", "probabilities") if key in arrays]
    missing = [*(() if held else ("logits or probabilities",)), *(() if "labels" in arrays else ("labels",))]
    if missing:
        raise InputError(
            f"{one_line(path)}: holds no {' and no '.join(missing)}; expected logits or probabilities, labels "
            "and, if you like, images and label_names"
        )
    if len(held) == 2:
        raise InputError(f"{one_line(path)}: holds logits and probabilities, expected one of them")
    return "logits" if held == ["logits"] else "probabilities"


def _scores(path: Path, kind: str, scores: npt.NDArray[Any]) -> Scores:
    if scores.ndim != 2 or scores.dtype.kind != "f":
        raise InputError(
            f"{one_line(path)}: {kind} is {shape_text(scores.shape)} of {one_line(scores.dtype)}, "
            "expected (n, classes) of floats"
        )
    images, classes = scores.shape
    if not FEWEST_CLASSES <= classes <= MOST_CLASSES:
        raise InputError(
            f"{one_line(path)}: {kind} has {classes} column{'' if classes == 1 else 's'}, "
            f"expected {FEWEST_CLASSES} to {MOST_CLASSES} classes"
        )
    if images < 2:
        raise InputError(f"{one_line(path)}: {kind} has {images} row{'' if images == 1 else 's'}, expected at least 2")
    finite = np.isfinite(scores)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise InputError(f"{one_line(path)}: {kind}[{row}, {column}] is {scores[row, column]}, expected finite numbers")
    # In the machine's byte order, and writable: torch insists on both.
    return scores.astype(scores.dtype.newbyteorder("="))


def _check_probabilities(path: Path, probabilities: Scores) -> None:
    outside = (probabilities < 0) | (probabilities > 1 + SUM_TOLERANCE)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise InputError(
            f"{one_line(path)}: probabilities[{row}, {column}] is {probabilities[row, column]:g}, expected 0 to 1; "
            "if these are logits, save them under that name"
        )
    sums = probabilities.sum(axis=1, dtype=np.float64)
    off = np.abs(sums - 1) > SUM_TOLERANCE
    if off.any():
        row = int(np.flatnonzero(off)[0])
        raise InputError(
            f"{one_line(path)}: row {row} of probabilities sums to {sums[row]:g}, expected 1; "
            "if these are logits, save them under that name"
        )


def _labels(path: Path, labels: npt.NDArray[Any], images: int, classes: int) -> Integers:
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise InputError(
            f"{one_line(path)}: labels is {shape_text(labels.shape)} of {one_line(labels.dtype)}, "
            "expected (n,) of integers"
        )
    if len(labels) != images:
        raise InputError(f"{one_line(path)}: labels holds {len(labels):,}, expected {images:,}, one for each row")
    # The smallest and largest are looked at before uint64 could wrap around in int64.
    if not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise InputError(
            f"{one_line(path)}: labels goes from {labels.min()} to {labels.max()}, "
            f"expected 0 to {classes - 1} with {classes} classes"
        )
    return labels.astype(np.int64)


def _label_names(path: Path, names: npt.NDArray[Any], classes: int) -> tuple[str, ...]:
    if names.dtype.kind not in "US" or names.shape != (classes,):
        raise InputError(
            f"{one_line(path)}: label_names is {shape_text(names.shape)} of {one_line(names.dtype)}, "
            f"expected ({classes},) of text"
        )
    try:
        texts = [name if isinstance(name, str) else name.decode() for name in names.tolist()]
    except ValueError as error:
        raise InputError(f"{one_line(path)}: label_names: {one_line(error)}; expected text") from None
    return tuple(one_line(text, _LONGEST_LABEL) for text in texts)


def _images(path: Path, images: npt.NDArray[Any], count: int) -> Images:
    if images.ndim not in (2, 3) or 0 in images.shape or len(images) != count:
        raise InputError(
            f"{one_line(path)}: images is {shape_text(images.shape)}, expected ({count:,}, height, width) "
            f"or ({count:,}, features), none of them 0"
        )
    return pictures_of(path, {"images": images}).images["images"]
