"""A user's own data: `.npz` files and folders of IDX files, and everything that can be wrong with them."""

import gzip
import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.contract.errors import InputError
from engine.data.brought.reader import read_own


def arrays(**changes: Any) -> dict[str, Any]:
    random = np.random.default_rng(0)
    whole = {
        "train_images": random.integers(0, 256, (6, 2, 3), dtype=np.uint8),
        "train_labels": np.array([0, 1, 2, 0, 1, 2]),
        "validation_images": random.integers(0, 256, (3, 2, 3), dtype=np.uint8),
        "validation_labels": np.array([2, 1, 0]),
    }
    return {key: value for key, value in (whole | changes).items() if value is not None}


def saved(folder: Path, **changes: Any) -> Path:
    path = folder / "own.npz"
    np.savez_compressed(path, **arrays(**changes))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_own(path)
    text = str(caught.value)
    assert text.isprintable()
    return text


def test_pictures_of_bytes_are_read_and_scaled_by_255(tmp_path: Path) -> None:
    path = saved(tmp_path, label_names=np.array(["cat", "dog", "cow"]))
    dataset = read_own(path)
    assert np.array_equal(dataset.train_images, arrays()["train_images"].reshape(6, 6))
    assert dataset.validation_labels.tolist() == [2, 1, 0]
    assert dataset.image_shape == (2, 3)
    assert dataset.label_names == ("cat", "dog", "cow")
    assert dataset.pixel_scale == 1 / 255
    assert dataset.name == str(path.resolve())
    assert (dataset.train_size, dataset.validation_size, dataset.num_features) == (6, 3, 6)


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f8"])
def test_features_of_floats_are_taken_as_they_are(tmp_path: Path, dtype: str) -> None:
    train = np.array([[-1.5, 4], [0, 2], [7, 7], [1, 1], [1, 2], [1, 3]], dtype=dtype)
    dataset = read_own(saved(tmp_path, train_images=np.asfortranarray(train), validation_images=train[:3]))
    assert dataset.train_images.dtype == np.float32
    assert dataset.train_images.tolist() == train.tolist()
    assert dataset.pixel_scale == 1.0
    assert dataset.image_shape is None
    assert dataset.label_names == ("0", "1", "2")


def test_label_names_are_made_harmless(tmp_path: Path) -> None:
    names = np.array([b"a\x1b[31m", b"b" * 100, "ü".encode()])
    shown = read_own(saved(tmp_path, label_names=names)).label_names
    assert shown == ("a\\x1b[31m", "b" * 60 + "…", "ü")


FLOATS = np.ones((6, 2, 3))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train_labels": None, "validation_images": None}, "found no labels for train_images; expected train_images,"),
        ({"train_images": None}, "found no training images and labels, only validation_images, validation_labels and"),
        ({"train_images": np.zeros((6, 2, 3), np.complex64)}, "complex64"),
        ({"train_images": np.zeros((6, 2, 3, 9), np.uint8)}, "6 × 2 × 3 × 9, expected (n, height, width)"),
        ({"train_images": np.uint8(3)}, "train_images is a single value"),
        ({"train_images": np.zeros((0, 2, 3), np.uint8)}, "no dimension of 0"),
        ({"train_images": np.where(np.arange(6)[:, None] == 4, np.nan, FLOATS[:, 0])}, "[4, 0] is nan"),
        ({"train_images": FLOATS * 1e300}, "[0, 0, 0] is 1e+300"),
        ({"train_images": np.zeros((6, 2, 4), np.uint8)}, "validation_images are 2 × 3 of uint8"),
        ({"train_images": FLOATS}, "expected 2 × 3 of float64 as in train_images"),
        ({"train_images": np.zeros((5, 2, 3), np.uint8)}, "train_labels holds 6, expected 5"),
        ({"validation_labels": np.array([0, 1])}, "validation_labels holds 2, expected 3"),
        ({"train_labels": np.array([0.0, 1.5, 2, 0, 1, 2])}, "train_labels[1] is 1.5, expected whole numbers"),
        ({"train_labels": np.array([0.0, np.nan, 2, 0, 1, 2])}, "train_labels[1] is nan, expected whole numbers"),
        ({"train_labels": np.zeros((6, 2, 2), int)}, "6 × 2 × 2 of int64, expected (n,), (n, 1) or"),
        ({"train_labels": np.ones((6, 3), int)}, "row 0 is not one-hot"),
        ({"train_labels": np.array([0, 1, 2, 0, 1, -1])}, "from -1 to 2, expected 0 to 999"),
        ({"train_labels": np.array([0, 1, 2, 0, 1, 1000])}, "from 0 to 1000"),
        ({"train_labels": np.array([2**64 - 1] * 6, np.uint64)}, "18446744073709551615"),
        (
            {"train_labels": np.zeros(6, int), "validation_labels": np.zeros(3, int)},
            "has 1 class, expected 2 to 1000",
        ),
        ({"label_names": np.array(["a", "b"])}, "a label is 2, expected 0 to 1 with 2 label_names"),
        ({"label_names": np.array(["x"] * 1001)}, "has 1001 classes"),
        ({"label_names": np.ones(3)}, "label_names is 3 of float64, expected (classes,) of text"),
        (
            {"label_names": np.array(["a", 1, None], object)},
            "label_names holds Python objects (they are not all texts)",
        ),
        ({"train_images": np.array([{}], object)}, "train_images holds Python objects"),
        ({"train_labels": np.zeros(6, [("a", "i4")])}, "expected plain numbers or text"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = saved(tmp_path, **changes)
    text = refusal(path)
    assert said in text
    assert text.startswith(str(path))


def npy(array_bytes: bytes, shape: str, descr: str = "'|u1'") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + array_bytes


def rewritten(folder: Path, member: bytes, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """An archive whose `train_images` is `member`."""
    path = folder / "own.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("train_images.npy", member)
        for key in ("train_labels", "validation_images", "validation_labels"):
            buffer = io.BytesIO()
            np.save(buffer, arrays()[key])
            archive.writestr(f"{key}.npy", buffer.getvalue())
    return path


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (npy(b"abc", "(1000000, 1000000, 1000000)"), "its header promises 1000000 × 1000000 × 1000000"),
        (npy(b"abcdef", "(1, 2, 2)"), "holds 6 bytes"),
        (npy(b"abcdef", "(-2, -3)"), "its header promises -2 × -3"),
        (npy(b"abcdef", "('a',)"), "expected an intact .npz file"),
        (npy(b"abcdef", "(6,)", "'|Z9'"), "expected an intact .npz file"),
        (npy(b"abcdef", "(" * 500), "expected an intact .npz file"),
        (b"not an array", "expected an intact .npz file"),
        (b"", "expected an intact .npz file"),
    ],
)
def test_a_member_that_lies_is_refused_before_memory_is_taken(tmp_path: Path, member: bytes, said: str) -> None:
    path = rewritten(tmp_path, member)
    tracemalloc.start()
    text = refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said in text
    assert peak < 5_000_000


