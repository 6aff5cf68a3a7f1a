"""A checkpoint as a safetensors file, to the bit.

The layout is written by hand: eight bytes with the header's length, the header as JSON, the tensors one after another.
The package's own writer wants numpy, torch or addresses in memory, by its version; its reader checks what is read.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from pathlib import Path

import msgspec
from msgspec import Struct
from safetensors import SafetensorError, deserialize

from engine.contract.errors import InputError
from engine.store.files import shown, write_whole


class TensorBytes(Struct, frozen=True, kw_only=True):
    """A tensor's raw bytes, row by row. `dtype` is torch's name for it: "float32", "float64", "int64"."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


class Checkpoint(Struct, frozen=True, kw_only=True):
    """Everything a run needs to go on to the same bits, and where it stands.

    `minibatch` counts within the running epoch, `position` over the whole run.
    """

    epochs_done: int
    minibatch: int
    position: int
    tensors: dict[str, TensorBytes]
    numbers: dict[str, float]


_TO_FILE = {"float32": "F32", "float64": "F64", "int64": "I64"}
_FROM_FILE = {there: here for here, there in _TO_FILE.items()}
_ITEM_SIZE = {"F32": 4, "F64": 8, "I64": 8}
_LENGTH = struct.Struct("<Q")


class _Standing(Struct, frozen=True):
    """What is no tensor. `numbers` are hexadecimal, which keeps every bit, inf and nan."""

    epochs_done: int
    minibatch: int
    position: int
    numbers: dict[str, str]


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint, whole or not at all; one of the same name is replaced.

    Raises:
        InputError: the file cannot be written.
        ValueError: a tensor's bytes are not as many as its shape and dtype say, or its dtype is none of the three.
    """
    write_whole(path, _to_bytes(checkpoint))


def load(path: Path) -> Checkpoint:
    """The checkpoint that was saved.

    Raises:
        InputError: the file is missing or damaged; says what was found and what was expected.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{shown(path)}: found {error.strerror}, expected a checkpoint") from error
    try:
        return _from_bytes(content)
    except (SafetensorError, msgspec.DecodeError, ValueError, KeyError) as error:
        found = str(error).split("\n", 1)[0]
        raise InputError(
            f"{shown(path)}: found {len(content):,} damaged bytes ({found}), expected a checkpoint as it was saved"
        ) from error


def _to_bytes(checkpoint: Checkpoint) -> bytes:
    standing = msgspec.json.encode(
        _Standing(
            checkpoint.epochs_done,
            checkpoint.minibatch,
            checkpoint.position,
            {name: number.hex() for name, number in checkpoint.numbers.items()},
        )
    ).decode()
    header: dict[str, object] = {
        "__metadata__": {"standing": standing, "sha256": _digest(checkpoint.tensors, standing)}
    }
    # The wide ones first: then each lies at a multiple of its item's size.
    ordered = sorted(checkpoint.tensors.items(), key=lambda named: (-_item_size(named[1]), named[0]))
    end = 0
    for name, tensor in ordered:
        if len(tensor.data) != math.prod(tensor.shape) * _item_size(tensor):
            raise ValueError(f"{name}: found {len(tensor.data)} bytes for {tensor.shape} of {tensor.dtype}")
        start, end = end, end + len(tensor.data)
        header[name] = {"dtype": _TO_FILE[tensor.dtype], "shape": tensor.shape, "data_offsets": (start, end)}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([_LENGTH.pack(len(text)), text, *(tensor.data for _, tensor in ordered)])


def _from_bytes(content: bytes) -> Checkpoint:
    tensors = {
        name: TensorBytes(dtype=_FROM_FILE[tensor["dtype"]], shape=tuple(tensor["shape"]), data=bytes(tensor["data"]))
        for name, tensor in deserialize(content)  # type: ignore[no-untyped-call]
    }
    (length,) = _LENGTH.unpack_from(content)
    metadata = json.loads(content[_LENGTH.size : _LENGTH.size + length])["__metadata__"]
    if _digest(tensors, metadata["standing"]) != metadata["sha256"]:
        raise ValueError("the checksum differs")
    standing = msgspec.json.decode(metadata["standing"], type=_Standing)
    return Checkpoint(
        epochs_done=standing.epochs_done,
        minibatch=standing.minibatch,
        position=standing.position,
        tensors=tensors,
        numbers={name: float.fromhex(number) for name, number in standing.numbers.items()},
    )


def _digest(tensors: dict[str, TensorBytes], standing: str) -> str:
    """The format itself would not notice a flipped bit in a tensor."""
    digest = hashlib.sha256(standing.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.data)
    return digest.hexdigest()


def _item_size(tensor: TensorBytes) -> int:
    if tensor.dtype not in _TO_FILE:
        raise ValueError(f"found a tensor of {tensor.dtype}, expected one of {', '.join(_TO_FILE)}")
    return _ITEM_SIZE[_TO_FILE[tensor.dtype]]
