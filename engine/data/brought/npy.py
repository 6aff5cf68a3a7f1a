"""Checked reading of one array in numpy's format: a header that is compared with what is there, then the elements."""

from __future__ import annotations

import math
import tokenize
import warnings
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data.brought.object_text import TextRefused, read_text
from engine.verdicts.one_line import one_line

Array = npt.NDArray[Any]

LARGEST_BYTES = 2**30
_PIECE = 1 << 20
MENDING = "save text with .astype(str), numbers with .astype(float)"
# What numpy's header parser raises on headers that are not what they claim to be.
DAMAGE = (
    EOFError,
    OverflowError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    tokenize.TokenError,
)


def read_array(what: str, stream: IO[bytes], size: int) -> Array:
    """The array in `stream`, which is `size` bytes long; an array of Python's texts comes as an array of text.

    `what` names it in refusals, such as "own.npz: train_images".

    Raises:
        InputError: its header promises another length, or it is not of plain numbers or text.
        DAMAGE: there is no header.
    """
    shape, fortran_order, dtype = _header(stream)
    left = size - stream.tell()
    if dtype.hasobject:
        return _of_objects(what, stream, left, shape, fortran_order)
    if dtype.names is not None or dtype.subdtype is not None or dtype.itemsize == 0:
        raise InputError(f"{what} is of {one_line(dtype)}, expected plain numbers or text")
    promised = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or promised != left:
        raise InputError(f"{what} holds {left:,} bytes, but its header promises {shape_text(shape)} of {dtype}")
    # Writable memory, as torch wants it, filled without a second copy.
    content = np.empty(promised, dtype=np.uint8)
    filled = 0
    while filled < promised and (piece := stream.read(min(_PIECE, promised - filled))):
        content[filled : filled + len(piece)] = np.frombuffer(piece, dtype=np.uint8)
        filled += len(piece)
    if filled != promised:
        raise InputError(f"{what} holds {filled:,} bytes, but its header promises {shape_text(shape)} of {dtype}")
    stream.read(1)  # at the end of a zip's member its checksum is compared
    return content.view(dtype).reshape(shape, order="F" if fortran_order else "C")


def _of_objects(what: str, stream: IO[bytes], left: int, shape: tuple[int, ...], fortran_order: bool) -> Array:
    try:
        texts = read_text(stream.read(left), math.prod(shape))
    except TextRefused as error:
        raise InputError(f"{what} holds Python objects ({error}), expected plain numbers or text: {MENDING}") from None
    return np.array(texts, dtype=np.str_).reshape(shape, order="F" if fortran_order else "C")


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that Python 2 wrote it
        if version == (1, 0):
            return np.lib.format.read_array_header_1_0(stream)
        if version == (2, 0):
            return np.lib.format.read_array_header_2_0(stream)
    raise ValueError(f"an array of format {version[0]}.{version[1]}, which numpy writes for records only")


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape for people: "60000 × 28 × 28"."""
    return " × ".join(map(str, shape)) if shape else "a single value"
