"""End to end: the app, a real worker, an epoch on a small file, and the mistakes it leaves."""

from pathlib import Path

import numpy as np
from textual.pilot import Pilot

from engine.contract.commands import StartTraining
from engine.contract.config import TrainConfig
from engine.processes.client import worker_command
from tests.mistakes.test_pane import screen_text, until
from tests.training.conftest import small
from tui.app.app import SoftmaxApp
from tui.mistakes.heatmap import Heatmap
from tui.mistakes.pane import MistakesPane
from tui.pane.base import DisplayOptions


def saved(path: Path) -> Path:
    dataset = small()
    np.savez(
        path,
        train_images=dataset.train_images.reshape(-1, 6, 6),
        train_labels=dataset.train_labels,
        validation_images=dataset.validation_images.reshape(-1, 6, 6),
        validation_labels=dataset.validation_labels,
        label_names=np.array(["[/b]", "coat", "b\x1b[2Jag", "كلب"]),
    )
    return path


async def seen(pilot: Pilot[None], text: str) -> None:
    await until(pilot, lambda: text in screen_text(pilot), tries=1200)


async def test_an_epoch_is_trained_and_its_mistakes_are_looked_at(tmp_path: Path) -> None:
    file = saved(tmp_path / "small.npz")
    app = SoftmaxApp(
        worker_command(["--store", str(tmp_path / "store"), "--data-dir", str(tmp_path / "data")]), DisplayOptions()
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.engine.ready is not None, tries=1200)
        await pilot.press("f", "4")
        await seen(pilot, "No run has been started yet")
        app.engine.send(StartTraining(config=TrainConfig(dataset=str(file), batch_size=50, epochs=1)))
        await seen(pilot, "after 1 epoch")
        await seen(pilot, "of 300 images are wrong")
        pane = app.query_one(MistakesPane)
        matrix = pane.query_one(Heatmap)
        await pilot.press("n")
        true, predicted = matrix.cursor
        count = matrix._counts[true][predicted]
        assert true != predicted
        await seen(pilot, f"1 of {count} largest loss first")
        await pilot.press("enter")
        await seen(pilot, "gradient p − y")
        await seen(pilot, "loss = −log")
        await pilot.press("escape", "escape", "tab", "home", *["right"] * true, "enter")
        await seen(pilot, "images of")
        await pilot.press("enter")
        await seen(pilot, "predicted right")
        assert "\x1b" not in screen_text(pilot)


async def test_a_stored_run_is_looked_at_after_the_engine_has_been_started_again(tmp_path: Path) -> None:
    file = saved(tmp_path / "small.npz")
    command = worker_command(["--store", str(tmp_path / "store"), "--data-dir", str(tmp_path / "data")])
    app = SoftmaxApp(command, DisplayOptions())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.engine.ready is not None, tries=1200)
        await pilot.press("f")
        app.engine.send(StartTraining(config=TrainConfig(dataset=str(file), batch_size=50, epochs=1)))
        await until(pilot, lambda: app.live.state.status == "finished", tries=1200)
    again = SoftmaxApp(command, DisplayOptions())
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: again.engine.ready is not None, tries=1200)
        await pilot.press("4")
        await seen(pilot, "of 300 images are wrong")
        await seen(pilot, "r0001, last finished")
