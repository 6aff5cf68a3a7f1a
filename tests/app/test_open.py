"""`softmax-tui open`, and a predictions file where a run may stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.calling import ROOT

GOOD: dict[str, Any] = {"logits": np.zeros((4, 3)), "labels": np.array([0, 1, 2, 0])}


def saved(path: Path, **changes: Any) -> Path:
    arrays = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    np.savez(path, **arrays)
    return path


def no_archive(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and then nothing")


def cut_short(path: Path) -> None:
    whole = saved(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def pickled(path: Path) -> None:
    saved(path, label_names=np.array([{}, {}, {}], dtype=object))


BAD: list[tuple[str, Callable[[Path], object], str]] = [
    ("missing", lambda path: None, "no such file; expected an .npz file of predictions"),
    ("a folder", Path.mkdir, "is not a regular file; expected an .npz file"),
    ("no archive", no_archive, "expected an intact .npz file"),
    ("cut short", cut_short, "expected an intact .npz file"),
    ("pickled", pickled, "label_names"),
    ("no labels", lambda path: saved(path, labels=None), "holds no labels"),
    ("no scores", lambda path: saved(path, logits=None), "holds no logits or probabilities"),
    ("both scores", lambda path: saved(path, probabilities=np.array([[0.8, 0.1, 0.1]] * 4)), "expected one of them"),
    ("nan", lambda path: saved(path, logits=np.full((4, 3), np.nan)), "logits[0, 0] is nan, expected finite numbers"),
    ("too large", lambda path: saved(path, logits=np.full((4, 3), 1e39)), "expected finite numbers of at most 1e+38"),
    (
        "sums",
        lambda path: saved(path, logits=None, probabilities=np.full((4, 3), 0.5)),
        "row 0 of probabilities sums to 1.5, expected 1; if these are logits, save them under that name",
    ),
    ("labels beyond", lambda path: saved(path, labels=np.array([0, 1, 3, 0])), "goes from 0 to 3, expected 0 to 2"),
    ("labels too few", lambda path: saved(path, labels=np.array([0, 1])), "labels holds 2, expected 4"),
    ("names too few", lambda path: saved(path, label_names=["a", "b"]), "expected (3,) of text"),
    ("images too few", lambda path: saved(path, images=np.zeros((3, 2, 2), np.uint8)), "expected (4, height, width)"),
    (
        "one class",
        lambda path: saved(path, logits=np.zeros((4, 1))),
        "labels has 3 classes, but the scores are one column",
    ),
]


@pytest.mark.parametrize(("make", "told"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
@pytest.mark.parametrize("command", ["open", "mistakes", "confusion", "decide"])
def test_a_file_that_is_not_right_is_one_line_whatever_reads_it(
    cli: Any, tmp_path: Path, command: str, make: Callable[[Path], object], told: str
) -> None:
    file = tmp_path / "pre\x1b[2Jdictions.npz"
    make(file)
    said = cli(command, str(file))
    assert said.code == 2
    assert said.out == ""
    assert told in said.err
    assert len(said.err.splitlines()) == 1
    assert "\x1b" not in said.err


def alone(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, cwd=ROOT)


def test_a_good_file_wants_a_terminal(tmp_path: Path) -> None:
    said = alone("import sys; from tui.cli.main import main; sys.exit(main())", "open", str(saved(tmp_path / "p.npz")))
    assert said.returncode == 2
    assert "expected a terminal; see softmax-tui --help" in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_file_is_checked_without_torch(tmp_path: Path) -> None:
    program = "import sys; from tui.cli.main import main; main(); print('torch' in sys.modules)"
    for file in (tmp_path / "missing.npz", saved(tmp_path / "p.npz", labels=np.array([9, 9, 9, 9]))):
        assert alone(program, "open", str(file)).stdout == "False\n"


def test_a_file_has_to_be_named_and_lies_where_the_engine_is(cli: Any, tmp_path: Path) -> None:
    assert "required: FILE" in cli("open").err
    said = cli("--engine-command", "ssh box softmax-tui engine", "open", str(saved(tmp_path / "p.npz")))
    assert said.code == 2
    assert "expected the engine of this machine" in said.err


def test_a_file_takes_the_place_of_a_run(cli: Any, tmp_path: Path) -> None:
    logits = np.array([[2.0, 0, 0], [2, 0, 0], [0, 0, 2], [0, 1, 0]])
    images = np.arange(16, dtype=np.uint8).reshape(4, 2, 2)
    file = str(saved(tmp_path / "p.npz", logits=logits, images=images, label_names=["a", "b", "c"]))
    lines = cli("mistakes", file, "--json").lines
    assert [(line["index"], line["true_label"], line["predicted_label"]) for line in lines] == [
        (1, "b", "a"),
        (3, "a", "b"),
    ]
    assert cli("confusion", file, "--json").lines[0]["matrix"] == [[1, 1, 0], [1, 0, 0], [0, 0, 1]]
    said = cli("confusion", file)
    assert "p.npz: 2 of 4 images right (50.0%)" in said.out
    assert "2 of 2 mistakes among 4 images" in cli("mistakes", file).out
    assert not (tmp_path / "store").exists()
