"""The Train pane with a real worker in its own process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from engine.processes.client import worker_command
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions
from tui.train.pane import TrainPane


@asynccontextmanager
async def opened(folder: Path, size: tuple[int, int]) -> AsyncIterator[tuple[Pilot[None], TrainPane]]:
    app = SoftmaxApp(
        worker_command(["--store", str(folder / "store"), "--data-dir", str(folder / "data")]), DisplayOptions()
    )
    async with app.run_test(size=size) as pilot:
        await settled(pilot, lambda: bool(app.query(TrainPane)))
        pane = app.query_one(TrainPane)
        await settled(pilot, lambda: pane.board.furnished)
        pane.board.form.form_text.texts |= {"train_size": "3000", "validation_size": "1000", "epochs": "3"}
        yield pilot, pane


async def typed(pilot: Pilot[None], pane: TrainPane, name: str, text: str) -> None:
    pane.board.form.take_focus(name)
    await pilot.press("enter", "ctrl+u", *text, "enter", "escape")


async def ready(pilot: Pilot[None]) -> None:
    """Importing torch takes as long as it takes."""
    app = pilot.app
    assert isinstance(app, SoftmaxApp)
    async with asyncio.timeout(120):
        while app.engine.ready is None:
            await pilot.pause(0.1)


async def test_a_typed_learning_rate_trains_and_its_losses_are_seen(tmp_path: Path) -> None:
    async with opened(tmp_path, (120, 40)) as (pilot, pane):
        await typed(pilot, pane, "dataset", "silhouettes")
        await typed(pilot, pane, "learning_rate", "0.05")
        await pilot.press("space")
        await settled(pilot, lambda: pane.control.phase != "idle")
        await ready(pilot)
        await settled(pilot, lambda: pane.control.run.position > 2)
        assert pane.control.run.config.learning_rate == 0.05
        await settled(pilot, lambda: re.search(r"cpu, [1-9][\d,]*0 MB", screen_text(pilot)) is not None)
        await pilot.press("space")
        await settled(pilot, lambda: "paused at epoch" in screen_text(pilot))
        held = pane.control.run.position
        await pilot.press("full_stop")
        await settled(pilot, lambda: pane.control.run.position == held + 1)
        await pilot.press("f", "space")
        await settled(pilot, lambda: "finished, 3 epochs" in screen_text(pilot))
        text = screen_text(pilot)
        assert "4 shows the" in text
        assert "shirt" in text  # under the template
        assert any("\u2800" < character <= "\u28ff" for character in text)  # the smoothed loss, in braille
        assert not (tmp_path / "data").exists()


async def test_a_stopped_run_goes_on_from_where_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path, (80, 24)) as (pilot, pane):
        pane.board.form.form_text.texts["dataset"] = "silhouettes"
        await ready(pilot)
        await pilot.press("f", "e")
        await settled(pilot, lambda: len(pane.control.run.epochs) == 1)
        await settled(pilot, lambda: pane.control.phase == "paused")
        await pilot.press("s")
        await settled(pilot, lambda: pane.control.run.status == "stopped")
        stopped = pane.control.run
        await pilot.press("u")
        await settled(pilot, lambda: pane.control.run.status == "finished")
        assert pane.control.run.run_id == stopped.run_id
        assert pane.control.run.epochs[0] == stopped.epochs[0]
        assert len(pane.control.run.epochs) == 3


async def test_a_rate_of_ten_with_the_naive_softmax_ends_in_an_autopsy(tmp_path: Path) -> None:
    async with opened(tmp_path, (80, 24)) as (pilot, pane):
        pane.board.form.form_text.texts |= {"dataset": "silhouettes", "softmax": "naive", "learning_rate": "100"}
        await ready(pilot)
        await pilot.press("space")
        await settled(pilot, lambda: pane.control.run.status == "diverged")
        await settled(pilot, lambda: "Training image" in screen_text(pilot))
        assert "Next (g): h, softmax row-max, space" in screen_text(pilot)


async def test_a_dataset_that_is_not_there_is_refused_at_its_field(tmp_path: Path) -> None:
    async with opened(tmp_path, (80, 24)) as (pilot, pane):
        await ready(pilot)
        pane.board.form.form_text.texts["dataset"] = str(tmp_path / "missing.npz")
        await pilot.press("space")
        await settled(pilot, lambda: "missing.npz" in screen_text(pilot) and pane.control.phase == "idle")
        assert pane._refusal
        assert pane.control.run.status is None
