"""Damage to the files beside the database: checkpoints, also forged ones whose checksum is right, and sweeps."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from engine.store import safetensors_file
from engine.store.safetensors_file import Checkpoint, TensorBytes
from tests.store.damage import DEEP

Damaged = Callable[[bytes, random.Random], bytes]


def _forged(change: Callable[[Checkpoint, random.Random], Checkpoint]) -> Callable[[Path, random.Random], None]:
    def act(path: Path, chance: random.Random) -> None:
        safetensors_file.save(path, change(safetensors_file.load(path), chance))

    return act


def _bytes(change: Damaged) -> Callable[[Path, random.Random], None]:
    def act(path: Path, chance: random.Random) -> None:
        path.write_bytes(change(path.read_bytes(), chance))

    return act


def _tensor(name: str, shape: tuple[int, ...], dtype: str = "float32", fill: float = 0.0) -> Callable[..., Checkpoint]:
    def change(checkpoint: Checkpoint, _: random.Random) -> Checkpoint:
        data = np.full(shape, fill, dtype=dtype).tobytes()
        return replace(
            checkpoint, tensors={**checkpoint.tensors, name: TensorBytes(dtype=dtype, shape=shape, data=data)}
        )

    return change


def _number(checkpoint: Checkpoint, chance: random.Random) -> Checkpoint:
    name = chance.choice(sorted(checkpoint.numbers))
    return replace(
        checkpoint, numbers={**checkpoint.numbers, name: chance.choice([np.nan, np.inf, -1.0, 1e300, 0.5, 2.0**60])}
    )


def _without(checkpoint: Checkpoint, chance: random.Random) -> Checkpoint:
    name = chance.choice(sorted(checkpoint.tensors))
    return replace(checkpoint, tensors={key: value for key, value in checkpoint.tensors.items() if key != name})


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 20))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _header(content: bytes, chance: random.Random) -> bytes:
    """A header that declares other shapes, offsets or types than lie there."""
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    name = chance.choice([key for key in header if key != "__metadata__"])
    header[name][chance.choice(("dtype", "shape", "data_offsets"))] = chance.choice(
        ["F32", "F16", "nothing", [2**62, 2**62], [-1, 5], [0, 10**15], [], None, 1e308]
    )
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


CHECKPOINTS: dict[str, Callable[[Path, random.Random], None]] = {
    "truncated": _bytes(lambda content, chance: content[: chance.randrange(len(content))]),
    "empty": _bytes(lambda content, chance: b""),
    "flipped": _bytes(_flipped),
    "longer": _bytes(lambda content, chance: content + b"more"),
    "huge header": _bytes(lambda content, chance: struct.pack("<Q", 2 ** chance.randrange(20, 64)) + content[8:]),
    "other header": _bytes(_header),
    "wrong shape": _forged(_tensor("weight", (3, 7))),
    "one dimension": _forged(_tensor("weight", (18,))),
    "no classes": _forged(_tensor("weight", (0, 6))),
    "wrong bias": _forged(_tensor("bias", (4,))),
    "wrong type": _forged(_tensor("weight", (3, 6), "float64")),
    "integers": _forged(_tensor("weight", (3, 6), "int64")),
    "nan": _forged(_tensor("weight", (3, 6), fill=np.nan)),
    "huge": _forged(_tensor("weight", (3, 6), fill=3e38)),
    "a tensor more": _forged(_tensor("momentum", (3, 6))),
    "a tensor less": _forged(_without),
    "number": _forged(_number),
    "position": _forged(lambda checkpoint, chance: replace(checkpoint, position=chance.choice([-1, 2**40, 3]))),
}


def _sweep(content: bytes, chance: random.Random) -> bytes:
    """Another value somewhere in the JSON."""
    told = json.loads(content)
    place, key = told, chance.choice(sorted(told))
    while isinstance(place[key], dict) and place[key] and chance.random() < 0.8:
        place, key = place[key], chance.choice(sorted(place[key]))
    place[key] = chance.choice([None, -1, 0, 1e308, 2**62, "many", "", [], {}, [1e308, -1, "x"], True, {"7": "r0001"}])
    return json.dumps(told).encode()


SWEEPS: dict[str, Callable[[Path, random.Random], None]] = {
    "truncated": CHECKPOINTS["truncated"],
    "empty": CHECKPOINTS["empty"],
    "flipped": CHECKPOINTS["flipped"],
    "no UTF-8": _bytes(lambda content, chance: content.replace(b"s0001", b"s\xff\xfe01")),
    "too deep": _bytes(lambda content, chance: DEEP.encode()),
    "another value": _bytes(_sweep),
}


def damaged(folder: Path, chance: random.Random) -> str:
    """Damages one file of a store, in a way of its kind, and says which."""
    if chance.random() < 0.35:
        path, kinds = folder / "store" / "sweeps" / "s0001.json", SWEEPS
    else:
        path, kinds = chance.choice(sorted((folder / "store" / "checkpoints").glob("*/*.safetensors"))), CHECKPOINTS
    kind = chance.choice(sorted(kinds))
    kinds[kind](path, chance)
    return f"{path.parent.name}/{path.name} {kind}"
