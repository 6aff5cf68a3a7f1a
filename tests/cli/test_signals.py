"""ctrl+C, SIGTERM and SIGHUP at any moment of any command: quiet, 128 + the number, and nobody is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import pytest

from tests.cli.signalled import COMMANDS, NUMBERS, Ended, signalled
from tests.terminal.desk import lay_out
from tui.cli.help_text import SUBCOMMANDS

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="finds processes in /proc")

# The first is when Python has come to the command's own first line; the long form is tests/long/signals.py.
MOMENTS = (None, 0.15, 0.6, 1.6)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signals")
    lay_out(folder)
    return folder


@pytest.fixture(scope="module")
def silent() -> Iterator[dict[str, str]]:
    """A mirror that takes connections and never answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield {"SOFTMAX_TUI_MIRROR": f"http://127.0.0.1:{server.getsockname()[1]}/"}


def places(folder: Path, name: str) -> dict[str, str]:
    return {"SOFTMAX_TUI_STORE": str(folder / f"store-{name}"), "SOFTMAX_TUI_DATA_DIR": str(folder / f"data-{name}")}


@pytest.mark.slow
def test_every_command_ends_quietly_whenever_a_signal_comes(desk: Path, silent: dict[str, str]) -> None:
    assert set(COMMANDS) == set(SUBCOMMANDS) - {"open", "watch"}  # tests/terminal: test_life.py, test_left_running.py
    numbers, lock = cycle(NUMBERS), threading.Lock()
    faults: list[str] = []

    def one(name: str, moment: float | None) -> None:
        with lock:
            number = next(numbers)
        ended = signalled(name, desk, {**places(desk, name), **silent}, number, moment)
        if ended.fault:
            faults.append(f"{name}, {number.name} after {moment} s: {ended.fault}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda case: one(*case), [(name, moment) for moment in MOMENTS for name in COMMANDS]))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ["decide", "train"])
def test_ten_in_a_row_are_as_quiet_as_one(desk: Path, name: str) -> None:
    for moment in (None, 0.8):
        ended = signalled(name, desk, places(desk, name), signal.SIGINT, moment, times=10)
        assert not ended.fault
        assert ended.stderr == ""


def test_what_is_wrong_is_a_fault() -> None:
    quiet = {"seconds": 0.1, "begun": True, "done": False, "left_behind": ()}
    assert not Ended(signal.SIGINT, 130, "", **quiet).fault
    assert Ended(signal.SIGINT, -2, "", **quiet).fault
    assert Ended(signal.SIGTERM, 143, "Traceback (most recent call last):", **quiet).fault
    assert Ended(signal.SIGHUP, 129, "", **{**quiet, "left_behind": (1,)}).fault


def test_nothing_that_takes_time_is_imported_before_signals_are_heard() -> None:
    """Each import before that is a moment in which ctrl+C is a traceback."""
    program = "import sys; before = set(sys.modules); import tui.cli.main; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__future__", "tui", "tui.cli", "tui.cli.endings", "tui.cli.main"]


def test_a_signal_during_an_import_in_c_is_no_error_of_that_import() -> None:
    program = """
import os, signal, sys
from tui.cli.endings import leave_at_signals
class Signals:
    def find_spec(self, name, path=None, target=None):
        os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Signals())
leave_at_signals()
try:
    import colorsys
except BaseException as error:
    print("raised", error)
print("still here")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
