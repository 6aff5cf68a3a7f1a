"""A run that is left running survives its command, its app and their terminal; other terminals find and stop it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.engines import EngineFiles
from engine.store.owner import process_start
from engine.store.runs import RunStore
from tests.terminal.desk import environ_at, lay_out
from tests.terminal.shown import Shown
from tests.terminal.terminal import LEAVE_SCREEN, Terminal, bare

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-P", "-m", "tui.cli.main"]
LONG = ["--dataset", "silhouettes", "--train-size", "2000", "--validation-size", "200", "--epochs", "5000"]


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Sockets lie in a folder of the test's own. Whatever is left running is ended."""
    sockets = tempfile.mkdtemp(prefix="left-", dir="/tmp")
    lay_out(tmp_path)
    yield {**environ_at(tmp_path), "TMPDIR": sockets}
    for engine in EngineFiles(tmp_path / "store").there():
        os.kill(engine.owner.pid, signal.SIGKILL)
    shutil.rmtree(sockets)


def said_by(environ: dict[str, str], *words: str) -> str:
    """What a command says in a terminal of its own."""
    terminal = Terminal([*COMMAND, *words], environ)
    try:
        assert terminal.leave() == 0, terminal.output
        return terminal.output.decode()
    finally:
        terminal.close()


def epochs(folder: Path) -> int:
    [run] = RunStore.open(folder / "store", create=False).summaries()
    assert run.status == "running", run
    return run.epochs_done


def goes_on(folder: Path) -> int:
    """Waits for epochs after this moment; the pid of what trains them."""
    before, end = epochs(folder), time.monotonic() + 60
    while epochs(folder) < before + 2:
        assert time.monotonic() < end, "the run does not go on"
        time.sleep(0.1)
    [engine] = EngineFiles(folder / "store").there()
    return engine.owner.pid


def test_a_detached_command_returns_and_its_run_is_found_watched_and_stopped(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    said = said_by(environ, "train", *LONG, "--detach")
    assert "run r0001 continues in the background on" in said
    assert "softmax-tui runs stop r0001" in said
    pid = goes_on(tmp_path)
    assert f"pid {pid}: softmax-tui watch r0001" in said_by(environ, "runs", "list").replace("\r\n", " ")
    watching = Terminal([*COMMAND, "watch"], environ)
    try:
        watching.wait_for("validation loss")
        watching.signal(signal.SIGINT)
        watching.wait_for("r0001 continues to run")
        assert watching.leave() == 130
    finally:
        watching.close()
    assert "r0001 stopped with a checkpoint" in said_by(environ, "runs", "stop", "r0001")
    end = time.monotonic() + 20
    while process_start(pid):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert not [*Path(environ["TMPDIR"]).glob("softmax-tui-*/*")]


def leave_to_itself(app: Shown) -> None:
    """Starts a run, and detaches it in its third epoch."""
    app.until("engine ready")
    app.press(" ")
    app.until("epoch 3/10")
    app.press("D")
    app.until("continues when the app ends")


def test_a_run_that_was_left_with_d_survives_the_app_and_its_terminal(tmp_path: Path, environ: dict[str, str]) -> None:
    app = Shown(COMMAND, environ)
    try:
        leave_to_itself(app)
        os.kill(app.process.pid, signal.SIGKILL)
    finally:
        app.close()  # and with it the terminal
    end = time.monotonic() + 60
    store = RunStore.open(tmp_path / "store", create=False)
    while store.summaries()[0].status != "finished":
        assert store.summaries()[0].status == "running"
        assert time.monotonic() < end
        time.sleep(0.1)


def test_an_app_that_leaves_its_run_behind_says_nothing_more(tmp_path: Path, environ: dict[str, str]) -> None:
    """The worker goes on talking while the app leaves."""
    app = Shown(COMMAND, environ)
    try:
        leave_to_itself(app)
        app.press("\x11")
        assert app.leave() == 0
        app.assert_restored()
        assert bare(app.output[app.output.rfind(LEAVE_SCREEN) :]).strip() == b""
    finally:
        app.close()
    assert EngineFiles(tmp_path / "store").there()
