"""End to end: the app, a real worker, a run and a sweep, and what Decide makes of them."""

from pathlib import Path

from engine.contract.commands import StartSweep, StartTraining
from engine.contract.config import TrainConfig
from engine.contract.sweeps import SweepConfig
from engine.processes.client import worker_command
from tests.mistakes.test_for_real import saved, seen
from tests.mistakes.test_pane import until
from tui.app.app import SoftmaxApp
from tui.decide.pane import DecidePane
from tui.pane.base import DisplayOptions


async def test_a_run_is_decided_about_while_it_learns_and_its_seeds_together(tmp_path: Path) -> None:
    file = saved(tmp_path / "small.npz")
    config = TrainConfig(dataset=str(file), batch_size=50, epochs=2)
    app = SoftmaxApp(
        worker_command(["--store", str(tmp_path / "store"), "--data-dir", str(tmp_path / "data")]), DisplayOptions()
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.engine.ready is not None, tries=1200)
        await pilot.press("f", "5")
        await seen(pilot, "no decisions to look at")
        app.engine.send(StartTraining(config=config))
        await seen(pilot, "after 2 epochs")
        await seen(pilot, "is a disease")
        pane = app.query_one(DecidePane)
        await pilot.press("left")
        await until(pilot, lambda: pane.model_query.settled and "At a threshold of 0.49" in text(app), tries=600)
        await pilot.press("v")
        await until(pilot, lambda: "true\\say" in text(app), tries=600)
        await app.engine.ask(
            StartSweep(config=SweepConfig(parameter="learning_rate", values=(0.1,), seeds=3, base=config))
        )
        await until(pilot, lambda: len(runs_ended(tmp_path)) == 3, tries=1200)
        await pilot.press("u", "s")
        await seen(pilot, "3 models instead of one: accuracy")
        assert "\x1b" not in text(app)


def runs_ended(folder: Path) -> list[str]:
    from engine.store.runs import RunStore

    store = RunStore.open(folder / "store", create=False)
    try:
        return [run.run_id for run in store.summaries() if run.status == "finished" and "/" in run.name]
    finally:
        store.close()


def text(app: SoftmaxApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_a_file_opens_the_app_in_mistakes_and_is_decided_about(tmp_path: Path) -> None:
    import numpy as np

    labels = np.random.default_rng(0).integers(0, 3, 300)
    logits = np.random.default_rng(1).normal(0, 1.5, (300, 3)) + 2.0 * np.eye(3)[labels]
    np.savez(tmp_path / "theirs.npz", logits=logits, labels=labels, images=np.zeros((300, 4, 4), np.uint8))
    app = SoftmaxApp(
        worker_command(["--store", str(tmp_path / "store"), "--data-dir", str(tmp_path / "data")]),
        DisplayOptions(opened=str(tmp_path / "theirs.npz")),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "of 300 images are wrong")
        assert app.active_pane == "mistakes"
        await pilot.press("5")
        await seen(pilot, "Imagine class 2 is a disease")
        await pilot.press("1")
        await until(pilot, lambda: app.active_pane == "train", tries=200)
