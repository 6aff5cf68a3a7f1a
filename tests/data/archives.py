"""Archives, IDX files, cost matrices and texts, damaged in a way that a seed decides."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_DATASET = ("train_images", "train_labels", "validation_images", "validation_labels", "label_names")
_PREDICTIONS = ("logits", "probabilities", "labels", "images", "label_names", "groups", "costs")
_IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

_SHAPES = ("(1000000000000,)", "(30, 10000000000)", "(-1,)", "(2, 'x')", "()", "(" * 50, "(9223372036854775807, 2)")
_KINDS = ("'<f8'", "'|O'", "'<M8[s]'", "[('a', '<f4')]", "'<U1000000000'", "'nothing'", "'<V0'", "'|S0'")


def _good(name: str) -> Array:
    chance = np.random.default_rng(5)
    count = 12 if name.startswith("validation") else 30
    if name.endswith("images"):
        return chance.integers(0, 255, (count, 3, 2), dtype=np.uint8)
    if name in ("logits", "probabilities"):
        scores = chance.random((30, 3))
        return scores if name == "logits" else scores / scores.sum(axis=1, keepdims=True)
    if name == "label_names":
        return np.array(["owl", "hen", "fox"])
    return np.arange(count) % 3


def strange_array(chance: random.Random) -> Array:
    """An array of a kind or shape that fits nowhere."""
    count = chance.choice((0, 1, 12, 30))
    makers: list[Callable[[], Array]] = [
        lambda: np.arange(count).astype("datetime64[s]"),
        lambda: np.array(["NaT"] * count, dtype="datetime64[D]"),
        lambda: np.arange(count).astype("timedelta64[ms]"),
        lambda: np.zeros(count, dtype=[("x", "f4"), ("y", "i8")]),
        lambda: np.zeros(count, dtype=("f4", (2, 2))),
        lambda: np.array(["owl", "\x1b[31m", "hen\n"] * 10)[:count],
        lambda: np.array([b"\xff\xfe", b"hen"] * 15)[:count],
        lambda: np.array([None, {}, []] * 10, dtype=object)[:count],
        lambda: np.zeros(count, dtype=complex),
        lambda: np.zeros(count, dtype=bool),
        lambda: np.full(count, np.nan),
        lambda: np.full((count, 3), np.inf),
        lambda: np.full((count, 3), 1e308),
        lambda: np.full((count, 3), -1e308),
        lambda: np.full((count, 3), 5e-324),
        lambda: np.full((count, 3, 2), 3e38),
        lambda: np.full(count, 2**63, dtype=np.uint64),
        lambda: np.full(count, -1),
        lambda: np.full(count, 10**9),
        lambda: np.arange(count, dtype=">i4") % 3,
        lambda: np.zeros(count, dtype=np.float16),
        lambda: np.zeros((count, 3), dtype=np.longdouble),
        lambda: np.zeros((count, 0)),
        lambda: np.zeros((count, 1, 1, 1, 3)),
        lambda: np.array(7),
        lambda: np.zeros((count, 3), order="F"),
        lambda: np.zeros(count, dtype="S0"),
        lambda: np.zeros(count, dtype="V8"),
        lambda: np.arange(count) / 2,
        lambda: np.eye(30, 1001)[:count],
    ]
    return chance.choice(makers)()


def _npy(array: Array, chance: random.Random) -> bytes:
    """As numpy writes it, or with a header that tells something else."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    content = stream.getvalue()
    if chance.random() < 0.75:
        return content
    shape = chance.choice(
        ["(1000000000000,)", "(30, 10000000000)", "(-1,)", "(2, 'x')", "()", "(" * 50, "(9223372036854775807, 2)"]
    )
    kind = chance.choice(
        ["'<f8'", "'|O'", "'<M8[s]'", "[('a', '<f4')]", "'<U1000000000'", "'nothing'", "'<V0'", "'|S0'"]
    )
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    version = chance.choice([b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x09"])
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(header) + 1)
    return b"\x93NUMPY" + version + length + header + b"\n" + content[128:]


def _archive(names: tuple[str, ...], chance: random.Random) -> bytes:
    stream = io.BytesIO()
    strange = chance.sample(names, chance.choice((0, 1, 1, 2)))
    dropped = chance.sample(names, chance.choice((0, 0, 1)))
    packed = chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    bomb = chance.choice(names) if chance.random() < 0.1 else ""
    with zipfile.ZipFile(stream, "w", packed) as archive:
        for name in names:
            if name == bomb:
                archive.writestr(f"{name}.npy", bytes(2**24), compress_type=zipfile.ZIP_DEFLATED)
            elif name not in dropped:
                content = _npy(strange_array(chance) if name in strange else _good(name), chance)
                archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """Truncated, flipped, with a part of another place; or as it was."""
    if not content or chance.random() < 0.4:
        return content
    kind = chance.randrange(4)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    changed = bytearray(content)
    if kind == 1:
        for _ in range(chance.choice((1, 3, 30))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    elif kind == 2:  # the numbers of a header are mostly near an end
        where = chance.choice((0, max(0, len(changed) - 200)))
        for _ in range(4):
            changed[min(len(changed) - 1, where + chance.randrange(200))] = chance.choice((0, 255, 127, 128))
    else:
        start = chance.randrange(len(changed))
        del changed[start : start + chance.randrange(1, 64)]
    return bytes(changed)


def _idx(name: str, chance: random.Random) -> bytes:
    count = 30 if name.startswith("train") else 12
    if "labels" in name:
        content = struct.pack(">II", 2049, count) + bytes(number % 3 for number in range(count))
    else:
        content = struct.pack(">IIII", 2051, count, 3, 2) + bytes(count * 6)
    if chance.random() < 0.2:
        places = chance.randrange(2, 5) * 4 if "images" in name else 4
        content = content[: places - 4] + struct.pack(">I", chance.choice((0, 1, 2**31, 2**32 - 1))) + content[places:]
    return _damaged(content, chance) if chance.random() < 0.4 else content


def idx_folder(folder: Path, chance: random.Random) -> None:
    """Four IDX files, some of them damaged, packed, or not there."""
    folder.mkdir()
    for name in _IDX:
        content = _idx(name, chance)
        if chance.random() < 0.3:
            packed = gzip.compress(content)
            (folder / f"{name}.gz").write_bytes(_damaged(packed, chance) if chance.random() < 0.5 else packed)
        elif chance.random() < 0.97:
            (folder / name).write_bytes(content)


def dataset(path: Path, chance: random.Random) -> None:
    path.write_bytes(_damaged(_archive(_DATASET, chance), chance))


def predictions(path: Path, chance: random.Random) -> None:
    kept = tuple(name for name in _PREDICTIONS if name not in chance.sample(("logits", "probabilities"), 1))
    path.write_bytes(_damaged(_archive(kept, chance), chance))


def cost_matrix(path: Path, chance: random.Random) -> None:
    """Numbers in rows, in JSON or with commas, with what is no number among them."""
    cell = [0, 1, 50, -1, 1e308, -1e308, 1e-320, "nan", "inf", "", "x", "1e999", "\x1b[31m", "٣", "1,5", None, [1], {}]
    rows = [[chance.choice(cell[:3] if chance.random() < 0.8 else cell) for _ in range(3)] for _ in range(3)]
    if chance.random() < 0.2:
        rows[-1] = rows[-1][:-1]
    if chance.random() < 0.3:
        content = json.dumps(rows).encode()
    else:
        separator = chance.choice([",", " ", "\t", ";"])
        content = "\n".join(separator.join(map(str, row)) for row in rows).encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        content = chance.choice([b"", b"\xff\xfe0 1", b"\0" * 40, b"[" * 5000, b"1 " * 200_000, b"\n" * 1000])
    path.write_bytes(_damaged(content, chance))


def text(path: Path, chance: random.Random) -> None:
    """Words, bytes that are none, one word without an end."""
    words = ("the owl sees a hen and the fox sees " * 40).encode()
    strange = [
        b"",
        b"a " * 3000,
        b"x" * 300_000,
        bytes(range(256)) * 20,
        "一二三四 五六".encode() * 300,
        words + b"\xff\xfe",
        b"\xef\xbb\xbf" + words,
        ("e" + "\u0301" * 5000 + " ").encode() * 20,
        b"<unk> " * 900,
    ]
    content = words if chance.random() < 0.2 else chance.choice(strange)
    path.write_bytes(_damaged(content, chance))


def good_predictions() -> bytes:
    """An archive with nothing wrong in it."""
    stream = io.BytesIO()
    np.savez(stream, probabilities=_good("probabilities"), labels=_good("labels"), label_names=_good("label_names"))
    return stream.getvalue()
