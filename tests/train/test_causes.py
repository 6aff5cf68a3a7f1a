"""Data that are not what they seem, through the command: what the run's last sentence blames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

DIGITS = load_digits()
PIXELS = (DIGITS.images / 16 * 255).round().astype(np.uint8)
LABELS = DIGITS.target
OWN: dict[str, Any] = {
    "train_images": PIXELS[:1300],
    "train_labels": LABELS[:1300],
    "validation_images": PIXELS[1300:],
    "validation_labels": LABELS[1300:],
}
FLOATS = OWN["train_images"].astype(np.float32), OWN["validation_images"].astype(np.float32)


@pytest.fixture
def trained_on(cli, tmp_path: Path):
    """Trains on the digits with some arrays replaced: what was said, in one line of single spaces."""

    def train(*settings: str, **arrays: np.ndarray) -> tuple[str, str]:
        path = tmp_path / "own.npz"
        np.savez(path, **{**OWN, **arrays})
        said = cli("train", "--dataset", str(path), *settings)
        assert said.code == 0, said.err
        return " ".join(said.out.split()), " ".join(said.err.split())

    return train


def test_floats_of_0_to_255_are_said_and_blamed(trained_on) -> None:
    out, err = trained_on("--epochs", "1", train_images=FLOATS[0], validation_images=FLOATS[1])
    assert "Pixels go from 0 to 255, expected about 1." in err
    assert "Pixels reach 255, expected about 1. Divide the pixels by 255" in out
    assert "too large" not in out


def test_validation_pixels_of_another_range_are_named(trained_on) -> None:
    out, err = trained_on("--epochs", "1", train_images=FLOATS[0] / 255, validation_images=FLOATS[1])
    named = "Training pixels go from 0 to 1, validation pixels from 0 to 255: 255 times as large."
    assert named in err
    assert named in out
    assert "too large" not in out


@pytest.mark.parametrize("rate", ["0.01", "0.1", "10"])
def test_shuffled_labels_are_told_from_a_learning_rate(trained_on, cli, rate: str) -> None:
    shuffled = np.random.default_rng(0).permutation(OWN["train_labels"])
    out, _ = trained_on("--epochs", "20", "--learning-rate", rate, train_labels=shuffled)
    assert "Images and labels do not match." in out
    assert "chance is 10." in out
    assert "too large" not in out
    assert "Images and labels do not match." in " ".join(cli("runs", "show").out.split())  # stored, too


def test_a_learning_rate_far_too_large_is_blamed_itself(trained_on) -> None:
    out, _ = trained_on("--epochs", "3", "--learning-rate", "1e4")
    assert "The learning rate of 10000 is too large" in out
    assert "labels do not match" not in out


def test_too_few_steps_are_said(trained_on) -> None:
    out, _ = trained_on("--epochs", "1", "--learning-rate", "1e-4")
    assert "after 6 steps with a learning rate of 0.0001: too few or too small steps" in out
    assert "Images and labels match" in out


def test_label_noise_of_1_is_named(trained_on) -> None:
    out, _ = trained_on("--epochs", "3", "--label-noise", "1")
    assert "Label noise 1 makes every training label wrong" in out
    assert "too large" not in out


def test_scripts_get_ranges_and_the_look(cli, tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    shuffled = np.random.default_rng(0).permutation(OWN["train_labels"])
    np.savez(path, **{**OWN, "train_labels": shuffled})
    lines = cli("train", "--dataset", str(path), "--epochs", "2", "--json").lines
    assert lines[0]["dataset"]["train_inputs"]["high"] == 1
    assert [line["type"] for line in lines] == ["started", "epoch", "epoch", "labels_examined", "finished"]
    assert lines[3]["verdict"] == "unrelated"
    assert lines[3]["low"] < lines[3]["chance"] < lines[3]["high"]
