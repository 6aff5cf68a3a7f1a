"""The Vocabulary pane with a real worker in its own process."""

from __future__ import annotations

from pathlib import Path

from engine.client import worker_command
from tests.interface.train_script import screen_text, settled
from tui.app import SoftmaxApp
from tui.panes.vocabulary import VocabularyPane

SMALL = {"dimension": "8", "positions": "32", "chunk": "300", "samples": "16", "batch_size": "16", "steps": "5"}


async def test_memory_is_predicted_methods_are_measured_left_and_trained(tmp_path: Path) -> None:
    app = SoftmaxApp(worker_command([f"--store={tmp_path / 'store'}", f"--data-dir={tmp_path / 'data'}"]))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("7")
        await settled(pilot, lambda: bool(app.query(VocabularyPane)))
        pane = app.query_one(VocabularyPane)
        control = pane.control
        await settled(pilot, lambda: "are free" in screen_text(pilot))
        for name, text in SMALL.items():
            pane.board.form.write(name, text)
        await pilot.press("home", "a", "space")
        await settled(pilot, lambda: control.plan is None and len(control.results.measured) == 5)
        assert {one.outcome for one in control.results.measured.values()} == {"measured"}
        await settled(pilot, lambda: "Chunked gives the same gradient" in " ".join(screen_text(pilot).split()))
        await pilot.press("r", "space")
        await settled(pilot, lambda: control.results.race is not None and len(control.results.race.trained) == 5)
        await settled(pilot, lambda: control.plan is None)
        await settled(pilot, lambda: "After 5 steps each" in screen_text(pilot))
        pane.board.form.write("positions", "1024")
        await pilot.press("t", "end", "space")
        await settled(pilot, lambda: "space stops" in screen_text(pilot))
        await pilot.press("space")
        await settled(pilot, lambda: control.plan is None)
        assert control.results.ended is not None
        assert control.results.ended.status == "stopped"
        await settled(pilot, lambda: "space measures" in screen_text(pilot))
