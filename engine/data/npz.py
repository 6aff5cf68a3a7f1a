"""Checked reading of `.npz` archives, which come from anyone.

Nothing in a file is believed before it is checked: an archive's headers are compared with the lengths of its
members before memory is taken, and pickled arrays are refused.
"""

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data.idx import LARGEST_BYTES, LARGEST_EXPANSION
from engine.verdicts.one_line import one_line

_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile, zlib and numpy's header parser raise on files that are not what they claim to be.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    tokenize.TokenError,
)


def read_arrays(path: Path, keys: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
    """Those of the arrays called `keys` that the `.npz` file `path` holds; others are not even unpacked.

    Raises InputError, one line, where `path` is no intact archive, or an array is not of plain numbers or
    text.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            wanted = {key: members[key] for key in keys if key in members}
            total = sum(info.file_size for info in wanted.values())
            if total > LARGEST_BYTES:
                raise InputError(f"{one_line(path)}: unpacks to {total:,} bytes, expected at most {LARGEST_BYTES:,}")
            return {key: _array(path, key, archive, info) for key, info in wanted.items()}
    except OSError as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error.strerror or error)}") from None
    except MemoryError:
        raise InputError(f"{one_line(path)}: does not fit into memory") from None
    except _DAMAGE as error:
        raise InputError(
            f"{one_line(path)}: {one_line(error) or type(error).__name__}; expected an intact .npz file"
        ) from None


def _array(path: Path, key: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> npt.NDArray[Any]:
    most = min(info.compress_size, path.stat().st_size) * LARGEST_EXPANSION
    if info.compress_type not in _COMPRESSIONS or info.file_size > most:
        raise InputError(
            f"{one_line(path)}: {key} claims {info.file_size:,} bytes in {info.compress_size:,} packed bytes, "
            "expected a member that is stored or deflated"
        )
    with archive.open(info) as member:
        shape, fortran_order, dtype = _header(member)
        if dtype.hasobject:
            raise InputError(f"{one_line(path)}: {key} is pickled, expected an array of plain numbers or text")
        if dtype.names is not None or dtype.subdtype is not None or dtype.itemsize == 0:
            raise InputError(f"{one_line(path)}: {key} is of {one_line(dtype)}, expected plain numbers or text")
        content = member.read()
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise InputError(
            f"{one_line(path)}: {key} holds {len(content):,} bytes, but its header promises "
            f"{shape_text(shape)} of {dtype}"
        )
    # Copied once: torch wants memory that could be written to.
    return np.frombuffer(bytearray(content), dtype=dtype).reshape(shape, order="F" if fortran_order else "C")


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(member)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(member)
    if version == (2, 0):
        return np.lib.format.read_array_header_2_0(member)
    raise ValueError(f"an array of format {version[0]}.{version[1]}, which numpy writes for records only")


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape for people: "60000 × 28 × 28"."""
    return " × ".join(map(str, shape)) if shape else "a single value"