def test_an_archive_that_claims_to_unpack_to_more_than_can_be_is_refused(tmp_path: Path) -> None:
    path = rewritten(tmp_path, npy(bytes(6), "(1, 2, 3)"))
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 2**30 - 2**20)
    path.write_bytes(content)
    assert "claims 1,072,693,248 bytes" in refusal(path)
    content[entry + 24 : entry + 28] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(content)
    assert "unpacks to 4,29" in refusal(path)


def test_an_unusual_compression_is_refused(tmp_path: Path) -> None:
    path = rewritten(tmp_path, npy(bytes(6), "(1, 2, 3)"), zipfile.ZIP_LZMA)
    assert "expected a member that is stored or deflated" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04 and no more", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(content)
    assert "expected" in refusal(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_archive_never_raises_anything_but_an_input_error(tmp_path: Path, data: st.DataObject) -> None:
    path = saved(tmp_path, label_names=np.array(["a", "b", "c"]))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]
    path.write_bytes(content)
    try:
        said = read_own(path).name
    except InputError as error:
        said = str(error)
    assert said.isprintable()


@pytest.mark.parametrize(
    "name",
    ["nothing.npz", "null\0byte.npz", "surrogate\udcff.npz", "x" * 5000 + ".npz", "~no-such-user-here/a.npz", "loop"],
)
def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refusal(Path(name) if name.startswith("~") else tmp_path / name)
    refusal(Path("/dev/null"))


def write_idx(path: Path, array: np.ndarray[Any, Any]) -> None:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    content = head + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def idx_folder(folder: Path, validation_side: int = 3) -> Path:
    folder.mkdir(parents=True)
    write_idx(folder / "train-images-idx3-ubyte.gz", np.arange(18).reshape(2, 3, 3))
    write_idx(folder / "train-labels-idx1-ubyte", np.array([4, 0]))
    write_idx(folder / "t10k-images-idx3-ubyte", np.ones((1, validation_side, validation_side)))
    write_idx(folder / "t10k-labels-idx1-ubyte.gz", np.array([1]))
    return folder


@pytest.mark.parametrize("inside", [".", "raw"])
def test_a_folder_of_idx_files_is_read_packed_or_not(tmp_path: Path, inside: str) -> None:
    idx_folder(tmp_path / "mine" / inside)
    dataset = read_own(tmp_path / "mine")
    assert dataset.train_images.tolist() == np.arange(18).reshape(2, 9).tolist()
    assert dataset.train_labels.tolist() == [4, 0]
    assert dataset.label_names == ("0", "1", "2", "3", "4")
    assert dataset.image_shape == (3, 3)


def test_a_folder_with_a_file_missing_or_of_another_size_is_refused(tmp_path: Path) -> None:
    assert "t10k-images-idx3-ubyte are 2 × 2 of uint8, expected 3 × 3" in refusal(
        idx_folder(tmp_path / "a", validation_side=2)
    )
    folder = idx_folder(tmp_path / "b")
    (folder / "train-labels-idx1-ubyte").unlink()
    assert "found no labels for train-images-idx3-ubyte.gz" in refusal(folder)
