"""An engine that was typed in a terminal, as `ssh -tt` gives it one: the terminal goes away, and nothing is lost."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.codec import encode
from engine.contract.commands import Hello, StartTraining
from engine.contract.config import TrainConfig
from engine.processes.client import worker_command
from engine.store.runs import RunStore
from tests.terminal.terminal import Terminal, gone

pytestmark = [
    pytest.mark.usefixtures("in_earnest"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
]


@pytest.mark.slow
@pytest.mark.parametrize("hangup", ["- HUP", "'' HUP"], ids=["heard", "ignored, as under nohup"])
def test_a_run_is_saved_by_an_engine_whose_terminal_is_hung_up(config: TrainConfig, store: Path, hangup: str) -> None:
    command = worker_command(["--store", str(store), "--data-dir", str(store)])
    terminal = Terminal(["sh", "-c", f'trap {hangup}; exec "$0" "$@"', *command], os.environ)
    try:
        terminal.press(encode(Hello()).decode())
        terminal.wait_for('"ready"')
        start = StartTraining(config=replace(config, epochs=5000), minibatches_per_second=200.0)
        terminal.press(encode(start).decode())
        terminal.wait_for('"epoch":2')
        terminal.hang_up()
        assert terminal.leave(20) in (0, 129)
        assert gone(terminal.process.pid)
    finally:
        terminal.close()
    (run,) = RunStore.open(store, create=False).summaries()
    assert run.status == "stopped"
    assert run.epochs_done >= 2


@pytest.mark.slow
def test_ctrl_c_ends_it_with_130(store: Path) -> None:
    terminal = Terminal(worker_command(["--store", str(store)]), os.environ)
    try:
        terminal.press(encode(Hello()).decode())
        terminal.wait_for('"ready"')
        terminal.press("\x03")
        assert terminal.leave(20) == 130
        assert b"Traceback" not in terminal.output
    finally:
        terminal.close()
