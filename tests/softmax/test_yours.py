"""A user's own softmax in the playground, with the real engine."""

import os
import signal
from pathlib import Path

import pytest

from engine.contract.yours import YoursJudged
from engine.processes.client import worker_command
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.softmax.pane import SoftmaxPane

GLOBAL_MAX = "def softmax(x):\n    e = (x - x.max()).exp()\n    return e / e.sum(1, keepdim=True)\n"


@pytest.mark.usefixtures("in_earnest")
async def test_it_is_a_row_of_the_table_with_its_verdict_also_after_a_restart(tmp_path: Path) -> None:
    app = SoftmaxApp(worker_command([f"--store={tmp_path}"]))
    app.engine.offer(GLOBAL_MAX, "some/mine.py")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        pane = app.query_one(SoftmaxPane)
        await settled(pilot, lambda: "yours" in pane.names)
        await pilot.press("i", "i", "i", "i")
        await settled(pilot, lambda: "yours: subtracts the maximum of the whole batch" in screen_text(pilot))
        assert "--mine FILE.py" not in screen_text(pilot)
        assert pane.headless_command().endswith("--dtype float32 --mine some/mine.py")
        assert app.engine.pid is not None
        os.kill(app.engine.pid, signal.SIGKILL)
        await settled(pilot, lambda: app.engine.gone is not None)
        pane._judged = None
        await pilot.press("ctrl+r")
        await settled(pilot, lambda: isinstance(pane._judged, YoursJudged))
        await pilot.press("p")
        await settled(pilot, lambda: "an input of 100" in screen_text(pilot) and "yours" in pane.names)


async def test_a_file_that_cannot_be_used_is_a_notice_and_the_table_stands(tmp_path: Path) -> None:
    app = SoftmaxApp(worker_command([f"--store={tmp_path}"]))
    app.engine.offer("x = [/b]\n", "mine.py")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        await settled(pilot, lambda: "syntax error in line 1" in screen_text(pilot))
        await settled(pilot, lambda: "0.659" in screen_text(pilot))
        assert "--mine FILE.py puts your function here" in screen_text(pilot)


async def test_a_pane_that_is_looked_at_later_names_the_slip_as_well(tmp_path: Path) -> None:
    app = SoftmaxApp(worker_command([f"--store={tmp_path}"]))
    app.engine.offer(GLOBAL_MAX, "mine.py")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, lambda: app.engine.judged is not None)
        await pilot.press("2")
        await settled(pilot, lambda: "yours" in app.query_one(SoftmaxPane).names)
        await pilot.press("i", "i", "i", "i")
        await settled(pilot, lambda: "yours: subtracts the maximum of the whole batch" in screen_text(pilot))


async def test_the_losses_say_why_nothing_of_a_file_is_among_them(tmp_path: Path) -> None:
    for source, why in (("x = [/b]\n", "mine.py is not checked yet"), (GLOBAL_MAX, "mine.py has no cross_entropy")):
        app = SoftmaxApp(worker_command([f"--store={tmp_path}"]))
        app.engine.offer(source, "mine.py")
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("3")
            await settled(pilot, lambda why=why: f"not measured: {why}" in screen_text(pilot))  # type: ignore[misc]
            assert "puts your cross_entropy here" not in screen_text(pilot)
