"""Files that promise the world are one line, before memory or time is taken; so is what is damaged in any way."""

from __future__ import annotations

import gzip
import random
import shutil
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.analysis.foreign import evidence_of
from engine.contract.errors import InputError
from engine.data.brought import tables
from engine.data.brought.costs import read_cost_matrix
from engine.data.brought.predictions_file import read_predictions
from engine.data.brought.reader import read_own
from tests.data import brought, damage

MUTATED = 300
MOST_SECONDS, MOST_BYTES = 20, 2 * 10**9


def refusal(read: Callable[[Path], object], path: Path, most_bytes: int = 40_000_000) -> str:
    """The line that refuses a file, which took no more memory than that."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            read(path)
        assert tracemalloc.get_traced_memory()[1] < most_bytes
    finally:
        tracemalloc.stop()
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith(str(path)[:20])
    return said


def outcome(what: str, path: Path) -> str:
    """The line that refuses a file, "" where it is read."""
    try:
        read_all(what, path)
    except InputError as error:
        return str(error)
    return ""


def read_all(what: str, path: Path) -> None:
    if what == "dataset":
        assert read_own(path).info.num_classes > 1
    elif what == "costs":
        assert len(read_cost_matrix(path, ("owl", "hen", "fox")).rows) == 3
    else:
        predicted = read_predictions(path)
        if predicted.scores is not None:
            assert len(evidence_of(predicted).labels) > 1


def test_a_mutated_file_is_a_result_or_one_line(tmp_path: Path) -> None:
    chance, kinds = random.Random(17), damage.kinds()
    read = refused = 0
    for number in range(MUTATED):
        what, name, write = kinds[number % len(kinds)]
        folder = tmp_path / "here"
        folder.mkdir()
        path = write(folder)
        if chance.random() < 0.5 or not damage.strange(path, chance):
            damage.damaged(path, chance)
        began = time.perf_counter()
        said = outcome(what, path)
        read, refused = (read + 1, refused) if not said else (read, refused + 1)
        assert said.isprintable(), (name, said)
        assert len(said) < 900, (name, said)
        assert time.perf_counter() - began < MOST_SECONDS, name
        shutil.rmtree(folder)
    assert read > 20
    assert refused > 100


def test_a_mutated_file_takes_no_more_than_2_gb(tmp_path: Path) -> None:
    chance, kinds = random.Random(18), damage.kinds()
    tracemalloc.start()
    try:
        for number in range(0, MUTATED, 5):
            what, name, write = kinds[number % len(kinds)]
            folder = tmp_path / str(number)
            folder.mkdir()
            path = write(folder)
            damage.damaged(path, chance)
            tracemalloc.reset_peak()
            assert outcome(what, path).isprintable(), name
            assert tracemalloc.get_traced_memory()[1] < MOST_BYTES, name
    finally:
        tracemalloc.stop()


def test_an_archive_of_too_many_bytes_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("x_train", "y_train"):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({2**27},), }}\n".encode()
                member.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
                member.write(bytes(2**21))
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 2**31)
    path.write_bytes(content)
    assert "expected at most 1,073,741,824" in refusal(read_own, path)


def test_a_member_longer_than_its_directory_says_is_refused(tmp_path: Path) -> None:
    path = brought.SAME["keras"](tmp_path)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    length = struct.unpack_from("<I", content, entry + 24)[0]
    content[entry + 24 : entry + 28] = struct.pack("<I", length // 2)
    path.write_bytes(content)
    assert "expected an intact .npz file" in refusal(read_own, path)


@pytest.mark.parametrize("name", ["x_train.npy", "x_train.npy.gz"])
def test_an_array_that_promises_more_than_is_there_is_refused(tmp_path: Path, name: str) -> None:
    brought.SAME["npy"](tmp_path)
    (tmp_path / "x_train.npy").unlink()
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 100000), }\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(100)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert "its header promises 100000 × 100000" in refusal(read_own, tmp_path)


def test_a_small_archive_of_endless_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LARGEST_BYTES", 2**22)
    (tmp_path / "data.csv").write_bytes(gzip.compress(b"0" * 2**25))
    assert "unpacks to more than 4,194,304 bytes" in refusal(read_own, tmp_path / "data.csv")
    (tmp_path / "long.csv").write_bytes(b"1," * 2**22)
    assert "expected at most 4,194,304" in refusal(read_own, tmp_path / "long.csv")
    rows = b"1.5,2.5,0\n" * 200_000
    (tmp_path / "rows.csv").write_bytes(rows)
    assert "its numbers take more than 4,194,304 bytes" in refusal(read_own, tmp_path / "rows.csv", 10**9)


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"0" * (2**24 + 5))
    assert "a line of 16,777,216 characters" in refusal(read_own, tmp_path / "data.csv", 10**9)


def png(height: int, width: int) -> bytes:
    """A picture of that size, by its header."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_pictures_too_large_are_refused_by_their_headers(tmp_path: Path) -> None:
    for side, said in (
        (100_000, "too many pixels"),
        (9_000, "expected at most 1,073,741,824: make the images smaller"),
    ):
        folder = tmp_path / str(side)
        for number in range(20):
            place = folder / "ab"[number % 2]
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{number}.png").write_bytes(png(side, side))
        assert said in refusal(read_own, folder)


def test_pictures_of_two_sizes_are_refused_with_both(tmp_path: Path) -> None:
    folder = brought.OTHER["pictures"](tmp_path)
    Image.fromarray(np.zeros((9, 8), np.uint8)).save(folder / "train" / "owl" / "zzz.png")
    said = refusal(read_own, folder)
    assert "zzz.png: found 9 × 8 pixels, expected 8 × 8 as in 0" in said


def test_a_folder_without_end_or_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "again").symlink_to(tmp_path)
    assert "found no files of data" in refusal(read_own, tmp_path)
    (tmp_path / "picture.png").write_bytes(png(8, 8))
    assert "found 1 image without a folder for each class" in refusal(read_own, tmp_path)
