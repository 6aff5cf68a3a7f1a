"""What is read as something of its own: three parts, colours, splits, rounding, groups; and what is said of it."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.analysis.foreign import evidence_of
from engine.contract.errors import InputError
from engine.data.brought.names import meaning_of
from engine.data.brought.npy_files import named_files
from engine.data.brought.predictions_file import _class_names, read_predictions
from engine.data.brought.reader import read_own
from engine.data.dataset import Dataset
from tests.data import brought, scored


def refusal(read: Any, path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).isprintable()
    return str(caught.value).removeprefix(f"{path}: ")


def test_three_parts_train_validate_and_are_kept(tmp_path: Path) -> None:
    dataset = read_own(brought.OTHER["three parts"](tmp_path))
    assert (dataset.train_size, dataset.validation_size, dataset.test_size) == (60, 30, 24)
    assert dataset.test_images is not None
    assert dataset.test_images.tolist() == brought.XT.reshape(24, 64).tolist()
    assert dataset.info.test_size == 24
    assert dataset.notices == (
        "train_images, train_labels: training; val_images, val_labels: validation; "
        "test_images, test_labels: kept for --part test",
    )
    two = read_own(
        brought.npz(train_images=brought.X, train_labels=brought.Y, val_images=brought.XV, val_labels=brought.YV)(
            tmp_path
        )
    )
    assert two.checksum == dataset.checksum  # what is kept changes nothing that is trained


@pytest.mark.parametrize("kind", ["colours", "colours first"])
def test_all_channels_are_features(tmp_path: Path, kind: str) -> None:
    dataset = read_own(brought.OTHER[kind](tmp_path))
    assert (dataset.num_features, dataset.image_shape, dataset.channels) == (192, (8, 8), 3)
    assert dataset.train_images[0].tolist() == brought.rgb(brought.X[0]).ravel().tolist()
    assert dataset.info.image_values == 192


def test_bools_are_black_and_white_and_floats_are_taken_as_they_are(tmp_path: Path) -> None:
    bools = read_own(brought.OTHER["bools"](tmp_path))
    assert set(np.unique(bools.train_images).tolist()) == {0, 255}
    floats = read_own(brought.OTHER["floats"](tmp_path))
    assert floats.pixel_scale == 1
    assert floats.train_images.max() <= 1


def held_out(dataset: Dataset) -> set[bytes]:
    return {image.tobytes() for image in dataset.validation_images}


def test_one_file_is_split_by_a_seed_within_each_class_and_that_is_said(tmp_path: Path) -> None:
    one, again = (read_own(brought.OTHER["one table"](tmp_path)) for _ in range(2))
    assert (one.train_size, one.validation_size) == (48, 12)
    assert np.bincount(one.validation_labels).tolist() == [4, 4, 4]
    assert held_out(one) == held_out(again)
    assert not held_out(one) & {image.tobytes() for image in one.train_images}
    assert one.notices == (
        "labels from column 1, inputs from 64 columns; all rows: training",
        "no validation part: 12 of 60 images are held out for validation, drawn by seed 0",
        "64 features: drawn as pictures of 8 × 8",
    )


def test_folders_of_pictures_are_classes_within_parts(tmp_path: Path) -> None:
    dataset = read_own(brought.OTHER["pictures"](tmp_path))
    assert dataset.label_names == ("fox", "hen", "owl")
    assert (dataset.train_size, dataset.validation_size, dataset.test_size) == (60, 30, 24)
    first = int(np.flatnonzero(brought.Y == 2)[0])
    assert dataset.train_images[0].tolist() == brought.X[first].ravel().tolist()
    assert dataset.notices == (
        "60 images in train: training; 30 images in val: validation; 24 images in test: kept for --part test",
    )


def test_grey_pictures_of_16_bits_keep_their_brightness(tmp_path: Path) -> None:
    deep = (np.arange(12, dtype=np.uint16) * 5000).reshape(3, 4)
    for label in "ab":
        for number in range(5):
            (tmp_path / label).mkdir(exist_ok=True)
            Image.fromarray(deep).save(tmp_path / label / f"{number}.png")
    assert read_own(tmp_path).train_images[0].tolist() == (deep // 256).ravel().tolist()


def test_labels_of_bytes_that_are_no_utf_8_are_latin_1(tmp_path: Path) -> None:
    labels = np.char.encode(np.array(["Häher", "Uhu", "Möwe"])[brought.Y], "latin-1")
    np.savez(tmp_path / "birds.npz", x_train=brought.X, y_train=labels)
    assert read_own(tmp_path / "birds.npz").label_names == ("Häher", "Möwe", "Uhu")


@pytest.mark.parametrize("kind", ["pictures in colour", "pictures as JPEG"])
def test_pictures_without_parts_are_split(tmp_path: Path, kind: str) -> None:
    dataset = read_own(brought.OTHER[kind](tmp_path))
    assert (dataset.train_size, dataset.validation_size) == (48, 12)
    assert dataset.channels == (3 if "colour" in kind else 1)


def test_text_in_other_encodings_is_read_and_said(tmp_path: Path) -> None:
    header = ("Größe", *brought.HEADER[1:])
    labels = np.array(["Häher", "Uhu", "Möwe"])[brought.Y]
    text = brought.table_text(brought.X, labels, header)
    path = tmp_path / "birds.csv"
    for encoding, said in (("utf-8", None), ("latin-1", "Latin-1"), ("utf-16", "UTF-16")):
        path.write_bytes(text.encode(encoding))
        dataset = read_own(path)
        assert dataset.label_names == ("Häher", "Möwe", "Uhu")
        assert (f"read as {said}" in dataset.notices) == (said is not None)
    path.write_bytes(gzip.compress(text.encode()))  # whatever the name says
    assert read_own(path).label_names == ("Häher", "Möwe", "Uhu")


def test_a_decimal_comma_is_read_beside_semicolons(tmp_path: Path) -> None:
    rows = [f"{label};{value:.2f};{value / 3:.2f}".replace(".", ",") for value, label in enumerate("abababababab")]
    (tmp_path / "german.csv").write_text("\n".join(["Label;Länge;Breite", *rows]))
    dataset = read_own(tmp_path / "german.csv")
    assert dataset.train_images.dtype == np.float32
    assert 1.5 < dataset.train_images.max() <= 11
    assert dataset.label_names == ("a", "b")


def test_names_of_classes_come_from_a_mapping_or_a_file(tmp_path: Path) -> None:
    folder = brought.SAME["idx EMNIST"](tmp_path / "letters")
    (folder / "emnist-letters-mapping.txt").write_text("0 65 97\n1 66 98\n2 67 99\n")
    dataset = read_own(folder)
    assert dataset.label_names == ("A", "B", "C")
    assert any("rows and columns exchanged: turned" in notice for notice in dataset.notices)
    (tmp_path / "tables").mkdir()
    folder = brought.SAME["tables"](tmp_path / "tables")
    (folder / "class_names.txt").write_text("owl\nhen\nfox\n")
    assert read_own(folder).label_names == ("owl", "hen", "fox")


def test_one_of_several_sets_in_a_folder_is_named(tmp_path: Path) -> None:
    brought.SAME["idx EMNIST"](tmp_path)
    brought.idx(brought.four("emnist-digits-{part}-{what}-idx{n}-ubyte.gz", test="test"))(tmp_path)
    said = refusal(read_own, tmp_path)
    assert "found the datasets emnist-digits, emnist-letters, expected one: add its name, such as" in said
    assert read_own(tmp_path / "emnist-letters").train_size == 60
    assert "no such file" in refusal(read_own, tmp_path / "emnist-mnist")


def test_the_images_of_a_grouped_file_come_along(tmp_path: Path) -> None:
    predicted = read_predictions(scored.OTHER_SAID["groups and images"](tmp_path))
    assert predicted.groups is not None
    assert predicted.groups.names == ("north", "south")
    assert predicted.groups.numbers.tolist() == (scored.TRUE % 2).tolist()
    assert predicted.images is not None
    assert predicted.images.shape == (40, 8, 8, 3)


def test_rounded_probabilities_are_normalised_and_that_is_said(tmp_path: Path) -> None:
    rounded = np.array([[0.33, 0.33, 0.33], [0.67, 0.17, 0.17], [1, 0, 0]])
    np.savez(tmp_path / "said.npz", probabilities=rounded, labels=np.array([0, 1, 2]))
    predicted = read_predictions(tmp_path / "said.npz")
    np.testing.assert_allclose(evidence_of(predicted).probabilities.sum(axis=1), 1)
    assert predicted.notices == ("probabilities are rounded to two decimals, and rows sum to 0.99 to 1.01: normalised",)
    np.savez(tmp_path / "said.npz", probabilities=rounded * 0.9, labels=np.array([0, 1, 2]))
    assert "row 0 of probabilities sums to 0.891, expected 1" in refusal(read_predictions, tmp_path / "said.npz")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": brought.X, "z": brought.Y}, "found no labels for x; expected train_images, train_labels"),
        ({"train": brought.X}, "found no labels for train"),
        ({"foo": brought.X, "bar": brought.Y}, "found no training images and labels, only foo and bar"),
        ({"x_test": brought.X, "y_test": brought.Y}, "found no training images and labels, only x_test, y_test"),
        ({"x": brought.X, "y": brought.Y[:-1]}, "y holds 59, expected 60, one for each of x"),
        ({"x": brought.X, "y": brought.Y - 1}, "y goes from -1 to 1, expected 0 to 999"),
        ({"x": brought.X, "y": brought.NAMES[brought.Y], "names": brought.NAMES[:2]}, "y holds 'fox', expected one of"),
        ({"x": brought.X[:4], "y": np.arange(4) % 2}, "found 4 images and no validation part, expected at least 5"),
        (
            {"x_train": brought.X, "y_train": brought.Y, "x_test": brought.XV, "y_test": brought.NAMES[brought.YV]},
            "y_test are text, y_train are numbers; expected the same kind in both",
        ),
        (
            {"x": brought.X, "y": np.array([{"a": 1}, *["b"] * 59], dtype=object)},
            "y holds Python objects (they are not all texts), expected plain numbers or text: save text with .astype(",
        ),
        ({"x": brought.X.astype(complex), "y": brought.Y}, "x is of complex128, expected uint8 or other numbers"),
        ({"x": brought.X[:, :, :, None, None], "y": brought.Y}, "x is 60 × 8 × 8 × 1 × 1, expected (n, height"),
    ],
)
def test_a_dataset_that_lacks_something_is_refused_with_what_would_do(
    tmp_path: Path, arrays: dict[str, Any], said: str
) -> None:
    np.savez(tmp_path / "data.npz", **arrays)
    assert refusal(read_own, tmp_path / "data.npz").startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label,a,b\n0,1,2\n1,x,2\n", "row 3, column 3: found"),
        ("label,a,b\n", "found no rows"),
        ("", "expected an .npz file, a CSV file"),
        ("0,1,2\n1,2\n0,1,2\n1,2,3\n1,2,3\n", "row 2 has 2 columns, expected 3"),
        ('label,a\n0,1\n1,"2\n' * 20, "found no columns of numbers beside the label"),
    ],
)
def test_a_table_that_is_none_is_refused_by_row_and_column(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "data.csv").write_text(text.replace("1,x,2", "1,2,3\n" * 50 + "1,2,x"))
    found = refusal(read_own, tmp_path / "data.csv")
    assert said.replace("row 3, column 3", "row 53, column 3") in found


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"y_true": scored.TRUE}, "holds no logits or probabilities; expected"),
        ({"y_score": scored.SAID * 0.5, "y": scored.TRUE}, "y_score lies between 0 and 1, but row"),
        (
            {"y_prob": scored.BINARY, "y": scored.TRUE},
            "y has 3 classes, but the scores are one column",
        ),
        ({"y_prob": scored.BINARY * 3, "y": scored.TRUE_2}, "y_prob["),
        (
            {"y_prob": scored.SAID, "y": brought.NAMES[scored.TRUE % 2]},
            "y has 2 different texts for 3 classes",
        ),
        (
            {"y_prob": scored.SAID, "y": scored.TRUE, "groups": scored.TRUE[:-1]},
            "groups is 39 of int64, expected",
        ),
    ],
)
def test_predictions_that_lack_something_are_refused(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    np.savez(tmp_path / "said.npz", **arrays)
    assert refusal(read_predictions, tmp_path / "said.npz").startswith(said)


@pytest.mark.parametrize("name", ["date", "update", "train_ids", "feature_names", "image_names", "history", "config"])
def test_a_name_that_only_begins_like_one_means_nothing(name: str) -> None:
    assert meaning_of(name) is None


def test_pictures_flattened_to_features_are_drawn_as_pictures_again(tmp_path: Path) -> None:
    images, labels = np.random.default_rng(0).random((10, 784)), np.arange(10) % 2
    for change, shape in ((1, (28, 28)), (2, None)):
        np.savez(tmp_path / "data.npz", x=images * change, y=labels)
        assert read_own(tmp_path / "data.npz").image_shape == shape


def test_what_is_ambiguous_or_packed_is_refused_with_what_would_do(tmp_path: Path) -> None:
    for name in ("MNIST", "KMNIST"):
        brought.idx(brought.four(f"all/{name}/raw/{{part}}-{{what}}-idx{{n}}-ubyte"))(tmp_path)
    said = refusal(read_own, tmp_path / "all")
    assert "in KMNIST/raw and MNIST/raw, expected one dataset: name one of these folders" in said
    assert read_own(tmp_path / "all" / "MNIST").train_size == 60
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("train.csv", brought.table_text(brought.X, brought.Y))
    said = refusal(read_own, tmp_path / "archive.zip")
    assert said == "is a zip archive of train.csv, expected arrays: unpack it and name the folder"


def test_the_tables_of_emnist_are_turned(tmp_path: Path) -> None:
    turned = brought.X.transpose(0, 2, 1)
    (tmp_path / "emnist-letters-train.csv").write_text(brought.table_text(turned, brought.Y))
    (tmp_path / "emnist-letters-test.csv").write_text(brought.table_text(brought.XV.transpose(0, 2, 1), brought.YV))
    dataset = read_own(tmp_path)
    assert dataset.train_images.tolist() == brought.X.reshape(60, 64).tolist()
    assert any("turned" in notice for notice in dataset.notices)


def test_two_files_of_one_name_in_folders_of_one_name_are_both_there() -> None:
    folder = Path("/data")
    files = [folder / "one/train/x.npy", folder / "two/train/x.npy.gz", folder / "one/y.npy"]
    assert named_files(folder, files) == dict(zip(("train/x", "two/train/x", "y"), files, strict=True))


def test_of_predictions_of_several_parts_those_of_the_test_part_are_judged(tmp_path: Path) -> None:
    """On what it was trained on a classifier looks better than it is."""
    random = np.random.default_rng(0)
    arrays = {}
    for part, size in (("train", 60), ("val", 30), ("test", 24)):
        arrays |= {f"probs_{part}": random.dirichlet(np.ones(3), size), f"y_{part}": np.arange(size) % 3}
    np.savez(tmp_path / "all.npz", **arrays)
    assert len(read_predictions(tmp_path / "all.npz").labels) == 24
    np.savez(tmp_path / "two.npz", **{name: array for name, array in arrays.items() if "test" not in name})
    assert len(read_predictions(tmp_path / "two.npz").labels) == 30


def test_what_stands_before_the_classes_is_left_out_where_they_stay_apart_without_it() -> None:
    assert _class_names(["prob_cat", "prob_dog"]) == ["cat", "dog"]
    assert _class_names(["prob_cat", "score_cat"]) == ["prob_cat", "score_cat"]
    assert _class_names(["cat", "prob_dog"]) == ["cat", "prob_dog"]


def test_the_first_of_several_wrong_probabilities_is_named(tmp_path: Path) -> None:
    column = np.full(30, 0.5)
    column[[3, 7]] = 1.25, -0.5
    np.savez(tmp_path / "p.npz", probabilities=column, labels=np.arange(30) % 2)
    assert refusal(read_predictions, tmp_path / "p.npz").startswith("probabilities[3] is 1.25, expected 0 to 1")


def test_a_name_of_two_parts_says_nothing_of_either() -> None:
    assert meaning_of("train_test_images") is None
    assert meaning_of("test_images") == meaning_of("images_test")


@pytest.mark.parametrize("labels_first", [False, True])
def test_of_two_arrays_without_names_the_wide_one_has_the_scores(labels_first: bool, tmp_path: Path) -> None:
    scores, labels = np.random.default_rng(0).dirichlet(np.ones(3), 30), np.arange(30) % 3
    np.savez(tmp_path / "p.npz", *((labels, scores) if labels_first else (scores, labels)))
    found = read_predictions(tmp_path / "p.npz")
    assert (found.kind, found.labels.tolist()) == ("probabilities", labels.tolist())


@pytest.mark.parametrize("shape", [(30, 1, 12), (30, 12, 1)])
def test_an_axis_of_one_makes_no_pictures_of_features(shape: tuple[int, ...], tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", x_train=np.random.default_rng(0).random(shape), y_train=np.arange(30) % 3)
    dataset = read_own(tmp_path / "own.npz")
    assert (dataset.image_shape, dataset.num_features) == (None, 12)


def test_of_features_and_one_hot_labels_without_names_each_second_has_the_labels(tmp_path: Path) -> None:
    random, hot = np.random.default_rng(0), np.eye(3)
    np.savez(
        tmp_path / "own.npz", random.random((30, 7)), hot[brought.Y[:30]], random.random((9, 7)), hot[brought.Y[:9]]
    )
    dataset = read_own(tmp_path / "own.npz")
    assert (dataset.train_size, dataset.validation_size, dataset.num_features) == (30, 9, 7)
    assert dataset.validation_labels.tolist() == brought.Y[:9].tolist()
