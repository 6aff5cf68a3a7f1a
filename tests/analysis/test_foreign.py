"""Predictions files of other programs: read when right, and named in one line when not."""

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.analysis.foreign import evidence_of
from engine.contract.errors import InputError
from engine.data.brought.predictions_file import read_predictions
from engine.jobs.judged_model import predictions_of

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.0, 0.0, 1.0]])
LABELS = np.array([0, 1, 1, 2])


def saved(path: Path, **arrays: Any) -> Path:
    file = path / "predictions.npz"
    np.savez(file, **{"labels": LABELS, **arrays})
    return file


def test_probabilities_are_taken_as_they_are(tmp_path: Path) -> None:
    foreign = read_predictions(saved(tmp_path, probabilities=PROBABILITIES))
    np.testing.assert_array_equal(evidence_of(foreign).probabilities, PROBABILITIES)
    assert foreign.label_names == ("0", "1", "2")
    assert foreign.images is None
    predictions = predictions_of(evidence_of(foreign))
    torch.testing.assert_close(predictions.losses[:3], -torch.log(torch.tensor([0.7, 0.8, 0.3], dtype=torch.float64)))
    assert predictions.predicted.tolist() == [0, 1, 2, 2]
    assert predictions.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_logits_of_any_float_become_probabilities_in_float64(tmp_path: Path, dtype: str) -> None:
    logits = np.array([[100.0, 1.0, 0.0], [0.0, 0.5, 1.0], [-200.0, -201.0, -202.0], [0, 0, 0]], dtype=dtype)
    predictions = predictions_of(evidence_of(read_predictions(saved(tmp_path, logits=logits))))
    expected = torch.from_numpy(logits.astype(np.float64)).softmax(1)
    torch.testing.assert_close(predictions.probabilities, expected)
    torch.testing.assert_close(
        predictions.losses,
        torch.nn.functional.cross_entropy(predictions.logits, torch.tensor(LABELS), reduction="none"),
    )


def test_names_and_images_come_along(tmp_path: Path) -> None:
    images = np.arange(16, dtype=np.uint8).reshape(4, 2, 2)
    file = saved(tmp_path, probabilities=PROBABILITIES, images=images, label_names=np.array(["a", "b\x1b[31m", "[/]"]))
    foreign = read_predictions(file)
    assert foreign.label_names == evidence_of(foreign).label_names == ("a", "b\\x1b[31m", "[/]")
    np.testing.assert_array_equal(foreign.images, images)


