"""The app in a real terminal: it starts, trains, is left or killed, and leaves nothing behind."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.store.runs import RunStore
from tests.cli.signalled import hears
from tests.terminal.terminal import ENTER_SCREEN, Terminal, alive, bare, children, gone

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
]

APP = [sys.executable, "-m", "tui.cli.main"]
CTRL_Q, CTRL_R, CTRL_U, ENTER, ESCAPE, HOME = "\x11", "\x12", "\x15", "\r", "\x1b", "\x1b[H"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """So few images that a run takes as long as its pace says: ten minibatches a second."""
    images = np.random.default_rng(5).integers(0, 255, size=(5120, 2, 2), dtype=np.uint8)
    labels = np.arange(5120) % 2
    path = tmp_path / "two.npz"
    np.savez(path, train_images=images, train_labels=labels, validation_images=images, validation_labels=labels)
    return path


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled once for all that is started here."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def environ(tmp_path: Path, bytecode: Path) -> dict[str, str]:
    unwanted = ("NO_COLOR", "LC_ALL", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    places = {"SOFTMAX_TUI_STORE": str(tmp_path / "store"), "SOFTMAX_TUI_DATA_DIR": str(tmp_path / "data")}
    places["SOFTMAX_TUI_PREFERENCES"] = str(tmp_path / "preferences.json")
    return kept | places | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPYCACHEPREFIX": str(bytecode)}


Open = Callable[..., Terminal]


@pytest.fixture
def opened(environ: dict[str, str]) -> Iterator[Open]:
    """Opens the app; whatever of it still lives at the end of the test is killed."""
    terminals: list[Terminal] = []

    def open_one(*arguments: str) -> Terminal:
        terminals.append(Terminal([*APP, *arguments], environ))
        return terminals[-1]

    yield open_one
    for terminal in terminals:
        orphans = children(terminal.process.pid)
        terminal.close()
        for pid in orphans:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def train(terminal: Terminal, dataset: Path) -> int:
    """Types the dataset, starts, and returns the worker's pid once the run goes on."""
    terminal.wait_for("engine ready")
    terminal.press("h")
    terminal.wait_for("enter edit")
    terminal.press(HOME + ENTER)
    terminal.wait_for("typing: enter keeps")
    terminal.press(CTRL_U)
    terminal.wait_for("1 wrong")
    terminal.press(str(dataset))
    terminal.wait_for(dataset.name)
    terminal.press(ENTER)
    terminal.wait_for("enter edit")
    terminal.press(ESCAPE)
    terminal.wait_for("start/pause")
    terminal.press(" ")
    terminal.wait_for("run r0001 running")
    terminal.wait_for("epoch 2/10")
    (worker,) = children(terminal.process.pid)
    return worker


def stored(environ: dict[str, str]) -> tuple[str, int]:
    """How the only run ended, as the store has it, and how far its checkpoint is: one can go on from there."""
    store = RunStore.open(Path(environ["SOFTMAX_TUI_STORE"]), create=False)
    (summary,) = store.summaries()
    checkpoint = store.load_checkpoint(summary.run_id)
    return summary.status, checkpoint.position


def test_it_paints_and_leaves_the_terminal_as_it_was(opened: Open) -> None:
    terminal = opened()
    terminal.wait_for("space trains")
    terminal.wait_for("engine ready")
    (worker,) = children(terminal.process.pid)
    terminal.press(CTRL_Q)
    assert terminal.leave() == 0
    terminal.assert_restored()
    assert gone(worker)


@pytest.mark.parametrize("seen", ["space trains", "importing torch"])
def test_it_can_be_left_before_the_engine_is_ready(opened: Open, seen: str) -> None:
    terminal = opened()
    terminal.wait_for(seen)
    workers = children(terminal.process.pid)
    terminal.press(CTRL_Q)
    assert terminal.leave() == 0
    terminal.assert_restored()
    assert all(map(gone, workers))


@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 0.5, 0.8, 1.2])
def test_a_signal_while_it_opens_leaves_the_terminal_as_it_was(opened: Open, seconds: float) -> None:
    terminal = opened()
    while not hears(terminal.process.pid):  # until then it is Python that starts
        time.sleep(0.001)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(0.01)
    workers = children(terminal.process.pid)
    terminal.signal(signal.SIGINT)
    assert terminal.leave() == 130, bare(terminal.output)[-6000:].decode(errors="replace")
    assert b"Traceback" not in terminal.output
    if ENTER_SCREEN in terminal.output:
        terminal.assert_restored()
    else:
        assert terminal.output == b""
    assert all(map(gone, workers))


def test_leaving_asks_once_while_a_run_goes_on_and_saves_it(
    opened: Open, dataset: Path, environ: dict[str, str]
) -> None:
    terminal = opened()
    worker = train(terminal, dataset)
    terminal.press(CTRL_Q)
    terminal.wait_for("still training")
    terminal.press("n")
    # The pane is drawn below the question too: no text tells that the question has gone.
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        terminal.read(0.1)
    assert alive(worker)
    terminal.press(CTRL_Q)
    terminal.wait_for("still training")
    terminal.press("y")
    assert terminal.leave() == 0
    terminal.assert_restored()
    assert gone(worker)
    status, minibatches = stored(environ)
    assert status == "stopped"
    assert minibatches >= 20


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_the_app_saves_the_run_and_restores_the_terminal(
    opened: Open, dataset: Path, environ: dict[str, str], number: signal.Signals, code: int
) -> None:
    terminal = opened()
    worker = train(terminal, dataset)
    terminal.signal(number)
    assert terminal.leave() == code
    terminal.assert_restored()
    assert gone(worker)
    status, minibatches = stored(environ)
    assert status == "stopped"
    assert minibatches >= 20


def test_a_window_that_is_closed_saves_the_run_and_leaves_no_process(
    opened: Open, dataset: Path, environ: dict[str, str]
) -> None:
    terminal = opened()
    worker = train(terminal, dataset)
    terminal.hang_up()
    terminal.leave()
    assert gone(worker)
    status, minibatches = stored(environ)
    assert status == "stopped"
    assert minibatches >= 20


def test_an_app_that_is_killed_leaves_no_worker(opened: Open, dataset: Path, environ: dict[str, str]) -> None:
    terminal = opened()
    worker = train(terminal, dataset)
    terminal.signal(signal.SIGKILL)
    assert terminal.leave() == -signal.SIGKILL
    assert gone(worker)
    status, minibatches = stored(environ)
    assert status == "stopped"
    assert minibatches >= 20


def test_a_worker_that_is_killed_is_told_of_and_its_run_goes_on_in_the_next(
    opened: Open, dataset: Path, environ: dict[str, str]
) -> None:
    terminal = opened()
    worker = train(terminal, dataset)
    terminal.signal(signal.SIGKILL, worker)
    terminal.wait_for("killed by SIGKILL")
    terminal.wait_for("ctrl+r")
    terminal.press(CTRL_R)
    terminal.wait_for("engine ready")
    (second,) = children(terminal.process.pid)
    assert second != worker
    terminal.press("u")
    terminal.wait_for("run r0001 running")
    terminal.press("f")
    terminal.wait_for("run r0001 finished")
    terminal.press(CTRL_Q)
    assert terminal.leave() == 0
    terminal.assert_restored()
    assert stored(environ)[0] == "finished"


def test_an_engine_command_that_cannot_be_run_is_told_in_the_app(opened: Open) -> None:
    terminal = opened("--engine-command", "no-such-program engine")
    terminal.wait_for("no-such-program: No such file or directory")
    terminal.press(CTRL_Q)
    assert terminal.leave() == 0
    terminal.assert_restored()
