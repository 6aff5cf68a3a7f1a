"""The README's examples for predictions of other programs do what it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn import model_selection
from sklearn.datasets import load_digits

from engine.data.brought.predictions_file import read_predictions

README = Path(__file__).parents[2] / "README.md"
SECTION = "## Predictions of any other classifier"


def example(library: str) -> str:
    """The block of Python that uses a library."""
    section = README.read_text(encoding="utf-8").split(SECTION)[1].split("\n## ")[0]
    (found,) = [block for block in re.findall(r"```python\n(.*?)```", section, re.DOTALL) if library in block]
    return str(found)


def test_the_one_with_scikit_learn_is_looked_at(cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(example("sklearn"), "README.md", "exec"), {})
    foreign = read_predictions(Path("digits.npz"))
    assert foreign.label_names == tuple("0123456789")
    assert foreign.images is not None
    assert foreign.images.shape[1:] == (8, 8)
    assert foreign.images.max() == 255
    accuracy = (foreign.scores.argmax(1) == foreign.labels).mean()
    assert accuracy > 0.95
    (confusion,) = cli("confusion", "digits.npz", "--json").lines
    assert confusion["accuracy"] == pytest.approx(accuracy)
    (decision,) = cli("decide", "digits.npz", "--json").lines
    assert decision["num_examples"] == len(foreign.labels)
    assert decision["auc"] > 0.95
    assert cli("mistakes", "digits.npz").code == 0


def test_a_class_that_the_classifier_never_saw_keeps_its_name(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same lines, on a split whose training part has no threes and no nines."""
    split = model_selection.train_test_split

    def unseen(*arrays: np.ndarray, **options: Any) -> list[np.ndarray]:
        parts = split(*arrays, **options)
        seen = ~np.isin(parts[2], (3, 9))
        return [parts[0][seen], parts[1], parts[2][seen], *parts[3:]]

    monkeypatch.setattr(model_selection, "train_test_split", unseen)
    monkeypatch.chdir(tmp_path)
    exec(compile(example("sklearn"), "README.md", "exec"), {})
    digits = load_digits()
    truth = split(digits.data, digits.target, random_state=0)[3]
    foreign = read_predictions(Path("digits.npz"))
    assert foreign.label_names == tuple("0123456789")
    np.testing.assert_array_equal(foreign.labels, truth)
    assert not foreign.scores[:, [3, 9]].any()
    (decision,) = cli("decide", "digits.npz", "--positive", "3", "--json").lines
    assert decision["false_negative"] == (truth == 3).sum() == 45
    assert (decision["true_positive"], decision["false_positive"]) == (0, 0)
    assert decision["zero_probability_labels"] >= np.isin(truth, (3, 9)).sum()
    (confusion,) = cli("confusion", "digits.npz", "--json").lines
    assert sum(confusion["matrix"][4]) == (truth == 4).sum() == 38


def test_the_one_with_torchvision_is_looked_at(cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a few images of its shape, without torchvision itself: that may not fit this torch, and would download."""

    def few(folder: str, train: bool, download: bool) -> SimpleNamespace:
        generator = torch.Generator().manual_seed(int(train))
        return SimpleNamespace(
            data=torch.randint(0, 256, (512 if train else 100, 28, 28), generator=generator, dtype=torch.uint8),
            targets=torch.randint(0, 10, (512 if train else 100,), generator=generator),
            classes=[f"garment {label}" for label in range(10)],
        )

    library, datasets = ModuleType("torchvision"), ModuleType("torchvision.datasets")
    datasets.FashionMNIST = few  # type: ignore[attr-defined]
    library.datasets = datasets  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", library)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", datasets)
    monkeypatch.chdir(tmp_path)
    exec(compile(example("torchvision"), "README.md", "exec"), {})
    foreign = read_predictions(Path("fashion.npz"))
    assert foreign.kind == "logits"
    assert foreign.images is not None
    np.testing.assert_array_equal(foreign.images, few("", False, False).data.numpy())
    assert foreign.label_names[9] == "garment 9"
    (decision,) = cli("decide", "fashion.npz", "--json").lines
    assert decision["positive_label"] == "garment 9"
