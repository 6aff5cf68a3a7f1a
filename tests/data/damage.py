"""Files of every kind, one of them damaged in a way that a seed decides: bytes flipped, cut, doubled, or lied about."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.data import archives, brought, scored

Kind = tuple[str, str, brought.Write]  # what reads it, what it is called, how it is written


def _costs(content: bytes) -> brought.Write:
    def write(folder: Path) -> Path:
        (folder / "costs.txt").write_bytes(content)
        return folder / "costs.txt"

    return write


def kinds() -> list[Kind]:
    """Every kind that is read, with what reads it: dataset, predictions or costs."""
    datasets = brought.SAME | brought.SAME_NAMED | brought.OTHER
    predictions = scored.SAME_SAID | scored.SAME_LOGITS | scored.SAME_BINARY | scored.HARD | scored.OTHER_SAID
    return [
        *(("dataset", name, write) for name, write in datasets.items()),
        *(("predictions", name, write) for name, write in predictions.items()),
        *(("costs", name, _costs(content)) for name, content in scored.SAME_COSTS.items()),
    ]


def strange(path: Path, chance: random.Random) -> bool:
    """Puts an array of another kind or shape into an archive, or in place of a file; False where there is none."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    file = chance.choice(files)
    if file.suffix == ".npy":
        np.save(file, archives.strange_array(chance), allow_pickle=True)
    elif file.suffix == ".npz":
        with np.load(file, allow_pickle=True) as archive:
            arrays = dict(archive)
        for name in chance.sample(sorted(arrays), chance.choice((1, 1, 2))):
            array = arrays.pop(name)
            kept = chance.choice((name, name, name, name.upper(), f"{name}_2", "x", "classes"))
            arrays[kept] = _changed(array, chance) if chance.random() < 0.6 else archives.strange_array(chance)
        np.savez(file, **arrays)
    else:
        return False
    return True


def _changed(array: brought.Array, chance: random.Random) -> brought.Array:
    """The same array in another shape, order or kind, or with a value that is none."""
    kind = chance.choice(("<f2", ">f8", "i1", "u8", "c8", "U3", "S2", "O", "?", "M8[s]"))
    makers: list[Callable[[], brought.Array]] = [
        lambda: array[:-1],
        lambda: array[None],
        lambda: array[..., None],
        lambda: array.T,
        lambda: array[::-1],
        lambda: np.asfortranarray(array),
        lambda: array.reshape(-1),
        lambda: array[:0],
        lambda: array.astype(kind),
        lambda: np.where(np.arange(array.size).reshape(array.shape) == 1, np.nan, array),
        lambda: array * 1000,
        lambda: -array,
        lambda: array + 0.5,
        lambda: np.repeat(array, 2, axis=0),
    ]
    try:
        return chance.choice(makers)()
    except (TypeError, ValueError, OverflowError):  # of text, say
        return array


def damaged(path: Path, chance: random.Random) -> None:
    """Damages the file, or one file of the folder."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    file = chance.choice(files)
    content = file.read_bytes()
    for _ in range(chance.choice((1, 1, 1, 2))):
        content = chance.choice(_DAMAGES)(content, chance)
    file.write_bytes(content)


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 30)) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.choice((0, 1, 127, 128, 255, 10, 44, chance.randrange(256)))
    return bytes(changed)


def _near_an_end(content: bytes, chance: random.Random) -> bytes:
    """The numbers of a header are near the beginning, those of a zip near the end."""
    changed = bytearray(content)
    start = chance.choice((0, max(0, len(changed) - 120)))
    for _ in range(4 if changed else 0):
        changed[min(len(changed) - 1, start + chance.randrange(120))] = chance.choice((0, 255, 127, 128, 48, 57))
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _without_some(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    return content[:start] + content[start + chance.randrange(1, 64) :]


def _with_more(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    more = (
        b"\0" * 40,
        b"\n\n\n",
        b",,,,",
        b"9" * 400,
        b"nan,inf",
        b'"',
        b"\xff\xfe",
        b"1e999",
        content[:50],
    )
    return content[:start] + chance.choice(more) + content[start:]


def _other_size(content: bytes, chance: random.Random) -> bytes:
    """A size of four bytes becomes another one, wherever it stands in the first hundred bytes."""
    start = chance.randrange(0, 100, 2)
    sizes = (0, 1, 2**16, 2**31 - 1, 2**32 - 1)
    packed = struct.pack(chance.choice((">I", "<I")), chance.choice(sizes))
    return content[:start] + packed + content[start + 4 :] if len(content) > start + 4 else content


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _near_an_end,
    _cut,
    _without_some,
    _with_more,
    _other_size,
)
