"""End to end: the app, a real worker, sweeps of a small file."""

from __future__ import annotations

import os
from pathlib import Path

from engine.processes.client import worker_command
from tests.mistakes.test_for_real import saved, seen
from tests.mistakes.test_pane import until
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions
from tui.sweep.pane import SweepPane


def app_on(folder: Path) -> SoftmaxApp:
    command = worker_command(["--store", str(folder / "store"), "--data-dir", str(folder / "data")])
    return SoftmaxApp(command, DisplayOptions())


async def test_a_sweep_is_predicted_run_opened_and_written(tmp_path: Path) -> None:
    file = saved(tmp_path / "small.npz")
    app = app_on(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.engine.ready is not None, tries=1200)
        await pilot.press("6")
        pane = app.query_one(SweepPane)
        for name, text in (("dataset", str(file)), ("epochs", "2"), ("values", "0.001 0.1"), ("seeds", "2")):
            pane.board.form.write(name, text)
        await pilot.press("p", "up", "up", "right", "down", "down", "enter")
        await seen(pilot, "At equal images")
        await seen(pilot, "Your sketch has 1 of 1 pairs in the right order")
        live = pane.control.live
        assert [(one.value, one.seed) for one in live.results] == [(0.001, 0), (0.001, 1), (0.1, 0), (0.1, 1)]
        assert all(len(member.epochs) == 2 for member in live.members.values())
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.active_pane == "mistakes", tries=600)
        best = min(live.results, key=lambda one: one.validation_loss)
        await seen(pilot, best.run_id)
        await seen(pilot, "of 300 images are wrong")
        await pilot.press("6", "w")
        await pilot.press("end", "ctrl+u", *str(tmp_path / "sweep.csv"), "enter")
        await until(pilot, lambda: (tmp_path / "sweep.csv").exists())
        assert len((tmp_path / "sweep.csv").read_text().splitlines()) == 5


async def test_a_sweep_is_stopped_gone_on_with_and_looked_at_after_a_new_start(tmp_path: Path) -> None:
    file = saved(tmp_path / "small.npz")
    app = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.engine.ready is not None, tries=1200)
        # On a busy machine the sweep would be done before the app comes to ask for its stop.
        os.setpriority(os.PRIO_PROCESS, app.engine.ready.pid, 19)  # type: ignore[union-attr]
        await pilot.press("6")
        pane = app.query_one(SweepPane)
        for name, text in (
            ("dataset", str(file)),
            ("parameter", "batch-size"),
            ("values", "1 100"),
            ("seeds", "1"),
            ("epochs", "100"),
        ):
            pane.board.form.write(name, text)
        await pilot.press("space")
        await until(pilot, lambda: any(member.epochs for member in pane.control.live.members.values()), tries=1200)
        app.simulate_key("space")  # at once: `press` waits for the app to come to rest
        await seen(pilot, "Stopped:")
    again = app_on(tmp_path)
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: again.engine.ready is not None, tries=1200)
        await pilot.press("6", "o")
        await seen(pilot, "earlier: s0001 batch size")
        await seen(pilot, "Stopped:")
        await pilot.press("u")
        await seen(pilot, "2 of 2 runs have ended")
        pane = again.query_one(SweepPane)
        assert [len(member.epochs) for member in pane.control.live.members.values()] == [100, 100]
        told = pane.control.live
        await pilot.press("o")
        await pilot.pause(0.5)
        assert pane.control.sweep.results == told.results
