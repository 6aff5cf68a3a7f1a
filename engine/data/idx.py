"""Checked reading of IDX files, the format of MNIST and its relatives, with or without gzip.

An IDX file is a magic number (two zero bytes, the element type, the number of dimensions), the dimensions as
big-endian 32-bit integers, then the elements in C order (yann.lecun.com/exdb/mnist, "FILE FORMATS").
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data.brought.content import expect_regular, is_gzip, refusing, unpacked
from engine.verdicts.one_line import one_line

UNSIGNED_BYTES = 0x08
LARGEST_BYTES = 2**31
# Deflate cannot expand a byte to more than 1,032; a header that promises more lies, and is not allocated for.
LARGEST_EXPANSION = 1032
# The types of elements, big-endian.
ELEMENTS: dict[int, np.dtype[Any]] = {
    UNSIGNED_BYTES: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_MOST_DIMENSIONS = 4
_LONGEST_HEADER = 4 + 4 * _MOST_DIMENSIONS
_KINDS = {1: "labels, 1 dimension", 3: "images, 3 dimensions"}

Bytes = npt.NDArray[np.uint8]


def read_images(path: Path) -> Bytes:
    """The images in `path`, `(images, height, width)`, uint8; raises InputError where they are not that."""
    images: Bytes = _read(path, dimensions=3)
    if 0 in images.shape:
        shape = " × ".join(map(str, images.shape))
        raise InputError(f"{one_line(path)}: found {shape} pixels, expected at least one image of one pixel")
    return images


def read_labels(path: Path, num_classes: int | None) -> npt.NDArray[np.int64]:
    """The labels in `path`, `(images,)`, int64; raises InputError where one is not below `num_classes`."""
    labels = _read(path, dimensions=1)
    if num_classes is not None and len(labels) and int(labels.max()) >= num_classes:
        where = int(np.argmax(labels >= num_classes))
        raise InputError(f"{one_line(path)}: found {labels[where]} as label {where}, expected 0 to {num_classes - 1}")
    return labels.astype(np.int64)


def read_pair(images_path: Path, labels_path: Path, num_classes: int | None) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Images and their labels; raises InputError where either is bad or their numbers differ."""
    labels = read_labels(labels_path, num_classes)
    images = read_images(images_path)
    if len(images) != len(labels):
        raise InputError(
            f"{one_line(labels_path)}: found {len(labels):,} labels, expected {len(images):,}, "
            f"one for each image in {images_path.name!a}"
        )
    return images, labels


def read_any(path: Path) -> npt.NDArray[Any]:
    """The array in `path`, of whatever elements and dimensions; raises InputError where it is none."""
    return _read(path, dimensions=None)


def dimensions_of(head: bytes) -> int:
    """How many dimensions the IDX file that begins with `head` says it has."""
    return head[3] if len(head) > 3 else 0


def _read(path: Path, dimensions: int | None) -> npt.NDArray[Any]:
    """The array in `path`, a gzip archive or not, of unsigned bytes where the number of `dimensions` is known."""
    with refusing(path):
        expect_regular(path, LARGEST_BYTES)
        content = path.read_bytes()
        gzipped = is_gzip(content)
        pieces = unpacked(path, content) if gzipped else iter([content])
        return _parse(path, pieces, dimensions, len(content) * (LARGEST_EXPANSION if gzipped else 1))


def _parse(path: Path, pieces: Iterator[bytes], dimensions: int | None, largest: int) -> npt.NDArray[Any]:
    """The array that `pieces` hold, which are together at most `largest` bytes long."""
    head = next(pieces, b"")
    while len(head) < _LONGEST_HEADER and (piece := next(pieces, None)) is not None:
        head += piece
    element, dimensions = _kind(path, head, dimensions)
    shape = _shape(path, head, dimensions)
    header_bytes = 4 + 4 * dimensions
    size = int(np.prod(shape, dtype=object)) * element.itemsize
    promised = f"its header promises {size + header_bytes:,} bytes ({' × '.join(map(str, shape))})"
    if size + header_bytes > LARGEST_BYTES:
        raise InputError(f"{one_line(path)}: {promised}, expected at most {LARGEST_BYTES:,}")
    if size + header_bytes > largest:
        raise InputError(f"{one_line(path)}: holds at most {largest:,} bytes, but {promised}")
    elements = np.empty(size, dtype=np.uint8)
    filled = 0
    for piece in _joined(head[header_bytes:], pieces):
        if filled + len(piece) > size:
            raise InputError(f"{one_line(path)}: {promised}, but more bytes follow")
        elements[filled : filled + len(piece)] = np.frombuffer(piece, dtype=np.uint8)
        filled += len(piece)
    if filled < size:
        raise InputError(f"{one_line(path)}: holds {filled + header_bytes:,} bytes, but {promised}")
    return elements.view(element).astype(element.newbyteorder("="), copy=False).reshape(shape)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _kind(path: Path, head: bytes, dimensions: int | None) -> tuple[np.dtype[Any], int]:
    """What the elements are, and the number of dimensions."""
    if dimensions is not None:
        expected = bytes([0, 0, UNSIGNED_BYTES, dimensions])
        if head[:4] == expected:
            return ELEMENTS[UNSIGNED_BYTES], dimensions
        wanted = f"{expected.hex(' ')} (unsigned bytes, {_KINDS[dimensions]})"
    else:
        if len(head) > 3 and head[:2] == b"\0\0" and head[2] in ELEMENTS and 1 <= head[3] <= _MOST_DIMENSIONS:
            return ELEMENTS[head[2]], head[3]
        wanted = "00 00, a type and 1 to 4 dimensions"
    raise InputError(f"{one_line(path)}: magic number is {head[:4].hex(' ') or 'nothing'}, expected {wanted}")


def _shape(path: Path, head: bytes, dimensions: int) -> tuple[int, ...]:
    if len(head) < 4 + 4 * dimensions:
        raise InputError(f"{one_line(path)}: found {len(head)} bytes, expected a header of {4 + 4 * dimensions} bytes")
    return struct.unpack_from(f">{dimensions}I", head, 4)
