"""Each row of the README's table "what you have, what to type" is typed, with a file of that kind in place."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.data import brought, scored

README = Path(__file__).parents[2] / "README.md"


def rows() -> list[tuple[str, list[str]]]:
    """What one has, and the commands."""
    section = README.read_text(encoding="utf-8").split("| what you have | what to type |\n|---|---|\n")[1]
    lines = section.split("\n\n")[0].splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines]
    return [(have, re.findall(r"`(softmax-tui [^`]*)`", to_type)) for have, to_type in cells]


def moved(write: brought.Write, name: str) -> brought.Write:
    """The same file under another name."""

    def written(folder: Path) -> Path:
        return write(folder).rename(folder / name)

    return written


def within(write: brought.Write, name: str) -> brought.Write:
    """The same files in a folder of that name."""

    def written(folder: Path) -> Path:
        (folder / name).mkdir()
        return write(folder / name)

    return written


def write_costs(folder: Path) -> Path:
    (folder / "costs.csv").write_bytes(scored.SAME_COSTS["spreadsheet in German"])
    return folder / "costs.csv"


FILES: dict[str, brought.Write] = {
    "digits.npz": moved(brought.SAME["keras"], "digits.npz"),
    "scans.npz": moved(brought.OTHER["three parts"], "scans.npz"),
    "digits.csv": moved(brought.OTHER["one table"], "digits.csv"),
    "kaggle/": within(brought.SAME["tables"], "kaggle"),
    "arrays/": within(brought.SAME["npy"], "arrays"),
    "photos/": within(brought.OTHER["pictures"], "photos"),
    "idx/": within(brought.SAME["idx QMNIST"], "idx"),
    "gzip/emnist-letters": within(
        lambda folder: [
            brought.SAME["idx EMNIST"](folder),
            brought.idx(brought.four("emnist-digits-{part}-{what}-idx{n}-ubyte.gz", test="test"))(folder),
        ][0],
        "gzip",
    ),
    "predictions.npz": moved(scored.SAME_SAID["text"], "predictions.npz"),
    "binary.npz": moved(scored.SAME_BINARY["score"], "binary.npz"),
    "predictions.csv": moved(scored.SAME_SAID["table with header"], "predictions.csv"),
    "predicted.csv": moved(scored.HARD["table"], "predicted.csv"),
    "said/": within(scored.SAME_SAID["arrays"], "said"),
    "costs.csv": write_costs,
}


def test_every_file_of_the_table_is_written_here() -> None:
    named = {word for _, commands in rows() for command in commands for word in command.split() if word in FILES}
    assert named == set(FILES)
    assert len(rows()) >= 15


@pytest.mark.parametrize(("have", "commands"), rows(), ids=[have for have, _ in rows()])
def test_what_a_row_says_to_type_works(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, have: str, commands: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands, have
    for command in commands:
        words = shlex.split(command)[1:]
        for word in words:
            if word in FILES and not (tmp_path / word).exists():
                FILES[word](tmp_path)
        said = cli(*words)
        assert said.code == 0, said.err
        if words[0] == "train":
            taken = (cli("datasets", "check", words[-1], "--json")).lines[0]
            assert (taken["num_classes"], taken["train_size"]) == (3, 48 if words[-1] == "digits.csv" else 60)
            assert (taken["test_size"] > 0) == (words[-1] in ("scans.npz", "photos/"))
        elif words[0] == "decide":
            decision = cli(*words, "--json").lines[0]
            assert decision["num_examples"] == (24 if "test" in words else 40)
            if "--cost-matrix" in words:
                assert decision["views"]["costs"]["costs"]["rows"] == scored.COSTS.tolist()
        elif words[0] == "confusion":
            wrong = int((scored.SAID.argmax(1) != scored.TRUE).sum())
            assert f"{40 - wrong} of 40 images right" in said.out
        elif words[0] == "mistakes":
            assert f"of {int((scored.SAID.argmax(1) != scored.TRUE).sum())} mistakes among 40 images" in said.out
            assert "loss" not in said.out
            assert "nan" not in said.out
        else:
            assert "whole and readable" in said.out
            assert "x_train, y_train: training" in " ".join(said.out.split())
