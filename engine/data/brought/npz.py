"""Checked reading of `.npz` archives, which come from anyone.

Nothing in a file is believed before it is checked: an archive's headers are compared with the lengths of its
members before memory is taken, and nothing is unpickled.
"""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.contract.errors import InputError
from engine.data.brought.npy import DAMAGE, LARGEST_BYTES, Array, read_array
from engine.data.idx import LARGEST_EXPANSION
from engine.verdicts.one_line import one_line

_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_MEMBERS = 10_000


def array_names(path: Path) -> list[str]:
    """The arrays in the `.npz` file `path`; raises InputError, one line, where it is no intact archive."""
    with _refusing(path), zipfile.ZipFile(path) as archive:
        return list(_members(path, archive))


def read_arrays(path: Path, keys: Collection[str]) -> dict[str, Array]:
    """Those of the arrays called `keys` that the `.npz` file `path` holds; others are not even unpacked.

    Raises InputError, one line, where `path` is no intact archive, or an array is not of plain numbers or
    text.
    """
    with _refusing(path), zipfile.ZipFile(path) as archive:
        wanted = {key: info for key, info in _members(path, archive).items() if key in keys}
        total = sum(info.file_size for info in wanted.values())
        if total > LARGEST_BYTES:
            raise InputError(f"{one_line(path)}: unpacks to {total:,} bytes, expected at most {LARGEST_BYTES:,}")
        return {key: _array(path, key, archive, info) for key, info in wanted.items()}


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place before the beginning of the file
            raise InputError(f"{one_line(path)}: damaged; expected an intact .npz file") from None
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error.strerror or error)}") from None
    except MemoryError:
        raise InputError(f"{one_line(path)}: does not fit into memory") from None
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, *DAMAGE) as error:
        raise InputError(
            f"{one_line(path)}: {one_line(error) or type(error).__name__}; expected an intact .npz file"
        ) from None


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise InputError(f"{one_line(path)}: holds {len(infos):,} arrays, expected at most {_MOST_MEMBERS:,}")
    arrays = {info.filename.removesuffix(".npy"): info for info in infos if info.filename.endswith(".npy")}
    if infos and not arrays:
        found = one_line(infos[0].filename, 60)
        raise InputError(
            f"{one_line(path)}: is a zip archive of {found}, expected arrays: unpack it and name the folder"
        )
    return arrays


def _array(path: Path, key: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    what = f"{one_line(path)}: {one_line(key, 60)}"
    most = min(info.compress_size, path.stat().st_size) * LARGEST_EXPANSION
    if info.compress_type not in _COMPRESSIONS or info.file_size > most:
        raise InputError(
            f"{what} claims {info.file_size:,} bytes in {info.compress_size:,} packed bytes, "
            "expected a member that is stored or deflated"
        )
    with archive.open(info) as member:
        return read_array(what, member, info.file_size)
