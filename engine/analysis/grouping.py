"""Which group each image is in: as a file says, or by brightness or size, which stand in for what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.analysis.thresholds import Floats, Integers
from engine.contract.errors import InputError
from engine.contract.groups import STAND_INS, GroupsBy
from engine.data.brought.predictions import Groups

Pictures = npt.NDArray[Any]

_THIRDS = {
    "brightness": ("dark third", "middle third", "bright third"),
    "size": ("small third", "middle third", "large third"),
}
_LIT = 0.25  # of the way from the darkest to the brightest pixel: from there on a pixel is lit
_AT_ONCE = 4_096  # images, so that no copy of all of them is made
_NOTHING = "No groups: the predictions name none, and there are no images to make some of."
_ALIKE = "No groups: by {by} all images are alike."


@dataclass(frozen=True)
class Grouping:
    """`numbers` (n,) are places in `names`; both are empty, and `why_none` says why, where there are no groups."""

    by: GroupsBy
    choices: tuple[GroupsBy, ...]
    names: tuple[str, ...] = ()
    numbers: Integers | None = None
    why_none: str = ""


NO_GROUPS = Grouping("none", ("none",))


def grouping_of(by: GroupsBy | None, named: Groups | None, pictures: Pictures | None, channels: int = 1) -> Grouping:
    """Groups by what is asked for; None takes those of the file, else brightness, else none.

    `named` are the groups of a file, `pictures` (n, features) the images, a pixel being `channels` features.

    Raises:
        InputError: there are no such groups.
    """
    choices: tuple[GroupsBy, ...] = (
        *(("file",) if named is not None else ()),
        *(STAND_INS if pictures is not None else ()),
        "none",
    )
    if by is None:
        by = choices[0]
    elif by not in choices:
        raise InputError(f"groups: found {by}, expected {' or '.join(choices)}; {_lacking(by)}")
    if by == "file" and named is not None:
        return Grouping(by, choices, named.names, named.numbers)
    if by == "none" or pictures is None:
        return Grouping("none", choices, why_none=_NOTHING if choices == ("none",) else "")
    measured = brightness(pictures) if by == "brightness" else lit_pixels(pictures, channels)
    names, numbers = _thirds(measured, _THIRDS[by])
    if len(names) < 2:
        return Grouping("none", choices, why_none=_ALIKE.format(by=by))
    return Grouping(by, choices, names, numbers)


def _lacking(by: GroupsBy) -> str:
    return "the predictions name no groups" if by == "file" else "there are no images"


def brightness(pictures: Pictures) -> Floats:
    """The mean (n,) of all pixels of each image (n, features)."""
    return np.asarray(pictures.mean(axis=1, dtype=np.float64))


def lit_pixels(pictures: Pictures, channels: int = 1) -> Floats:
    """How many pixels of each image (n,) are lit: brighter than a quarter of the way from darkest to brightest."""
    low, high = float(pictures.min()), float(pictures.max())
    least = low + _LIT * (high - low)
    found = np.empty(len(pictures))
    for start in range(0, len(pictures), _AT_ONCE):
        chunk = pictures[start : start + _AT_ONCE]
        pixels = chunk if channels == 1 else chunk.reshape(len(chunk), -1, channels).mean(axis=2)
        found[start : start + _AT_ONCE] = np.count_nonzero(pixels > least, axis=1)
    return found


def _thirds(measured: Floats, names: tuple[str, str, str]) -> tuple[tuple[str, ...], Integers]:
    """Three groups of about the same size, equal values in the same group; a group without images is left out."""
    edges = np.quantile(measured, [1 / 3, 2 / 3])
    thirds = np.searchsorted(edges, measured, side="left")
    found, numbers = np.unique(thirds, return_inverse=True)
    return tuple(names[third] for third in found), numbers.reshape(-1).astype(np.int64)
