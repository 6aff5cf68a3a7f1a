"""A command line that is called in this process, and one that is a process of its own."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.processes import child as processes
from tui.cli.main import main

ROOT = Path(__file__).parents[2]
SHARED = ROOT / ".." / "shared" / "data"


@dataclass(frozen=True)
class Said:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its JSON lines, read as strictly as other programs read them."""

        def refused(word: str) -> None:
            raise ValueError(f"{word} is no JSON")

        return [json.loads(line, parse_constant=refused) for line in self.out.splitlines()]


Run = Callable[..., Said]


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    return {
        "SOFTMAX_TUI_STORE": str(tmp_path / "store"),
        "SOFTMAX_TUI_DATA_DIR": str(tmp_path / "data"),
        "SOFTMAX_TUI_PREFERENCES": str(tmp_path / "configuration" / "preferences.json"),
    }


@pytest.fixture
def cli(places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Calls `main` with a store and a data folder of the test's own."""
    for name, value in places.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_CTYPE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Said:
        capfdbinary.readouterr()
        code = main(list(arguments))
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return call


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """600 + 200 images of 6 × 5 pixels in three classes that can mostly be told apart."""
    random = np.random.default_rng(7)
    centres = random.integers(40, 200, size=(3, 6, 5))

    def part(count: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        labels = random.integers(0, 3, size=count)
        images = np.clip(centres[labels] + random.normal(0, 80, size=(count, 6, 5)), 0, 255)
        return images.astype(np.uint8), labels

    train_images, train_labels = part(600)
    validation_images, validation_labels = part(200)
    path = tmp_path / "tiny.npz"
    np.savez(
        path,
        train_images=train_images,
        train_labels=train_labels,
        validation_images=validation_images,
        validation_labels=validation_labels,
        label_names=np.array(["owl", "[/b] \x1b[31mred", "fox | <i>"]),
    )
    return path


@pytest.fixture
def trained(cli: Run, tiny: Path) -> str:
    """The id of a stored run of three epochs."""
    said = cli("train", "--dataset", str(tiny), "--epochs", "3", "--batch-size", "32", "--json")
    assert said.code == 0, said.err
    return str(said.lines[0]["run_id"])


@pytest.fixture
def process(places: dict[str, str]) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Starts the command line as a process of its own, with pipes."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            processes.module_command("tui.cli.main", *arguments),
            cwd=ROOT,
            env={**os.environ, **places},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # nohup has it ignored
        )
        started.append(child)
        return child

    yield start  # type: ignore[misc]
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


@pytest.fixture
def real_data() -> str:
    """The folder of the real Fashion-MNIST archives."""
    if not (SHARED / "FashionMNIST" / "raw" / "train-images-idx3-ubyte.gz").exists():
        pytest.skip("the real archives are not at hand")
    return str(SHARED.resolve())
