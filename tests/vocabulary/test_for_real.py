"""The Vocabulary pane with a real worker in its own process."""

from __future__ import annotations

import shlex
from pathlib import Path

from engine.processes.client import worker_command
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.vocabulary.pane import VocabularyPane

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


async def test_a_text_with_few_words_limits_the_slider_and_its_phrase_is_continued(tmp_path: Path) -> None:
    text = tmp_path / "a short text.txt"
    text.write_text("the cat sat on the mat . the dog sat on the rug . " * 40, "utf-8")
    app = SoftmaxApp(worker_command([f"--store={tmp_path / 'store'}", f"--data-dir={tmp_path / 'data'}"]))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("7")
        await settled(pilot, lambda: bool(app.query(VocabularyPane)))
        pane = app.query_one(VocabularyPane)
        control, form = pane.control, pane.board.form
        await settled(pilot, lambda: "are free" in screen_text(pilot))
        for name, value in (SMALL | {"steps": "30"}).items():
            form.write(name, value)
        assert "phrase" in form.form_text.hidden
        form.write("text", str(text))
        form.write("phrase", "the dog")
        await pilot.press("a", "b", "n", "r", "space")
        await settled(pilot, lambda: control.results.race is not None and len(control.results.race.trained) == 3)
        await settled(pilot, lambda: control.plan is None)
        assert pane.stops == (9,)  # seven words, the full stop and <unk>
        await settled(pilot, lambda: "V = 9" in screen_text(pilot))
        await settled(pilot, lambda: " the dog …" in screen_text(pilot))
        race = control.results.race
        assert race is not None
        guesses = race.trained["full"].continuations
        assert f"{guesses[0].word} {guesses[0].probability:.1%}" in screen_text(pilot)
        command = shlex.split(pane.headless_command())
        assert command[2:4] == ["--sizes", "9"]
        assert command[command.index("--continue") + 1] == "the dog"

        form.write("phrase", "zzqx dog")
        await pilot.press("space")
        await settled(pilot, lambda: "zzqx is not among the words: taken as <unk>" in screen_text(pilot))
        await settled(pilot, lambda: control.plan is None)
        form.write("phrase", "zebra")
        await pilot.press("space")
        await settled(pilot, lambda: "expected a phrase with a word of the text" in screen_text(pilot))
        form.write("text", str(tmp_path / "none"))
        await pilot.press("space")
        await settled(pilot, lambda: "No such file" in screen_text(pilot))
        assert pane.words == 10_000  # nothing is known of another text