def test_float16_may_round_its_sums(tmp_path: Path) -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(1000), 50)
    file = tmp_path / "wide.npz"
    np.savez(file, probabilities=weights.astype(np.float16), labels=np.arange(50))
    assert read_predictions(file).scores.shape == (50, 1000)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "both": (
        {"logits": PROBABILITIES, "probabilities": PROBABILITIES},
        "holds logits and probabilities that differ, expected one",
    ),
    "neither": ({}, "holds no logits or probabilities; expected logits or probabilities, labels"),
    "a vector": (
        {"probabilities": PROBABILITIES[:, 0]},
        "labels has 3 classes, but the scores are one column; expected a column for each class",
    ),
    "complex": ({"logits": np.ones((4, 3), complex)}, "logits is 4 × 3 of complex128, expected (n, classes) of floats"),
    "one class": ({"logits": np.ones((4, 1)) / 2}, "labels has 3 classes, but the scores are one column"),
    "too many classes": ({"logits": np.ones((4, 1001))}, "logits has 1001 columns, expected 2 to 1000 classes"),
    "one row": ({"logits": np.ones((1, 3)), "labels": LABELS[:1]}, "logits has 1 row, expected at least 2"),
    "nan": ({"logits": np.where(PROBABILITIES == 0.8, np.nan, 0.0)}, "logits[1, 1] is nan, expected finite numbers"),
    "minus infinity": (
        {"logits": np.where(PROBABILITIES == 0, -np.inf, PROBABILITIES)},
        "logits[3, 0] is -inf, expected finite numbers",
    ),
    "negative": (
        {"probabilities": PROBABILITIES - 0.15},
        "probabilities[0, 2] is -0.05, expected 0 to 1; if these are",
    ),
    "logits as probabilities": (
        {"probabilities": PROBABILITIES * 0.5},
        "row 0 of probabilities sums to 0.5, expected 1; if these are logits, save them under that name",
    ),
    "above one": ({"probabilities": PROBABILITIES * 5}, "probabilities[0, 0] is 3.5, expected 0 to 1"),
    "float labels": (
        {"probabilities": PROBABILITIES, "labels": LABELS * 1.5},
        "labels[1] is 1.5, expected whole numbers",
    ),
    "labels of two classes at once": (
        {"probabilities": PROBABILITIES, "labels": 1 - np.eye(3, dtype=int)[LABELS]},
        "row 0 is not one-hot; expected a single 1 in each row",
    ),
    "labels too few": (
        {"probabilities": PROBABILITIES, "labels": LABELS[:3]},
        "labels holds 3, expected 4, one for each row",
    ),
    "labels from 0 to 3": (
        {"probabilities": PROBABILITIES, "labels": np.array([0, 1, 2, 3])},
        "labels goes from 0 to 3, expected 0 to 2 with 3 classes",
    ),
    "labels from 2": (
        {"probabilities": PROBABILITIES, "labels": LABELS + 2},
        "labels goes from 2 to 4, expected 0 to 2 with 3 classes",
    ),
    "labels beyond int64": (
        {"probabilities": PROBABILITIES, "labels": np.full(4, 2**64 - 1, dtype=np.uint64)},
        "labels goes up to 18446744073709551615, expected 0 to 999",
    ),
    "names too few": (
        {"probabilities": PROBABILITIES, "label_names": np.array(["a", "b"])},
        "label_names is 2 of <U1, expected (3,) of text",
    ),
    "names of numbers": (
        {"probabilities": PROBABILITIES, "label_names": np.arange(3) / 2},
        "label_names is 3 of float64, expected (classes,) of text",
    ),
    "images too few": (
        {"probabilities": PROBABILITIES, "images": np.zeros((3, 2, 2), dtype=np.uint8)},
        "images is 3 × 2 × 2, expected (4, height, width) or (4, features), none of them 0",
    ),
    "images of text": (
        {"probabilities": PROBABILITIES, "images": np.full((4, 2), "x")},
        "images is of <U1, expected uint8 or other numbers",
    ),
    "images with a hole": (
        {"probabilities": PROBABILITIES, "images": np.full((4, 2), np.inf)},
        "images[0, 0] is inf, expected finite numbers within float32",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_named_with_what_was_found_and_what_was_expected(tmp_path: Path, case: str) -> None:
    arrays, line = BAD[case]
    file = saved(tmp_path, **arrays)
    with pytest.raises(InputError) as refused:
        read_predictions(file)
    assert line in str(refused.value)
    assert str(refused.value).startswith(f"{file}: ")
    assert "\n" not in str(refused.value)


def test_a_file_without_labels_is_told_what_is_missing(tmp_path: Path) -> None:
    np.savez(tmp_path / "some.npz", logits=PROBABILITIES)
    with pytest.raises(InputError, match="holds no labels; expected"):
        read_predictions(tmp_path / "some.npz")


class _Exploding:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("exploded",))


def test_a_pickle_is_refused_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": (4, 3)}
    np.lib.format.write_array_header_1_0(content, header)
    content.write(pickle.dumps(_Exploding()))
    with zipfile.ZipFile(tmp_path / "evil.npz", "w") as archive:
        archive.writestr("logits.npy", content.getvalue())
    with pytest.raises(InputError, match=r"logits holds Python objects .*, expected plain numbers or text"):
        read_predictions(tmp_path / "evil.npz")
    assert not (tmp_path / "exploded").exists()


def test_what_is_no_archive_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("not\nan archive")
    whole = saved(tmp_path, probabilities=PROBABILITIES).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    os.mkfifo(tmp_path / "pipe.npz")
    for name, found in {
        "text.npz": "expected an intact .npz file",
        "cut.npz": "expected an intact .npz file",
        "missing.npz": "no such file",
        "pipe.npz": "is not a regular file",
        ".": "is not a regular file",
    }.items():
        with pytest.raises(InputError, match=found) as refused:
            read_predictions(tmp_path / name)
        assert "\n" not in str(refused.value)


def test_labels_alone_are_refused_with_where_they_are_taken(tmp_path: Path) -> None:
    foreign = read_predictions(saved(tmp_path, predicted=LABELS))
    with pytest.raises(InputError) as refused:
        evidence_of(foreign)
    assert str(refused.value) == (
        f"{foreign.path}: holds predicted labels only. Decide needs a probability or a logit for each class; "
        "Mistakes and the confusion matrix take this file"
    )


def test_a_logit_too_large_is_named_with_its_file(tmp_path: Path) -> None:
    foreign = read_predictions(saved(tmp_path, logits=np.full((4, 3), 1e39)))
    with pytest.raises(InputError, match=rf"{foreign.path}: found 1e\+39 for image 0, class 0"):
        evidence_of(foreign)
