"""A pickle and a torch file are refused as what they are, everywhere, and nothing of them is run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.contract.errors import InputError
from engine.data.brought.predictions_file import read_predictions
from engine.data.brought.reader import read_own

READERS = (read_own, read_predictions)
SAVE = "expected arrays; nothing is unpickled: save the arrays with numpy.savez"


class Trap:
    """Makes a file in the current folder where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("run"),)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("said.pt", "a torch file"),
        ("said.npz", "a torch file"),
        ("old.pth", "a torch file"),
        ("said.pkl", "a pickle"),
        ("said", "a pickle"),
        ("text.pickle", "a pickle"),
    ],
)
def test_it_is_one_line(read: Any, name: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    if what == "a torch file":
        torch.save({"probabilities": Trap()}, path, _use_new_zipfile_serialization=name != "old.pth")
    else:
        path.write_bytes(pickle.dumps({"labels": Trap()}, protocol=0 if name == "text.pickle" else 4))
    with pytest.raises(InputError) as refused:
        read(path)
    assert str(refused.value) == f"{path}: found {what}, {SAVE}"
    assert not Path("run").exists()


@pytest.mark.parametrize("read", READERS)
def test_a_folder_with_nothing_else_is_refused_and_beside_arrays_it_is_left_alone(read: Any, tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(2)}, tmp_path / "model.pt")
    with pytest.raises(InputError, match="found a torch file"):
        read(tmp_path)
    np.save(tmp_path / "labels.npy", np.arange(20) % 2)
    said = {read_own: ("images", np.zeros((20, 4))), read_predictions: ("y_prob", np.full((20, 2), 0.5))}
    np.save(tmp_path / f"{said[read][0]}.npy", said[read][1])
    assert len(read(tmp_path).label_names) == 2
