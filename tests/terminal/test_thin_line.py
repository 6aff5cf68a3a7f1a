"""The app at the far end of 20 KB/s and 150 ms each way: it leaves room in the line without being told."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.processes.child import module_command
from tests.terminal.desk import environ_at, lay_out
from tests.terminal.thin_line import ThinLine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's pseudo-terminals"),
]
CTRL_Q = "\x11"


@pytest.fixture
def thin_line(tmp_path: Path) -> Iterator[ThinLine]:
    lay_out(tmp_path)
    line = ThinLine(module_command("tui.cli.main"), environ_at(tmp_path))
    try:
        yield line
    finally:
        line.close()


def test_a_key_never_waits_behind_much_and_nothing_is_typed_into_the_shell(thin_line: ThinLine) -> None:
    thin_line.until("space trains")
    thin_line.press(" ")
    thin_line.until("r0001 running")
    time.sleep(3.0)  # the rate is known
    before, backlogs = thin_line.sent, []
    for pane, promised in (("2", "log-sum-exp"), ("3", "integer-labels"), ("1", "full speed")) * 2:
        backlogs.append(thin_line.backlog)
        thin_line.press(pane)
        thin_line.until(promised)
        time.sleep(1.0)
    switches = (thin_line.sent - before) / 6
    assert statistics.median(backlogs) < 0.3, "seconds of output ahead of a key"
    assert max(backlogs) < 1.5
    assert switches < 20_000, "bytes for a switch and a second of training; all that is drawn would be 60,000"
    thin_line.press(CTRL_Q)
    thin_line.press(CTRL_Q)
    thin_line.process.wait(30)
    time.sleep(0.5)  # longer than an answer takes
    assert thin_line.waiting_input() == 0
