"""Reading IDX files: what is right is read, whatever is wrong is named in one line."""

import gzip
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.contract.errors import InputError
from engine.data.idx import read_images, read_labels, read_pair

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
LABELS = np.array([0, 9, 4], dtype=np.uint8)


def idx_bytes(array: np.ndarray, kind: int = 0x08) -> bytes:
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def outcome(read: Any, *arguments: Any) -> Any:
    """What is read, or the line that refuses it."""
    try:
        return read(*arguments)
    except InputError as error:
        return str(error)


def refusal(read: object, *arguments: object) -> str:
    with pytest.raises(InputError) as caught:
        read(*arguments)  # type: ignore[operator]
    text = str(caught.value)
    assert "\n" not in text
    assert text.isprintable()
    return text


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_images_and_labels_are_read_as_they_were_written(tmp_path: Path, suffix: str) -> None:
    images = write(tmp_path / f"images{suffix}", idx_bytes(IMAGES))
    labels = write(tmp_path / f"labels{suffix}", idx_bytes(LABELS))
    read, read_as = read_pair(images, labels, 10)
    assert np.array_equal(read, IMAGES)
    assert read.dtype == np.uint8
    assert read_as.tolist() == [0, 9, 4]
    assert read_as.dtype == np.int64


def test_the_real_archives_have_their_known_labels_and_sums(shared_data: Path) -> None:
    raw = shared_data / "FashionMNIST" / "raw"
    images, labels = read_pair(raw / "train-images-idx3-ubyte.gz", raw / "train-labels-idx1-ubyte.gz", 10)
    assert images.shape == (60000, 28, 28)
    assert labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert np.bincount(labels).tolist() == [6000] * 10
    assert int(images.sum(dtype=np.int64)) == 3431114169
    images, labels = read_pair(raw / "t10k-images-idx3-ubyte.gz", raw / "t10k-labels-idx1-ubyte.gz", 10)
    assert images.shape == (10000, 28, 28)
    assert labels[:5].tolist() == [9, 2, 1, 1, 6]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(
    ("content", "found", "expected"),
    [
        (b"", "nothing", "00 00 08 03"),
        (b"\0\0", "00 00", "00 00 08 03"),
        (idx_bytes(LABELS), "00 00 08 01", "00 00 08 03"),
        (idx_bytes(IMAGES, kind=0x0D), "00 00 0d 03", "00 00 08 03"),
        (b"<!DOCTYPE html>", "3c 21 44 4f", "00 00 08 03"),
        (idx_bytes(IMAGES)[:10], "10 bytes", "header of 16"),
        (idx_bytes(IMAGES)[:-1], "75 bytes", "76 bytes (3 × 4 × 5)"),
        (idx_bytes(IMAGES) + b"x", "more bytes", "76 bytes (3 × 4 × 5)"),
        (idx_bytes(IMAGES[:0]), "0 × 4 × 5", "at least one image"),
    ],
)
def test_a_bad_file_is_named_with_what_was_found_and_expected(
    tmp_path: Path, suffix: str, content: bytes, found: str, expected: str
) -> None:
    path = write(tmp_path / f"train-images-idx3-ubyte{suffix}", content)
    text = refusal(read_images, path)
    assert str(path) in text
    assert found in text
    assert expected in text


def test_a_truncated_archive_is_named_with_where_it_breaks_off(tmp_path: Path) -> None:
    whole = gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 255, (50, 28, 28), dtype=np.uint8)))
    path = tmp_path / "images.gz"
    for length in (2, 9, 20, len(whole) // 2, len(whole) - 5, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert f"ends after {length:,} bytes" in refusal(read_images, path)


def test_a_flipped_bit_in_an_archive_is_found_by_its_checksum(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(idx_bytes(np.zeros((9, 28, 28), dtype=np.uint8)), compresslevel=0))
    whole[500] ^= 1
    path = tmp_path / "images.gz"
    path.write_bytes(whole)
    assert "damaged gzip archive" in refusal(read_images, path)


def test_what_is_no_archive_is_read_as_it_is_and_what_follows_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(idx_bytes(IMAGES))  # a browser may have unpacked it, and kept the name
    assert np.array_equal(read_images(path), IMAGES)
    path.write_bytes(gzip.compress(idx_bytes(IMAGES)) + b"more")
    assert "4 bytes after the gzip archive" in refusal(read_images, path)
    path.write_bytes(gzip.compress(idx_bytes(IMAGES)) + bytes(2**21))
    assert "2,097,152 bytes after the gzip archive" in refusal(read_images, path)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("side", [2**32 - 1, 2**10])
def test_a_header_that_promises_the_world_costs_no_memory(tmp_path: Path, suffix: str, side: int) -> None:
    path = write(tmp_path / f"images{suffix}", b"\0\0\x08\x03" + side.to_bytes(4, "big") * 3 + b"abc")
    tracemalloc.start()
    text = refusal(read_images, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert f"{side} × {side} × {side}" in text
    assert peak < 5_000_000


def test_an_archive_that_expands_without_end_is_left_at_what_its_header_says(tmp_path: Path) -> None:
    path = write(tmp_path / "images.gz", idx_bytes(IMAGES) + bytes(200_000_000))
    tracemalloc.start()
    text = refusal(read_images, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "more bytes follow" in text
    assert peak < 10_000_000


def test_a_label_out_of_range_is_named_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "labels", idx_bytes(LABELS))
    assert "found 9 as label 1, expected 0 to 8" in refusal(read_labels, path, 9)
    assert read_labels(path, None).tolist() == [0, 9, 4]
    several = write(tmp_path / "several", idx_bytes(np.array([0, 5, 9], np.uint8)))
    assert "found 5 as label 1, expected 0 to 4" in refusal(read_labels, several, 5)


def test_unequal_counts_are_named(tmp_path: Path) -> None:
    images = write(tmp_path / "images", idx_bytes(IMAGES))
    labels = write(tmp_path / "labels", idx_bytes(LABELS[:2]))
    assert "found 2 labels, expected 3" in refusal(read_pair, images, labels, 10)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(read_images, tmp_path / "nothing")
    assert "not a regular file" in refusal(read_images, tmp_path)
    assert "not a regular file" in refusal(read_images, Path("/dev/zero"))


def test_control_characters_of_a_path_are_escaped(tmp_path: Path) -> None:
    assert "a\\x1b[2J\\nb" in refusal(read_images, tmp_path / "a\x1b[2J\nb")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200)
    | st.binary(max_size=80).map(lambda tail: b"\0\0\x08\x03" + tail)
    | st.binary(max_size=80).map(lambda tail: b"\x1f\x8b\x08" + tail)
    | st.binary(max_size=80).map(lambda tail: gzip.compress(b"\0\0\x08\x03\0\0\0\x02" + tail)),
    suffix=st.sampled_from(["", ".gz"]),
)
def test_random_bytes_never_raise_anything_but_an_input_error(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"random{suffix}"
    path.write_bytes(content)
    for read, arguments in ((read_images, (path,)), (read_labels, (path, 10))):
        result = outcome(read, *arguments)
        assert isinstance(result, np.ndarray) or result.isprintable()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_archive_is_refused_or_read_as_it_was(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(gzip.compress(idx_bytes(IMAGES), mtime=0))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.gz"
    path.write_bytes(whole)
    images = outcome(read_images, path)
    assert images.isprintable() if isinstance(images, str) else np.array_equal(images, IMAGES)
