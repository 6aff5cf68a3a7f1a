"""The bytes of a file, unpacked where they are a gzip archive, whatever the file is called; bounded."""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from engine.contract.errors import InputError
from engine.verdicts.one_line import one_line

Kind = Literal["zip", "npy", "idx", "picture", "pickle", "text", "unknown"]

_PIECE = 1 << 20
_HEAD = 4096
_PICKLES = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
_TORCH = (".pt", ".pth", ".ckpt")
_PICKLED = (*_TORCH, ".pkl", ".pickle", ".joblib")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")


def is_gzip(head: bytes) -> bool:
    """Whether a file that begins so is a gzip archive."""
    return head.startswith(b"\x1f\x8b")


def kind_of(path: Path) -> Kind:
    """What a file holds, by its first bytes.

    Raises:
        InputError: it is no regular file, or cannot be read.
    """
    head = head_of(path)
    if head and path.suffix.lower() in _PICKLED:
        return "pickle"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x93NUMPY"):
        return "npy"
    if head[:2] == b"\0\0" and head[2:3] in (b"\x08", b"\x09", b"\x0b", b"\x0c", b"\x0d", b"\x0e"):
        return "idx"
    if head.startswith(_PICTURES):
        return "picture"
    if head.startswith(_PICKLES):
        return "pickle"
    is_text = head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in head[::2] or b"\0" not in head[1::2]
    return "text" if head and is_text else "unknown"


def pickled(path: Path, torch: bool = False) -> InputError:
    """The refusal of a pickle, which is a program; a file of torch's is one in a zip archive."""
    what = "a torch file" if torch or path.suffix.lower() in _TORCH else "a pickle"
    return InputError(
        f"{one_line(path)}: found {what}, expected arrays; nothing is unpickled: save the arrays with numpy.savez"
    )


def head_of(path: Path) -> bytes:
    """The first bytes of a file, of what it holds where it is a gzip archive."""
    with refusing(path):
        expect_regular(path)
        with path.open("rb") as file:
            head = file.read(_HEAD)
    if not is_gzip(head):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error:
        return head


def content_of(path: Path, most: int) -> bytes:
    """All bytes of a file, `most` at most, unpacked where it is a gzip archive.

    Raises:
        InputError: there are more, the archive is damaged, or the file cannot be read.
    """
    with refusing(path):
        expect_regular(path, most)
        content = path.read_bytes()
        if not is_gzip(content):
            return content
        pieces, size = [], 0
        for piece in unpacked(path, content):
            size += len(piece)
            if size > most:
                raise InputError(f"{one_line(path)}: unpacks to more than {most:,} bytes, expected fewer")
            pieces.append(piece)
        return b"".join(pieces)


def unpacked(path: Path, content: bytes) -> Iterator[bytes]:
    """The pieces of a gzip archive, checked against its own checksum and length at the end."""
    archive = zlib.decompressobj(wbits=31)
    following = 0
    try:
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
    except zlib.error as error:
        raise InputError(
            f"{one_line(path)}: found a damaged gzip archive ({error}), expected an intact archive"
        ) from None
    if not archive.eof:
        raise InputError(
            f"{one_line(path)}: found a gzip archive that ends after {len(content):,} bytes, "
            "expected a complete archive"
        )
    if following:
        raise InputError(f"{one_line(path)}: found {following:,} bytes after the gzip archive, expected none")


def expect_regular(path: Path, most: int | None = None) -> None:
    """Raises InputError for what is no regular file, for a device or a pipe would never end, or is too large."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{one_line(path)}: is not a regular file, expected a file of data")
    if most is not None and status.st_size > most:
        raise InputError(f"{one_line(path)}: found {status.st_size:,} bytes, expected at most {most:,}")


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """What the system refuses, or memory does not hold, becomes an InputError that names the file."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error.strerror or error)}") from None
    except MemoryError:
        raise InputError(f"{one_line(path)}: does not fit into memory") from None
