"""The app in a terminal, trained at full speed or at its pace, with what that costs read from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.terminal.terminal import Terminal
from tests.training.conftest import REAL_DATA

CTRL_Q, CTRL_U, ENTER, ESCAPE, HOME, DOWN = "\x11", "\x15", "\r", "\x1b", "\x1b[H", "\x1b[B"
REAL = (REAL_DATA / "FashionMNIST" / "raw" / "train-images-idx3-ubyte.gz").exists()
HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello, world")
Hello().run()
"""


def environ(folder: Path) -> dict[str, str]:
    """Bytecode is compiled once and kept, as an installation has it."""
    unwanted = ("NO_COLOR", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    places = {"SOFTMAX_TUI_STORE": str(folder / "store"), "SOFTMAX_TUI_DATA_DIR": str(REAL_DATA)}
    places["SOFTMAX_TUI_PREFERENCES"] = str(folder / "preferences.json")
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    return kept | places | terminal | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the store and the bytecode of one measurement series."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def first_text(command: list[str], text: str, folder: Path) -> float:
    """Seconds from the start of a program until its terminal shows a text."""
    terminal = Terminal(command, environ(folder), (80, 24))
    try:
        terminal.wait_for(text)
        return time.perf_counter() - terminal.began
    finally:
        terminal.close()


class WatchedApp:
    """The app at 120×40, where the form stands beside the charts."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.terminal = Terminal([sys.executable, "-m", "tui.cli.main", *arguments], environ(folder), (120, 40))
        self.terminal.wait_for("engine ready")

    def train(self, epochs: int, full_speed: bool) -> float:
        """Starts a run of so many epochs through the form; returns the moment at which it was seen to begin."""
        self.terminal.press("h")
        self.terminal.wait_for("enter edit")
        self.terminal.press(HOME)
        if not REAL:
            self._type("silhouettes")
        self.terminal.press(DOWN)
        self._type(str(epochs))
        self.terminal.press(ESCAPE)
        self.terminal.wait_for("full speed")
        if full_speed:
            self.terminal.press("f")
            self.settle()
        self.terminal.press(" ")
        self.terminal.wait_for(" running")
        return time.perf_counter()

    def _type(self, text: str) -> None:
        self.settle()
        self.terminal.press(ENTER)
        self.terminal.wait_for("enter keeps")
        self.terminal.press(CTRL_U)
        self.terminal.wait_for("found ''")
        self.terminal.press(text)
        self.settle()
        self.terminal.press(ENTER)
        self.settle()

    def settle(self) -> None:
        """Until nothing has come for a third of a second."""
        while self.terminal.read(0.33):
            pass

    def until(self, text: str) -> float:
        self.terminal.wait_for(text, 600)
        return time.perf_counter()

    def keys(self, keys_and_texts: list[tuple[str, str]], rounds: int) -> list[float]:
        """Seconds from a key to the text that it brings, keys in turn, while whatever goes on goes on."""
        seconds = []
        for _ in range(rounds):
            for key, text in keys_and_texts:
                self.bytes_in(0.25)
                self.terminal.press(key)
                began = time.perf_counter()
                self.terminal.wait_for(text)
                seconds.append(time.perf_counter() - began)
        return seconds

    def bytes_in(self, seconds: float) -> int:
        """How many bytes the terminal is sent in a time."""
        before, end = len(self.terminal.output), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.terminal.read(left)
        return len(self.terminal.output) - before

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.terminal.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_memory(self) -> int:
        """Bytes of the app's process alone, the most it ever had."""
        status = Path(f"/proc/{self.terminal.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024

    def close(self) -> None:
        """While a run goes on the first key asks and the second confirms."""
        self.terminal.press(CTRL_Q)
        self.bytes_in(0.5)
        self.terminal.press(CTRL_Q)
        self.terminal.leave()
        self.terminal.close()


def headless_seconds(folder: Path, epochs: int) -> float:
    """Seconds from `started` to `finished` of the command line, as one sees the lines come."""
    dataset = "fashion-mnist" if REAL else "silhouettes"
    command = [sys.executable, "-m", "tui.cli.main", "train", "--dataset", dataset, "--epochs", str(epochs), "--json"]
    seen: dict[str, float] = {}
    with subprocess.Popen(command, env=environ(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            seen[json.loads(line)["type"]] = time.perf_counter()
    return seen["finished"] - seen["started"]
