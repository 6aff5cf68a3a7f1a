"""Predictions of another program, opened in a real terminal."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.terminal.terminal import Terminal, bare

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes in /proc")


def test_a_file_opens_in_mistakes_and_is_decided_about(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 400)
    logits = random.normal(0, 1.5, (400, 3))
    logits[np.arange(400), labels] += 1.5
    images = random.integers(0, 256, (400, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "theirs", logits=logits, labels=labels, images=images, label_names=["well", "cold", "flu"])
    places = {"SOFTMAX_TUI_STORE": str(tmp_path / "store"), "SOFTMAX_TUI_DATA_DIR": str(tmp_path / "data")}
    places["SOFTMAX_TUI_PREFERENCES"] = str(tmp_path / "preferences.json")
    environ = {**os.environ, **places, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    for unwanted in ("NO_COLOR", "LC_ALL", "COLUMNS", "LINES"):
        environ.pop(unwanted, None)
    wrong = int((logits.argmax(1) != labels).sum())
    terminal = Terminal([sys.executable, "-m", "tui.cli.main", "open", str(tmp_path / "theirs.npz")], environ)
    try:
        terminal.wait_for("The engine is loading. The mistakes of theirs.npz appear")
        terminal.wait_for(f"{wrong} of 400 images are wrong")
        assert b"could not be started" not in bare(terminal.output)
        terminal.press("\r")
        terminal.wait_for("A predictions file holds no weights")
        terminal.press("5")
        terminal.wait_for("Imagine flu is a disease")
        terminal.press("\x11")
        assert terminal.leave() == 0
        terminal.assert_restored()
    finally:
        terminal.close()
