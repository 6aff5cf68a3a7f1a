"""What a command is to judge: a stored run, or else what lies there under that name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.contract.answers import DecisionShown
from engine.contract.commands import ShowDecision
from engine.jobs.recorded_run import Places, Session
from engine.worker.answers import Answers


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a folder of predictions and files that are none."""
    folder = tmp_path / "here"
    (folder / "said").mkdir(parents=True)
    np.save(folder / "said" / "y_true.npy", np.arange(20) % 2)
    np.save(folder / "said" / "y_prob.npy", np.column_stack([np.linspace(0.1, 0.9, 20), np.linspace(0.9, 0.1, 20)]))
    torch.save({}, folder / "pred.pt")
    (folder / "pred.pkl").write_bytes(b"\x80\x04}.")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("here")
def test_a_folder_without_a_slash_is_read_and_a_pickle_is_refused_as_one(cli: Any) -> None:
    for command in ("decide", "confusion", "mistakes"):
        assert cli(command, "said").out == cli(command, "./said").out.replace("./said", "said") != ""
        for name, what in (("pred.pt", "a torch file"), ("pred.pkl", "a pickle")):
            refused = cli(command, name)
            assert (refused.code, refused.err.count("\n")) == (2, 1)
            assert f"{name}: found {what}, expected arrays" in refused.err
        assert "run: found 'nothere', expected one of" in cli(command, "nothere").err
    refused = cli("decide", "said", "--positive", "9")
    assert "--positive: found '9', expected 0 to 1" in refused.err
    for flag in ("--true", "--predicted"):
        assert f"{flag}: found '9', expected 0 to 1" in cli("mistakes", "said", flag, "9").err


def test_a_stored_run_of_that_name_comes_first(cli: Any, here: Path, tmp_path: Path) -> None:
    np.savez(here / "own.npz", x=np.random.default_rng(0).random((20, 4)), y=np.arange(20) % 2)
    assert cli("train", "--dataset", "own.npz", "--epochs", "1").code == 0
    assert cli("runs", "rename", "r0001", "said").code == 0
    for name in ("said", "r0001"):
        (here / name).mkdir(exist_ok=True)
        assert cli("decide", name, "--json").lines[0]["sources"] == ["r0001"]
    (here / "other").symlink_to(here / "said")
    assert cli("decide", "other", "--json").lines[0]["num_examples"] == 20
    answers = Answers(Session(Places(tmp_path / "data", tmp_path / "store")))
    for name, size in (("said", 4), ("other", 20)):
        shown = list(answers.to(ShowDecision(source=name), None))[-1]  # type: ignore[arg-type]
        assert isinstance(shown, DecisionShown)
        assert shown.decision.num_examples == size
