"""Labels that begin at 1, and classes without images, in `.npz` files and folders of IDX files."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.contract.errors import InputError
from engine.data.brought.reader import read_own
from engine.data.classes import without_images_notice

Write = Callable[[Path, list[int], list[int], list[str]], Path]


def as_npz(folder: Path, train: list[int], validation: list[int], names: list[str]) -> Path:
    path = folder / "own.npz"
    arrays = {
        "train_images": np.zeros((len(train), 2, 2), np.uint8),
        "train_labels": np.array(train),
        "validation_images": np.zeros((len(validation), 2, 2), np.uint8),
        "validation_labels": np.array(validation),
    }
    np.savez(path, **arrays, **({"label_names": np.array(names)} if names else {}))
    return path


def as_idx(folder: Path, train: list[int], validation: list[int], names: list[str]) -> Path:
    assert not names
    for part, labels in (("train", train), ("t10k", validation)):
        for kind, shape, content in (
            ("images-idx3", (len(labels), 2, 2), bytes(4 * len(labels))),
            ("labels-idx1", (len(labels),), bytes(labels)),
        ):
            head = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
            (folder / f"{part}-{kind}-ubyte").write_bytes(head + content)
    return folder


both = pytest.mark.parametrize("write", [as_npz, as_idx])


@both
def test_labels_from_1_in_every_part_are_as_many_classes_and_not_one_more(tmp_path: Path, write: Write) -> None:
    dataset = read_own(write(tmp_path, [1, 2, 3, 3], [3, 2, 1], []))
    assert dataset.label_names == ("1", "2", "3")
    assert dataset.train_labels.tolist() == [0, 1, 2, 2]
    assert dataset.validation_labels.tolist() == [2, 1, 0]
    assert dataset.notices == ("labels begin at 1 in every part: taken as 3 classes, named 1 to 3",)


@both
@pytest.mark.parametrize(("train", "validation"), [([0, 1, 2], [1, 2]), ([1, 2], [0, 1, 2])])
def test_labels_from_1_in_one_part_alone_stay_as_they_are(
    tmp_path: Path, write: Write, train: list[int], validation: list[int]
) -> None:
    dataset = read_own(write(tmp_path, train, validation, []))
    assert dataset.label_names == ("0", "1", "2")
    assert dataset.train_labels.tolist() == train
    assert not any("begin at 1" in notice for notice in dataset.notices)


@both
def test_labels_that_begin_later_keep_their_numbers_and_the_classes_before_them_are_named(
    tmp_path: Path, write: Write
) -> None:
    dataset = read_own(write(tmp_path, [3, 4], [4, 3], []))
    assert dataset.label_names == ("0", "1", "2", "3", "4")
    assert dataset.notices == ("classes 0, 1 and 2 have no image",)


def test_as_many_names_as_the_largest_label_are_those_of_1_to_k(tmp_path: Path) -> None:
    dataset = read_own(as_npz(tmp_path, [1, 2, 3], [2, 3, 1], ["owl", "fox", "hen"]))
    assert dataset.label_names == ("owl", "fox", "hen")
    assert dataset.train_labels.tolist() == [0, 1, 2]
    assert dataset.notices == ("labels begin at 1 in every part: taken as 3 classes, owl is the class of label 1",)


def test_a_name_more_than_the_largest_label_is_that_of_class_0(tmp_path: Path) -> None:
    dataset = read_own(as_npz(tmp_path, [1, 2, 3], [2, 3, 1], ["nothing", "owl", "fox", "hen"]))
    assert dataset.train_labels.tolist() == [1, 2, 3]
    assert dataset.notices == ("class nothing has no image",)


def test_a_thousand_classes_from_1_are_read_and_one_more_is_refused(tmp_path: Path) -> None:
    assert read_own(as_npz(tmp_path, [1, 1000], [1], [])).num_classes == 1000
    for train, said in (([0, 1000], "from 0 to 1000"), ([1, 1001], "from 1 to 1001")):
        with pytest.raises(InputError, match=said):
            read_own(as_npz(tmp_path, train, [1], []))
    with pytest.raises(InputError, match="has 1001 classes, expected 2 to 1000"):
        read_own(as_npz(tmp_path, [1, 1000], [0], []))
    with pytest.raises(InputError, match="has 1 class, expected 2 to 1000"):
        read_own(as_npz(tmp_path, [1, 1], [1], []))


@pytest.mark.parametrize(
    ("train", "validation", "count", "said"),
    [
        ([0, 1, 2], [2, 1, 0], 3, ""),
        ([0, 1, 2], [0, 1], 3, "class 2 has no image in validation: validation says nothing about it"),
        ([0, 1, 3], [0], 4, "class 2 has no image"),
        ([0, 1], [2, 1], 3, "class 2 has no image in training: the model cannot learn it"),
        ([0], [2, 3], 5, "classes 1 and 4 have no image; classes 2 and 3 have no image in training: the model cannot "),
        ([9], [9], 10, "9 classes (0, 1, 2, 3, 4, …) have no image"),
    ],
)
def test_a_class_without_images_is_named(train: list[int], validation: list[int], count: int, said: str) -> None:
    parts = {"training": np.array(train), "validation": np.array(validation)}
    notice = without_images_notice(parts, tuple(map(str, range(count))))
    assert notice.startswith(said)
    assert bool(notice) == bool(said)
