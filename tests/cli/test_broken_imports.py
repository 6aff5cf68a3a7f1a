"""A library that is missing, or breaks when it is imported, is one line that says how to install it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import engine.processes.broken_import
from engine.processes.broken_import import broken_import, how_to_install

ROOT = Path(__file__).parents[2]
WITH_A_BROKEN_LIBRARY = """
import sys
library, how, *words = sys.argv[1:]
errors = {
    "missing": ModuleNotFoundError(f"No module named {library!r}", name=library),
    "shared": OSError("libcudart.so.12: cannot open shared object file: No such file or directory"),
    "unfit": RuntimeError("operator torchvision::nms does not exist\\nand more of it"),
}
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == library:
            raise errors[how]
sys.meta_path.insert(0, Broken())
sys.argv[1:] = words
import tui.cli.main
tui.cli.main.process()
"""
SILHOUETTES = "--dataset silhouettes --train-size 60 --validation-size 40 --epochs 1"
CASES = [
    *(("torch", "missing", command) for command in (f"train {SILHOUETTES}", "sweep learning-rate", "softmax 1 2")),
    *(("torch", "missing", command) for command in ("losses", "decide p.npz", "confusion p.npz", "mistakes p.npz")),
    *(("torch", how, "engine") for how in ("missing", "shared", "unfit")),
    *(("numpy", "missing", command) for command in (f"train {SILHOUETTES}", "datasets list", "decide p.npz")),
    ("msgspec", "missing", "--help"),
    ("rich", "missing", "train"),
    ("safetensors", "missing", "train"),
    ("platformdirs", "missing", "runs list"),
]


@pytest.mark.parametrize(("library", "how", "command"), CASES, ids=[" ".join(case)[:40] for case in CASES])
def test_it_is_one_line_with_what_to_do(places: dict[str, str], library: str, how: str, command: str) -> None:
    import numpy as np

    folder = Path(places["SOFTMAX_TUI_STORE"]).parent
    np.savez(folder / "p.npz", logits=np.eye(3, dtype=np.float32), labels=np.arange(3))
    done = subprocess.run(
        [sys.executable, "-c", WITH_A_BROKEN_LIBRARY, library, how, *command.split()],
        cwd=folder,
        env={**os.environ, **places, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"softmax-tui: {library} cannot be imported (")
    assert line.endswith(f"); install {library} again: {how_to_install(library)}")


def test_the_engine_says_so_in_one_line_as_well() -> None:
    program = WITH_A_BROKEN_LIBRARY.replace("import tui.cli.main\ntui.cli.main.process()", "") + (
        "import runpy\nrunpy.run_module('engine.worker', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "torch", "missing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        input="",
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("torch cannot be imported (No module named 'torch'); install torch again: ")


def test_other_errors_are_no_broken_imports() -> None:
    for error in (
        ValueError("no"),
        ModuleNotFoundError("of ours", name="engine.nothing"),
        ImportError("without a name"),
    ):
        assert broken_import(error) == ""


def test_the_command_is_one_that_this_environment_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine.processes.broken_import.sys, "executable", "/a b/python")
    monkeypatch.setattr(engine.processes.broken_import.importlib.util, "find_spec", lambda name: None)
    assert how_to_install("torch") == "uv pip install --python '/a b/python' --reinstall torch"
    monkeypatch.setattr(engine.processes.broken_import.importlib.util, "find_spec", lambda name: object())
    assert how_to_install("torch") == "'/a b/python' -m pip install --force-reinstall torch"
    (tmp_path / "uv-receipt.toml").touch()
    monkeypatch.setattr(engine.processes.broken_import.sys, "prefix", str(tmp_path))
    assert how_to_install("torch") == "uv tool upgrade --reinstall softmax-tui"
