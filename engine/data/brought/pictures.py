"""A folder of image files: a folder for each class, within a folder for each part where there are parts."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from engine.contract.errors import InputError
from engine.data.brought.names import PARTS, Part, part_in
from engine.data.brought.npy import LARGEST_BYTES, Array
from engine.data.brought.parts import Brought, RawPart
from engine.data.classes import MOST_CLASSES
from engine.verdicts.naming import counted
from engine.verdicts.one_line import one_line

ENDINGS = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"))
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_GREY = frozenset(("1", "L", "LA", "I;16", "I;16B", "I;16L"))
# What Pillow raises on files that are not what they claim to be.
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, struct.error)
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
Size = tuple[int, int]


class _Picture(NamedTuple):
    path: Path
    part: Part
    label: str


def is_picture(path: Path) -> bool:
    """Whether a file is called as images are."""
    return path.suffix.lower() in ENDINGS


def read_pictures(folder: Path, files: Sequence[Path]) -> Brought:
    """The images as parts of a dataset, their classes named by their folders.

    Raises:
        InputError: an image is damaged or of another size, or there are no folders of classes.
    """
    found = [_picture(folder, path) for path in files if is_picture(path)]
    labelled = [picture for picture in found if picture.label]
    if not labelled:
        raise InputError(
            f"{one_line(folder)}: found {counted(len(found), 'image')} without a folder for each class, "
            "expected FOLDER/CLASS/IMAGE or FOLDER/train/CLASS/IMAGE"
        )
    names = sorted({picture.label for picture in labelled}, key=_by_number)
    if len(names) > MOST_CLASSES:
        raise InputError(f"{one_line(folder)}: found {len(names):,} folders of images, expected {MOST_CLASSES} classes")
    size, channels = _expect_alike([picture.path for picture in labelled])
    parts: dict[Part, RawPart] = {}
    told: dict[Part, str] = {}
    for part in PARTS:
        of_part = [picture for picture in labelled if picture.part == part]
        if of_part:
            images = np.empty((len(of_part), *size, 3) if channels == 3 else (len(of_part), *size), dtype=np.uint8)
            for number, picture in enumerate(of_part):
                images[number] = _pixels(picture.path, size, channels)
            labels = np.array([picture.label for picture in of_part], dtype=np.str_)
            where = part if part == "whole" else _part_folder(of_part[0], folder)
            parts[part] = RawPart(images, labels, f"images of {where}", f"folders of {where}")
            told[part] = f"{counted(len(of_part), 'image')} {'in all' if part == 'whole' else f'in {where}'}"
    left = len(found) - len(labelled)
    notices = (f"{counted(left, 'image')} without a folder for the class: not used",) if left else ()
    return Brought(parts, np.array(names, dtype=np.str_), "folders", notices, told=told)


def _by_number(name: str) -> tuple[bool, int, str]:
    return (False, int(name), name) if name.isascii() and name.isdecimal() and len(name) < 7 else (True, 0, name)


def _picture(folder: Path, path: Path) -> _Picture:
    above = path.relative_to(folder).parts[:-1]
    label = above[-1] if above else ""
    named = [part_in(name) for name in above[:-1]]
    part: Part = next((part for part in reversed(named) if part != "whole"), "whole")
    if part == "whole" and part_in(label) != "whole":
        return _Picture(path, part_in(label), "")
    return _Picture(path, part, label)


def _part_folder(picture: _Picture, folder: Path) -> str:
    above = picture.path.relative_to(folder).parts[:-2]
    return next(one_line(name, 60) for name in reversed(above) if part_in(name) == picture.part)


def _expect_alike(paths: Sequence[Path]) -> tuple[Size, int]:
    """The size (height, width) of all images, and 1 channel where all are grey, else 3."""
    size, channels = (0, 0), 1
    for number, path in enumerate(paths):
        with _opened(path) as image:
            found = (image.height, image.width)
            channels = channels if image.mode in _GREY else 3
        size = size if number else found
        if found != size:
            raise InputError(
                f"{one_line(path)}: found {found[0]} × {found[1]} pixels, expected {size[0]} × {size[1]} as in "
                f"{one_line(paths[0].name)}: bring all images to one size"
            )
    total = len(paths) * size[0] * size[1] * channels
    if total > LARGEST_BYTES:
        raise InputError(
            f"{one_line(paths[0].parent)}: {len(paths):,} images of {size[0]} × {size[1]} take {total:,} bytes, "
            f"expected at most {LARGEST_BYTES:,}: make the images smaller"
        )
    return size, channels


def _opened(path: Path) -> Image.Image:
    """An image of which no more than the header is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return Image.open(path, formats=_FORMATS)
        except _TOO_LARGE:
            raise InputError(f"{one_line(path)}: too many pixels, expected a small image") from None
        except _DAMAGE:
            raise InputError(f"{one_line(path)}: is no image that can be read, expected {_expected()}") from None


def _expected() -> str:
    return ", ".join(_FORMATS)


def _pixels(path: Path, size: Size, channels: int) -> Array:
    """The pixels (height, width) or (height, width, 3), uint8."""
    with _opened(path) as image:
        if (image.height, image.width) != size:
            raise InputError(f"{one_line(path)}: changed while it was read, expected the same image")
        try:
            if channels == 3:
                return np.asarray(image.convert("RGB"))
            if image.mode.startswith("I;16"):
                return (np.asarray(image) >> 8).astype(np.uint8)
            return np.asarray(image.convert("L"))
        except _DAMAGE as error:
            raise InputError(
                f"{one_line(path)}: {one_line(error) or type(error).__name__}; expected an intact image"
            ) from None
