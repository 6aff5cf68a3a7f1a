"""The Loss pane with a real worker in its own process."""

from __future__ import annotations

import math
from pathlib import Path

from engine.processes.client import worker_command
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.loss.pane import LossPane


async def test_a_batch_is_measured_an_example_breaks_and_every_loss_trains(tmp_path: Path) -> None:
    app = SoftmaxApp(worker_command([f"--store={tmp_path / 'store'}", f"--data-dir={tmp_path / 'data'}"]))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await settled(pilot, lambda: bool(app.query(LossPane)))
        pane = app.query_one(LossPane)
        await settled(pilot, lambda: app.engine.ready is not None)
        await settled(pilot, lambda: pane.control.measured is not None)
        await settled(pilot, lambda: "Why slower?" in screen_text(pilot))
        assert "2,304" in screen_text(pilot)
        await pilot.press("p")
        await settled(pilot, lambda: "!inf" in screen_text(pilot))
        assert pane.control.measured is not None
        assert math.isinf(pane.control.measured.of("definition").value)
        form = pane.board.form
        for name, text in (("preset", "none"), ("dataset", "silhouettes"), ("epochs", "500"), ("batch_size", "2048")):
            form.write(name, text)
        await pilot.press("r", "space")
        await settled(pilot, lambda: pane.control.runs.status == "running")
        await settled(pilot, lambda: pane.control.runs.done > 0)
        await pilot.press("space")
        await settled(pilot, lambda: not pane.control.training)
        assert pane.control.runs.status == "stopped"
        assert {one.run_id for one in pane.control.runs.so_far} >= {"r0001", "r0005"}
