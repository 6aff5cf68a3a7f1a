"""Checked reading of IDX files, the format of MNIST and its relatives, with or without gzip.

An IDX file is a magic number (two zero bytes, the element type, the number of dimensions), the dimensions as
big-endian 32-bit integers, then the elements in C order (yann.lecun.com/exdb/mnist, "FILE FORMATS").
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.verdicts.one_line import one_line

UNSIGNED_BYTES = 0x08
LARGEST_BYTES = 2**31
# Deflate cannot expand a byte to more than 1,032; a header that promises more lies, and is not allocated for.
LARGEST_EXPANSION = 1032
_PIECE = 1 << 20
_KINDS = {1: "labels, 1 dimension", 3: "images, 3 dimensions"}

Bytes = npt.NDArray[np.uint8]


def read_images(path: Path) -> Bytes:
    """The images in `path`, `(images, height, width)`, uint8; raises InputError where they are not that."""
    images = _read(path, dimensions=3)
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


def _read(path: Path, dimensions: int) -> Bytes:
    """The array in `path`; every OSError and zlib.error becomes an InputError that names the file."""
    try:
        content = _content(path)
        gzipped = path.suffix == ".gz"
        pieces = _decompressed(path, content) if gzipped else iter([content])
        return _parse(path, pieces, dimensions, len(content) * (LARGEST_EXPANSION if gzipped else 1))
    except OSError as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error.strerror or error)}") from None
    except zlib.error as error:
        raise InputError(
            f"{one_line(path)}: found a damaged gzip archive ({error}), expected an intact archive"
        ) from None
    except MemoryError:
        raise InputError(f"{one_line(path)}: does not fit into memory") from None


def _content(path: Path) -> bytes:
    """The bytes of a regular file of bearable size: a device or a pipe would never end."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{one_line(path)}: is not a regular file, expected an IDX file")
    if status.st_size > LARGEST_BYTES:
        raise InputError(f"{one_line(path)}: found {status.st_size:,} bytes, expected at most {LARGEST_BYTES:,}")
    return path.read_bytes()


def _decompressed(path: Path, content: bytes) -> Iterator[bytes]:
    """The pieces of a gzip archive, checked against its own checksum and length at the end."""
    if not content.startswith(b"\x1f\x8b"):
        raise InputError(f"{one_line(path)}: starts with {content[:4]!r}, expected a gzip archive (1f 8b)")
    archive = zlib.decompressobj(wbits=31)
    for start in range(0, len(content), _PIECE):
        pending = content[start : start + _PIECE]
        while pending and not archive.eof:
            yield archive.decompress(pending, _PIECE)
            pending = archive.unconsumed_tail
        if archive.eof:
            following = len(archive.unused_data) + max(0, len(content) - start - _PIECE)
            break
    else:
        # The last piece may have been cut by its own limit with all input consumed.
        yield archive.decompress(b"", _PIECE)
        following = 0
    if not archive.eof:
        raise InputError(
            f"{one_line(path)}: found a gzip archive that ends after {len(content):,} bytes, "
            "expected a complete archive"
        )
    if following:
        raise InputError(f"{one_line(path)}: found {following:,} bytes after the gzip archive, expected none")


def _parse(path: Path, pieces: Iterator[bytes], dimensions: int, largest: int) -> Bytes:
    """The array that `pieces` hold, which are together at most `largest` bytes long."""
    header_bytes = 4 + 4 * dimensions
    head = b""
    while len(head) < header_bytes and (piece := next(pieces, None)) is not None:
        head += piece
    shape = _shape(path, head, dimensions)
    size = int(np.prod(shape, dtype=object))
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
    return elements.reshape(shape)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _shape(path: Path, head: bytes, dimensions: int) -> tuple[int, ...]:
    expected = bytes([0, 0, UNSIGNED_BYTES, dimensions])
    if len(head) < 4 or head[:4] != expected:
        found = head[:4].hex(" ") or "nothing"
        raise InputError(
            f"{one_line(path)}: magic number is {found}, expected {expected.hex(' ')} "
            f"(unsigned bytes, {_KINDS[dimensions]})"
        )
    if len(head) < 4 + 4 * dimensions:
        raise InputError(f"{one_line(path)}: found {len(head)} bytes, expected a header of {4 + 4 * dimensions} bytes")
    return struct.unpack_from(f">{dimensions}I", head, 4)
