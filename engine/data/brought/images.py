"""Images as people save them, made bytes or float32: a channel axis first, last or not there, bools, whole numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.contract.errors import InputError
from engine.data.brought.npy import Array, shape_text
from engine.data.dataset import Images
from engine.verdicts.one_line import one_line

_CHANNELS = (3, 4)
_MNIST_SIDE = 28
_LEAST_SIDE = 8  # of rows of bytes that are taken for square pictures
_EXPECTED = "expected (n, height, width), (n, height, width, channels), (n, channels, height, width) or (n, features)"
_SHOWN = 60


class Pictures(NamedTuple):
    """Of each part the images: (n, features), (n, height, width) or (n, height, width, channels), uint8 or float32."""

    images: dict[str, Images]
    notices: tuple[str, ...] = ()


def pictures_of(path: Path, parts: Mapping[str, Array]) -> Pictures:
    """The images of all parts together, so that they are treated alike.

    Raises:
        InputError: they are no images, are not finite, or differ in shape or kind.
    """
    shaped, notices = {}, list[str]()
    for key, images in parts.items():
        if images.dtype.kind not in "buif":
            raise InputError(
                f"{one_line(path)}: {_shown(key)} is of {one_line(images.dtype)}, expected uint8 or other numbers"
            )
        shaped[key] = _without_channel(f"{one_line(path)}: {_shown(key)}", images)
    floats = {key: _floats(path, key, images) for key, images in shaped.items() if images.dtype.kind == "f"}
    first = next(iter(shaped))
    for key, images in shaped.items():
        if images.shape[1:] != shaped[first].shape[1:]:
            raise InputError(
                f"{one_line(path)}: {_shown(key)} are {shape_text(images.shape[1:])} of {images.dtype}, expected "
                f"{shape_text(shaped[first].shape[1:])} of {shaped[first].dtype} as in {_shown(first)}"
            )
    pixels = _pixels(path, shaped, floats)
    side = math.isqrt(pixels[first].shape[1])
    if _is_flat_picture(pixels[first], side):
        pixels = {key: images.reshape(len(images), side, side) for key, images in pixels.items()}
        notices.append(f"{side * side} features: drawn as pictures of {side} × {side}")
    return Pictures(pixels, tuple(notices))


def _is_flat_picture(images: Images, side: int) -> bool:
    """Whether features are most likely the pixels of a square: bytes, or floats from 0 to 1 of MNIST's size."""
    if images.ndim != 2 or side * side != images.shape[1]:
        return False
    if images.dtype == np.uint8:
        return side >= _LEAST_SIDE
    return side == _MNIST_SIDE and bool(images.min() >= 0 and images.max() <= 1)


def _shown(key: str) -> str:
    return one_line(key, _SHOWN)


def _without_channel(what: str, images: Array) -> Array:
    """Colours last, and no axis for a single one."""
    shape = images.shape
    if images.ndim not in (2, 3, 4) or 0 in shape:
        raise InputError(f"{what} is {shape_text(shape)}, {_EXPECTED}, no dimension of 0")
    if images.ndim == 2:
        return images
    if images.ndim == 3:
        return images.reshape(len(images), -1) if 1 in shape[1:] else images
    if shape[3] == 1 or (shape[1] == 1 and shape[3] not in _CHANNELS):
        return images.reshape(shape[:3] if shape[3] == 1 else (shape[0], *shape[2:]))
    if shape[3] in _CHANNELS:
        return images
    if shape[1] in _CHANNELS:
        return np.ascontiguousarray(np.moveaxis(images, 1, 3))
    raise InputError(f"{what} is {shape_text(shape)}, {_EXPECTED} with 1, 3 or 4 channels")


def _pixels(path: Path, parts: Mapping[str, Array], floats: dict[str, Images]) -> dict[str, Images]:
    if floats:
        if len(floats) < len(parts):
            first, other = _two_kinds(parts)
            raise InputError(
                f"{one_line(path)}: {_shown(other)} are {shape_text(parts[other].shape[1:])} of {parts[other].dtype}, "
                f"expected {shape_text(parts[first].shape[1:])} of {parts[first].dtype} as in {_shown(first)}"
            )
        return floats
    if all(images.dtype == np.uint8 for images in parts.values()):
        return {key: np.asarray(images) for key, images in parts.items()}
    least = min(int(images.min()) for images in parts.values())
    most = max(int(images.max()) for images in parts.values())
    if 0 <= least <= most <= 1:  # black and white
        return {key: images.astype(np.uint8) * np.uint8(255) for key, images in parts.items()}
    if 0 <= least <= most <= 255:
        return {key: images.astype(np.uint8) for key, images in parts.items()}
    return {key: _floats(path, key, images) for key, images in parts.items()}


def _two_kinds(parts: Mapping[str, Array]) -> tuple[str, str]:
    first = next(iter(parts))
    other = next(key for key in parts if (parts[key].dtype.kind == "f") != (parts[first].dtype.kind == "f"))
    return first, other


def _floats(path: Path, key: str, images: Array) -> Images:
    with np.errstate(over="ignore"):
        floats = images.astype(np.float32)
    if not np.isfinite(floats).all():
        where = np.argwhere(~np.isfinite(floats))[0]
        raise InputError(
            f"{one_line(path)}: {_shown(key)}[{', '.join(map(str, where))}] is {images[tuple(where)]}, "
            "expected finite numbers within float32"
        )
    return floats
