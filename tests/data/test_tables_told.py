"""What a table was taken for is said: percentages, missing cells and labels, columns that are not used, encodings."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.contract.errors import InputError
from engine.contract.progress import Notice
from engine.data.brought.parts import few
from engine.data.brought.predictions_file import read_predictions
from engine.data.brought.reader import read_own
from engine.data.load import DatasetRequest, load
from engine.jobs.judged_model import of_file

P = np.random.default_rng(3).dirichlet(np.ones(3), 30)
Y = np.arange(30) % 3


def table(path: Path, header: str, *columns: Any, encoding: str = "utf-8") -> Path:
    lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join(filter(None, [header, *lines])) + "\n", encoding=encoding)
    return path


def said_by(steps: Iterable[Any]) -> list[str]:
    return [step.text for step in steps if isinstance(step, Notice)]


def refusal(read: Any, path: Path) -> str:
    with pytest.raises(InputError) as refused:
        read(path)
    return str(refused.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_percentages_are_divided_by_100_and_that_is_said(tmp_path: Path, decimals: int) -> None:
    percent = (100 * P).round(decimals)
    found = read_predictions(table(tmp_path / "percent.csv", "label,a,b,c", np.array([*"abc"])[Y], *percent.T))
    assert found.kind == "probabilities"
    assert found.scores is not None
    assert found.scores == pytest.approx(percent / percent.sum(1, keepdims=True), abs=1e-6)
    assert "percentages: divided by 100" in found.notices
    np.savez(tmp_path / "percent.npz", y_prob=percent, y_true=Y)
    assert read_predictions(tmp_path / "percent.npz").kind == "probabilities"


@pytest.mark.parametrize(
    "logits", [100 * P - 1, 50 * P, np.round(100 * P) + np.eye(3)[Y] * 9, np.array([[60.0, 20.0, 20.0], [90, 0, 0]])]
)
def test_other_numbers_are_logits(tmp_path: Path, logits: np.ndarray) -> None:
    np.savez(tmp_path / "said.npz", y_score=logits, y_true=Y[: len(logits)])
    found = read_predictions(tmp_path / "said.npz")
    assert (found.kind, [said for said in found.notices if "percent" in said]) == ("logits", [])
    np.savez(tmp_path / "named.npz", logits=100 * P, y_true=Y)
    assert read_predictions(tmp_path / "named.npz").kind == "logits"


@pytest.mark.parametrize(("cell", "found"), [("", "an empty cell"), ("NA", "'NA'")])
def test_a_missing_cell_is_named_by_row_and_column(tmp_path: Path, cell: str, found: str) -> None:
    columns = [["a", "b"] * 15, *(list(map(str, column)) for column in P.T[:2])]
    columns[1][6] = columns[2][6] = cell
    path = table(tmp_path / "missing.csv", "label,a,b", *columns)
    for read in (read_own, read_predictions):
        assert refusal(read, path) == f"row 8, column 2: found {found}, expected a number"


def test_labels_that_are_missing_are_said_to_be_missing(tmp_path: Path) -> None:
    np.save(tmp_path / "lone.npy", P[:, :2])
    files = [tmp_path / "lone.npy", table(tmp_path / "lone.csv", "", *P.T), table(tmp_path / "two.csv", "a,b,c", *P.T)]
    for path, name in zip(files, ("column 1", "column 1", "a"), strict=True):
        assert refusal(read_predictions, path).startswith(
            f"found no labels: {name} holds {P[0, 0]:g}; expected the true"
        )


def test_columns_that_are_not_used_are_said(tmp_path: Path) -> None:
    columns = [range(1, 31), Y + 40, ["x"] * 30, np.array([*"abc"])[Y], *P.T]
    path = table(tmp_path / "r.csv", '"",patient_id,note,label,a,b,c', *columns)
    found = read_predictions(path)
    assert found.notices[0] == (
        "3 columns: probabilities; label: true labels; patient_id: groups; not used: column 1 and note"
    )
    without = table(tmp_path / "pandas.csv", ",label,a,b,c", range(30), Y, *P.T)
    assert read_predictions(without).notices[0].endswith("label: true labels; not used: column 1")
    told = read_own(without).notices
    assert told[0] == "labels from label, inputs from 3 columns; not used: column 1; all rows: training"
    assert not any(said.startswith("not used") for said in told)
    one = table(tmp_path / "one.csv", "label,p", Y % 2, P[:, 0])
    assert read_own(one).notices[0] == "labels from label, inputs from 1 column, p; all rows: training"


def test_the_file_is_named_once(tmp_path: Path) -> None:
    path = table(tmp_path / "german.csv", "label,a,b,c", Y, *P.T, encoding="utf-16")
    for steps in (of_file(read_predictions(path)), load(DatasetRequest(str(path)), tmp_path)):
        assert "german.csv: read as UTF-16" in said_by(steps)
    (tmp_path / "both").mkdir()
    for name in ("train", "test"):
        table(tmp_path / "both" / f"{name}.csv", "label,a,b,c", Y, *P.T, encoding="utf-16")
    assert "both: train.csv: read as UTF-16" in said_by(load(DatasetRequest(str(tmp_path / "both")), tmp_path))


def test_what_a_system_hides_in_a_folder_is_no_table_of_it(tmp_path: Path) -> None:
    """A Mac writes `._train.csv` beside each file on a stick, an editor its own copy."""
    pixels = np.arange(120).reshape(30, 4)
    table(tmp_path / "train.csv", "label,a,b,c,d", Y, *pixels.T)
    table(tmp_path / "test.csv", "label,a,b,c,d", Y[:9], *pixels[:9].T)
    plain = read_own(tmp_path)
    (tmp_path / "._train.csv").write_bytes(b"\0\5\x16\7Mac OS X")
    table(tmp_path / ".train.csv.swp.csv", "label,a,b,c,d", Y, *pixels.T)
    found = read_own(tmp_path)
    assert (found.checksum, found.notices) == (plain.checksum, plain.notices)


def test_of_many_names_the_first_are_told_and_how_many_there_are_besides() -> None:
    assert few([*"abc"]) == "a, b and c"
    assert few([*"abcdefgh"]) == "a, b, c, d, e, f, g and h"
    assert few([*"abcdefghijk"]) == "a, b, c, d, e, f, g, h and 3 more"


def test_the_byte_that_is_no_text_is_named_in_a_long_file_too(tmp_path: Path) -> None:
    lines = "label,a,b\n" * 70_000
    (tmp_path / "long.csv").write_bytes(codecs.BOM_UTF16_LE + lines.encode("utf-16-le") + b"\0\xd8a\0")
    assert refusal(read_own, tmp_path / "long.csv").startswith("byte 1400002 is no UTF-16, expected a text in UTF-8")


def test_the_first_label_that_is_none_is_the_one_that_is_shown(tmp_path: Path) -> None:
    column = np.array([1.0, 0.0, 0.25, 0.75, *[2.0] * 26])
    said = refusal(read_predictions, table(tmp_path / "p.csv", "", column, *P.T))
    assert said.startswith("found no labels: column 1 holds 0.25; expected the true labels")


def test_the_folders_say_of_which_part_two_tables_of_one_name_are(tmp_path: Path) -> None:
    for part, size in (("train", 30), ("test", 12)):
        (tmp_path / part).mkdir()
        table(tmp_path / part / "digits.csv", "label,a,b,c", Y[:size], *P[:size].T)
    dataset = read_own(tmp_path)
    assert (dataset.train_size, dataset.validation_size) == (30, 12)


def test_the_column_that_says_most_plainly_that_it_is_the_label_is_taken(tmp_path: Path) -> None:
    """Beside it a column called y may be a place."""
    dataset = read_own(table(tmp_path / "places.csv", "x,y,label", np.arange(30) / 7, np.arange(30) / 3, Y))
    assert dataset.notices[0].startswith("labels from label, inputs from 2 columns")


def test_a_table_that_is_named_after_no_part_is_said_to_be_left_out(tmp_path: Path) -> None:
    for name in ("train.csv", "test.csv", "more.csv"):
        table(tmp_path / name, "label,a,b,c", Y, *P.T)
    assert "not used: more.csv" in read_own(tmp_path).notices
