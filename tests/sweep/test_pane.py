"""The Sweep pane, driven by keys and mouse against a scripted engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from engine.contract.commands import ResumeSweep, ShowMistakes, StartSweep
from engine.contract.engine_events import Failed, WarmingUp
from engine.contract.progress import Progress
from engine.contract.sweeps import DEFAULT_SEEDS, DEFAULT_VALUES, SweepConfig, SweepFinished
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tests.sweep.scripted import (
    GRID,
    RATES,
    READY,
    ScriptedEngine,
    a_whole_sweep,
    epochs,
    finished,
    nobody,
    progress,
    results,
    started,
    stored,
)
from tests.train.script import started as run_started
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions
from tui.pane.confirm import Confirm
from tui.pane.tour import SHOWS
from tui.sweep.export import exported
from tui.sweep.pane import SweepPane
from tui.sweep.state import MemberState
from tui.sweep.value_grid import ValueGrid
from tui.widgets.chart import Chart
from tui.widgets.row_list import RowList

PATIENCE = 60.0  # seconds


class Seen:
    """What a person sees of the pane."""

    def __init__(self, app: SoftmaxApp, pilot: Pilot[None], engine: ScriptedEngine) -> None:
        self.app, self.pilot, self.engine = app, pilot, engine
        self.pane = app.query_one(SweepPane)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    def write(self, text: str) -> None:
        """In place of what stands in the field that has the focus."""
        assert isinstance(self.app.focused, Input)
        self.app.focused.value = text

    async def tell(self, *events: Event) -> None:
        for event in events:
            self.engine.told(event)
        await self.pilot.pause()

    def text(self) -> str:
        lines = [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]
        return "\n".join(lines)

    def members(self, point: tuple[float, ...]) -> list[MemberState]:
        """The runs of a value, as they were told."""
        return [member for (values, _), member in self.pane.control.sweep.members.items() if values == point]

    def flat(self) -> str:
        """The sentences, however they were broken into lines."""
        return " ".join(self.text().split())

    async def until(self, *wanted: str | Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            await self.pilot.pause()
            assert self.app._exception is None, self.app._exception
            missing = [one for one in wanted if not (one in self.flat() if isinstance(one, str) else one())]
            if not missing:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"{missing} has not come:\n{self.text()}")


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (120, 40), options: DisplayOptions | None = None, engine: ScriptedEngine | None = None
) -> AsyncIterator[Seen]:
    app = SoftmaxApp(["never started"], options)
    engine = engine or ScriptedEngine()
    app.engine = engine  # type: ignore[assignment]
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("6")
        await pilot.pause()
        seen = Seen(app, pilot, engine)
        await seen.until("Next (g):", lambda: engine.told is not nobody)
        yield seen


# What is seen first, and starting


async def test_it_opens_on_the_books_learning_rates_and_says_how_long_they_take() -> None:
    async with opened() as seen:
        await seen.until(
            "space starts 30 runs, about 0:",
            "learning-rate",
            "p predicts",
            "larger than the differences between seeds",
            "Intervals of 5 seeds",
        )
        assert seen.pane.headless_command() == "softmax-tui sweep learning-rate 0.001 0.01 0.03 0.1 0.3 1"
        assert not any(isinstance(command, StartSweep | ResumeSweep) for command in seen.engine.asked)
        assert seen.app.focused is seen.pane


async def test_space_starts_the_books_values_seen_as_they_are_downloaded_and_b_its_batch_sizes() -> None:
    async with opened() as seen:
        await seen.press("space")
        await seen.until("loading the data")
        await seen.tell(Progress(stage="downloading", subject="x", done=1_000_000, total=30_000_000, unit="bytes"))
        await seen.until("downloading x 1 of 30 MB")
        [config] = seen.engine.began()
        assert (config.parameter, config.values, config.seeds) == (
            "learning_rate",
            DEFAULT_VALUES["learning_rate"],
            DEFAULT_SEEDS,
        )
        assert config.base.epochs == 20
    async with opened() as seen:
        await seen.press("b", "q", "space")
        await seen.until(lambda: bool(seen.engine.began()))
        [config] = seen.engine.began()
        assert (config.parameter, config.values) == ("batch_size", DEFAULT_VALUES["batch_size"])
        assert config.question == "steps"
        assert "--at steps" in seen.pane.headless_command()
        assert "batch-size 1 2 4 8" in seen.pane.headless_command()


async def test_a_start_before_the_engine_is_ready_waits_for_it() -> None:
    engine = ScriptedEngine()
    engine.ready = None
    async with opened(engine=engine) as seen:
        await seen.press("space")
        await seen.until("starts when the engine is ready")
        assert engine.began() == []
        engine.ready = READY
        await seen.tell(READY)
        await seen.until(lambda: len(engine.began()) == 1)


async def test_a_run_that_is_going_on_is_ended_only_if_one_says_so() -> None:
    async with opened() as seen:
        await seen.tell(run_started())
        await seen.press("space")
        await seen.until(lambda: isinstance(seen.app.screen, Confirm), "r0001 is still training")
        await seen.press("n")
        assert seen.engine.began() == []
        await seen.press("space", "y")
        await seen.until(lambda: len(seen.engine.began()) == 1)


# The form

FAULTS = [
    ("values", "", "found no values"),
    ("values", "abc", "found 'abc', expected a number above 0"),
    ("values", "-1", "found '-1', expected a number above 0"),
    ("values", "1e999", "found '1e999', expected a number above 0"),
    ("values", "nan", "found 'nan', expected a number above 0"),
    ("values", "0.1 1e10", "found '1e10', expected a number above 0"),
    ("seeds", "", "found '', expected an integer"),
    ("seeds", "three", "found 'three', expected an integer"),
    ("seeds", "-1", "found '-1', expected an integer"),
    ("seeds", "1e999", "found '1e999', expected an integer"),
    ("seeds", "nan", "found 'nan', expected an integer"),
    ("seeds", "1000000000", "found '1000000000', expected an integer"),
    ("epochs", "", "found '', expected an integer"),
    ("epochs", "many", "found 'many', expected an integer"),
    ("epochs", "-1", "found '-1', expected an integer"),
    ("epochs", "1e999", "found '1e999', expected an integer"),
    ("epochs", "nan", "found 'nan', expected an integer"),
    ("epochs", "1000000000", "found '1000000000', expected an integer"),
    ("dataset", "", "found '', expected a name"),
]


async def test_rubbish_is_named_at_its_field_and_starts_nothing() -> None:
    async with opened((80, 24)) as seen:
        await seen.press("h")
        for field, typed, line in FAULTS:
            await _names_it(seen, field, typed, line)
        await seen.pilot.resize_terminal(120, 40)
        for field, typed, line in FAULTS:
            await _names_it(seen, field, typed, line)


async def _names_it(seen: Seen, field: str, typed: str, line: str) -> None:
    form = seen.pane.board.form
    right = form.form_text.texts[field]
    form.take_focus(field)
    await seen.pilot.press("enter")
    seen.write(typed)
    await seen.until(lambda: line in form._fields[field].message, "a setting is wrong")
    assert form.form_text.texts[field] == typed
    await seen.pilot.press("enter", "escape", "space")
    assert seen.app.focused is form, (field, typed)
    assert seen.engine.began() == [], (field, typed)
    assert form.row is form._fields[field], (field, typed)
    form.write(field, right)
    assert not form._fields[field].message, (field, typed)


async def test_rubbish_for_the_second_setting_is_named_and_a_grid_too_large_refused_before_it_is_made() -> None:
    async with opened() as seen:
        form = seen.pane.board.form
        form.take_focus("second")
        await seen.press("right", "right", "right")
        assert form.form_text.texts["second"] == "learning-rate"
        await seen.press("left")
        await seen.until("64 256 1024")
        for typed in ("", "abc", "-1", "1e999", "nan", "1000000000", "2,5"):
            form.take_focus("second_values")
            await seen.pilot.press("enter")
            seen.write(typed)
            line = f"found '{typed}', expected an integer" if typed else "found no values"
            await seen.until(lambda: line in form._fields["second_values"].message)  # noqa: B023
            await seen.press("enter", "escape", "space")
            assert seen.engine.began() == [], typed
        form.write("values", " ".join(f"{number / 1000}" for number in range(1, 900)))
        form.write("second_values", " ".join(map(str, range(1, 900))))
        await seen.until(lambda: "found 4,041,005 runs, expected at most 1,000" in form._fields["values"].message)


async def test_h_leads_into_a_form_that_is_in_sight_before_it_takes_it_away() -> None:
    async with opened() as seen:
        board = seen.pane.board
        await seen.press("h")
        await seen.until(lambda: board.form.row is board.form._fields["values"], lambda: board.form.has_focus)
        assert board.form_open
        await seen.press("escape", "h", "h")
        await seen.until(lambda: not board.form_open, lambda: seen.pane.has_focus)
        await seen.press("h")
        await seen.until(lambda: board.form_open and board.form.has_focus_within)


async def test_c_copies_nothing_for_a_form_that_stands_for_nothing() -> None:
    async with opened() as seen:
        seen.pane.board.form.write("seeds", "many")
        await seen.press("c")
        await seen.until("Not copied", "seeds: found 'many', expected an integer")
        assert seen.app.clipboard == ""
        await seen.tell(*a_whole_sweep())
        await seen.press("c")  # the sweep in front has a command, whatever the form says
        await seen.until(lambda: seen.app.clipboard.startswith("softmax-tui sweep learning-rate 0.001"))


async def test_a_fault_is_gone_to_at_its_own_field_whatever_setting_its_line_names() -> None:
    async with opened() as seen:
        seen.pane.board.form.write("parameter", "epochs")
        seen.pane.board.form.write("values", "5 many")
        await seen.press("space")
        form = seen.pane.board.form
        await seen.until(lambda: form.row is form._fields["values"], lambda: form.has_focus)


async def test_digits_and_letters_typed_into_a_field_stay_there() -> None:
    async with opened() as seen:
        seen.pane.board.form.take_focus("values")
        await seen.press("enter", "ctrl+u", *"0.5 0.25 q")
        assert seen.app.active_pane == "sweep"
        assert seen.pane.board.form.form_text.texts["values"] == "0.5 0.25 q"
        assert "typing: enter keeps" in seen.text()


async def test_another_setting_brings_its_own_values_and_the_question_is_about_batch_sizes_alone() -> None:
    async with opened() as seen:
        assert "question" not in seen.text().replace("q question", "")
        form = seen.pane.board.form
        form.take_focus("parameter")
        while form.form_text.texts["parameter"] != "batch-size":
            await seen.press("left")
        await seen.until("question images")
        assert form.form_text.config().values == DEFAULT_VALUES["batch_size"]
        while form.form_text.texts["parameter"] != "momentum":
            await seen.press("right")
        assert form.form_text.config().values == (0, 0.5, 0.9, 0.95)
        await seen.press("escape", "q")
        await seen.until("This question is about batch sizes")


async def test_a_refusal_of_the_engine_is_shown_and_nothing_runs() -> None:
    engine = ScriptedEngine()
    engine.refusal = "dataset: found nothing at 'x', expected a file"
    async with opened(engine=engine) as seen:
        await seen.press("space")
        await seen.until("! dataset: found nothing at 'x'", "found nothing at 'x', expected a file")
        assert seen.pane.control.phase == "idle"


# The sweep as it goes


async def test_live_figures_before_the_end_and_the_verdict_at_it() -> None:
    async with opened() as seen:
        await seen.tell(started(), progress(0.0), *epochs(last=2), progress(0.6))
        await seen.until("After 2 epochs learning rate 0.1 has the lowest", "0 of 8 runs", "epoch 2", "─a─ 0.001")
        assert seen.app.live.job is not None
        assert seen.app.live.job.said == "Sweep s0001 is still training"
        await seen.tell(*results()[:3])
        await seen.until("So far the lowest validation loss is 0.5900, at learning rate 0.01", "3 of 8 runs")
        await seen.tell(*results()[3:], finished())
        await seen.until("Higher at 0.001 and 0.01, by 0.1200 to 0.4200.", "Diverged at 1.")
        await seen.until("8 of 8 runs have ended, 2 of them diverged in 12.5 s of training")
        # What diverged is marked in table and chart, not dropped.
        await seen.until("!2 diverged", "! diverged")
        assert "higher, slower" in seen.text()


async def test_space_stops_and_u_goes_on_with_what_was_stopped() -> None:
    async with opened() as seen:
        await seen.tell(started(), progress(0.1), *epochs(last=1))
        await seen.press("space")
        await seen.until(lambda: seen.engine.stopped() == 1)
        await seen.tell(*results()[:2], finished(status="stopped"))
        await seen.until("Stopped: 2 of 8 runs have ended", "u continues s0001")
        await seen.press("u")
        await seen.until(lambda: seen.engine.resumed() == ["s0001"])
        await seen.tell(started(), *a_whole_sweep()[1:])
        await seen.until("8 of 8 runs have ended")


async def test_u_without_a_sweep_in_front_takes_the_latest_stored_one_that_has_not_ended() -> None:
    async with opened() as seen:
        await seen.press("u")
        await seen.until("! found no sweep that was stopped")
        seen.engine.sweeps = {
            "s0003": stored(RATES, "s0003"),
            "s0002": stored(RATES, "s0002", whole=False),
        }
        await seen.press("u")
        await seen.until(lambda: seen.engine.resumed() == ["s0002"])


async def test_earlier_sweeps_are_told_again_and_the_live_one_is_come_back_to() -> None:
    async with opened() as seen:
        await seen.press("o")
        await seen.until("There is no other sweep")
        await seen.tell(started(sweep_id="s0009"), progress(0.5), *epochs(last=1))
        seen.engine.sweeps = {
            "s0009": (),
            "s0002": stored(GRID, "s0002"),
            "s0001": stored(replace(RATES, parameter="sigma"), "s0001", whole=False),
        }
        await seen.until("After 1 epoch")
        seen.engine.sweeps["s0009"] = stored(RATES, "s0009", whole=False)
        await seen.press("o")
        await seen.until("earlier: s0002 learning rate and batch size")
        await seen.press("o")
        await seen.until("s0001 sigma", "Stopped:")
        await seen.press("O")
        await seen.until("s0002 learning rate")
        await seen.press("escape")
        await seen.until("s0009 learning rate, 2 seeds")
        assert "earlier: " not in seen.text()


async def test_the_engines_death_leaves_what_was_seen_and_says_how_to_go_on() -> None:
    async with opened() as seen:
        await seen.tell(started(), progress(0.1), *epochs(last=1), *results()[:2])
        gone = EngineGone(-9, ["killed"])
        seen.engine.gone = gone
        await seen.tell(Failed(0, str(gone)))
        await seen.until("Interrupted: 2 of 8 runs have ended", "u continues s0001")
        await seen.press("u")
        await seen.until("ctrl+r restarts it")
        seen.engine.gone = None
        await seen.tell(WarmingUp("importing torch"), READY)
        await seen.press("u")
        await seen.until(lambda: seen.engine.resumed() == ["s0001", "s0001"])


async def test_a_failure_is_said_with_its_reason() -> None:
    async with opened() as seen:
        await seen.tell(started(), progress(0.1), *epochs(last=1), Failed(0, "MemoryError: [/no] more"))
        await seen.until("Failed: MemoryError: [/no] more. 0 of 8 runs have ended")


async def test_a_run_started_elsewhere_takes_the_place_of_a_sweep_that_was_being_prepared() -> None:
    async with opened() as seen:
        await seen.press("space")
        await seen.tell(run_started())
        assert seen.pane.control.phase == "idle"


# Predicting


async def test_a_sketch_hides_what_comes_in_until_enter_and_then_is_judged() -> None:
    async with opened() as seen:
        await seen.tell(started(), progress(0.0))
        await seen.press("p")
        await seen.until("Where will the validation loss of each value end?", "0.001: 0.70")
        await seen.tell(*epochs(), *results(), progress(0.9))
        await seen.press(*["up"] * 6, "right", *["up"] * 3, "right", *["down"] * 4, "right", *["up"] * 12)
        await seen.until("1: 1.63")
        for told in ("0.48", "0.60", "diverged", "lowest", "─a─", "1/2", "2/2"):
            assert told not in seen.text()
        await seen.press("enter")
        await seen.until("your sketch", "─a─ 0.001")
        await seen.tell(finished())
        await seen.until("Your sketch has 6 of 6 pairs in the right order (rank agreement +1.00)", "1 diverged")


async def test_a_sketch_before_the_start_starts_with_enter_and_esc_leaves_it() -> None:
    async with opened((80, 24)) as seen:
        await seen.press("p", "up", "escape")
        await seen.until("Next (g): space starts the sweep. p predicts first")
        assert seen.pane.prediction.sketch is None
        await seen.press("p", "up", "enter")
        await seen.until(lambda: len(seen.engine.began()) == 1)
        assert seen.pane.prediction.sketch is not None
        assert not seen.pane.prediction.sketch.open


async def test_a_sketch_for_other_values_than_those_that_start_is_forgotten() -> None:
    async with opened() as seen:
        await seen.press("p", "enter")
        await seen.tell(*a_whole_sweep())
        await seen.until("At equal images")
        assert seen.pane.prediction.sketch is None
        await seen.until(lambda: "your sketch" not in seen.text())


async def test_a_grid_cannot_be_sketched_and_says_so() -> None:
    async with opened() as seen:
        seen.pane.board.form.write("second", "batch-size")
        await seen.press("p")
        await seen.until("A sketch needs one setting")
        assert seen.pane.prediction.sketch is None


async def test_a_click_puts_a_mark_of_the_sketch() -> None:
    async with opened() as seen:
        await seen.press("p")
        await seen.until("0.001: 0.70")
        chart = seen.pane.query_one("#final", Chart)
        await seen.pilot.click(chart, offset=(chart.size.width - 1, 2))
        assert seen.pane.prediction.sketch is not None
        assert seen.pane.prediction.sketch.cursor == 5
        assert seen.pane.prediction.sketch.losses[5] > 4


# Walking, opening, writing


async def test_enter_opens_the_best_run_of_the_row_in_mistakes() -> None:
    async with opened() as seen:
        await seen.tell(*a_whole_sweep())
        await seen.until("At equal images")
        await seen.press("down", "down", "enter")
        await seen.until(lambda: seen.app.active_pane == "mistakes")
        await seen.until(lambda: any(isinstance(one, ShowMistakes) for one in seen.engine.asked))
        # Row c, learning rate 0.1: its seed 0 has the lower loss.
        assert [one.run_id for one in seen.engine.asked if isinstance(one, ShowMistakes)] == ["r0005"]


async def test_a_row_that_has_told_nothing_opens_nothing() -> None:
    async with opened() as seen:
        await seen.tell(started(), progress(0.0))
        await seen.press("enter")
        await seen.until("No run of this row has finished an epoch yet")
        assert seen.app.active_pane == "sweep"


async def test_a_grid_is_a_heatmap_with_the_figures_under_the_cursor_and_cells_and_rows_can_be_clicked() -> None:
    async with opened() as seen:
        await seen.tell(*a_whole_sweep(GRID))
        await seen.until(
            "learning rate \\ batch size", "64 256", "0.650", "!div", "validation 0.6500, 80.0%, +0.1700 ± 0.0"
        )
        await seen.press("down", "right")
        await seen.until("validation 0.4800, 80.0% (reference)", "[ 0.480]")
        await seen.press("down", "down", "down", "left", "left")
        assert seen.pane.cursor == 4
        await seen.until("2 diverged")
        await seen.pilot.click(seen.pane.query_one(ValueGrid), offset=(22, 3))
        await seen.until(lambda: seen.pane.cursor == 3)
        await seen.tell(*a_whole_sweep())
        await seen.until(lambda: not seen.pane.query_one(ValueGrid).display)
        await seen.pilot.click(seen.pane.query_one(RowList), offset=(5, 3))
        await seen.until(lambda: seen.pane.cursor == 2)


async def test_w_writes_what_the_command_line_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened() as seen:
        await seen.press("w")
        await seen.until("Nothing to write yet")
        await seen.tell(*a_whole_sweep())
        await seen.until("At equal images")
        for name in ("own.csv", "own.json", "own.md", "own.txt"):
            await seen.press("w")
            await seen.until("write to", "s0001.csv")
            seen.write(name)
            await seen.press("enter")
            await seen.until(f"Written to {name}")
            assert (tmp_path / name).read_text() == exported(name, RATES, results()), name
            assert seen.app.focused is seen.pane, name


UNWRITABLE = [
    ("", "expected a name that ends in .csv"),
    ("a.png", "expected a name that ends in .csv"),
    ("there.csv", "there already, expected a new file"),
    ("nowhere/a.csv", "found no folder 'nowhere'"),
    ("x" * 300 + ".csv", "expected the name of a file"),
]


async def test_a_name_that_cannot_be_written_is_refused_at_the_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csv").write_text("mine")
    async with opened((80, 24)) as seen:
        await seen.tell(*a_whole_sweep())
        await seen.until("At equal images")
        for name, line in UNWRITABLE:
            await seen.press("w")
            seen.write(name)
            await seen.press("enter")
            await seen.until(line)
            assert [path.name for path in tmp_path.iterdir()] == ["there.csv"], name
            assert (tmp_path / "there.csv").read_text() == "mine", name
            await seen.press("escape")
            await seen.until(lambda: "write to" not in seen.text())


# How it looks


@pytest.mark.parametrize("config", [RATES, GRID], ids=["values", "grid"])
async def test_every_view_at_every_size_in_ascii_alone(config: SweepConfig) -> None:
    async with opened((160, 50), DisplayOptions(ascii_only=True)) as seen:
        await seen.tell(*a_whole_sweep(config))
        await seen.until("runs have ended")
        for size in ((160, 50), (120, 40), (100, 30), (80, 24)):
            await seen.pilot.resize_terminal(*size)
            for key in ("v", "v", "v", "v", "y", "h", "h", "y"):
                await seen.press(key)
                assert len(seen.text().splitlines()) == size[1], (size, key)
                board = seen.text().splitlines()[2:-1]
                # The border beside the form is the app's.
                assert "".join(board).replace("│", "").isascii(), (size, key)
            seen.pane.board.show_form(None)  # at each size it begins as that size has it


async def test_a_hidden_pane_draws_nothing() -> None:
    async with opened() as seen:
        await seen.press("1")
        await seen.until(lambda: seen.app.active_pane == "train")
        before = seen.pane.board._lines["sentence"]._lines
        await seen.tell(*a_whole_sweep())
        await seen.pilot.pause(0.3)
        assert seen.pane.board._lines["sentence"]._lines == before
        await seen.press("6")
        await seen.until("At equal images")


async def test_the_next_thing_to_try_after_batch_sizes_is_the_other_question() -> None:
    config = SweepConfig(parameter="batch_size", values=(1, 256), seeds=2, base=RATES.base)
    end = SweepFinished(sweep_id="s0001", status="finished", seconds=1, verdict="At equal images: so.")
    async with opened() as seen:
        seen.pane.tour.answers.update(*SHOWS.values())
        await seen.press("b")
        await seen.tell(started(config), progress(0.0, config), end)
        await seen.until("h, question steps, space: the same at equal steps")
        await seen.press("q")
        await seen.until("next: steps")
        by_steps = replace(config, question="steps")
        await seen.tell(started(by_steps, "s0002"), progress(0.0, config), replace(end, sweep_id="s0002"))
        await seen.until("h, question scaled, space: the rate scaled")


# Reading off


async def test_the_curves_are_read_off_and_drawn_over_seconds() -> None:
    async with opened((80, 24)) as seen:
        await seen.tell(started(), progress(0.0), *epochs(), progress(0.9))
        for size in ((80, 24), (120, 40)):
            await seen.pilot.resize_terminal(*size)
            await seen.until("After 3 epochs")
            await seen.press("tab", "home")
            await seen.until("epoch 1 ")
            for epoch in (1, 2, 3):
                assert f"epoch {epoch} " in seen.flat(), size
                assert f"a 0.001 {_mean(seen, 0.001, epoch)} " in seen.flat(), size
                assert f"b 0.01 {_mean(seen, 0.01, epoch)} " in seen.flat(), size
                await seen.press("right")
            await seen.press("X")
            await seen.until("seconds of computing", "seconds of computing 0.3")
            await seen.press("escape", "X")
            await seen.until("epoch →")
            assert seen.app.focused is seen.pane, size


async def test_the_final_losses_are_read_off_with_the_mouse_but_not_while_they_are_sketched() -> None:
    async with opened((120, 40)) as seen:
        await seen.tell(*a_whole_sweep())
        await seen.until("! diverged")
        chart = seen.pane.board.final
        await seen.pilot.click(chart, offset=(7, 5))
        await seen.until("learning rate 0.001 ")
        assert seen.app.focused is chart
        assert "validation 0.9 " in seen.flat()
        await seen.press("right")
        await seen.until("learning rate 0.01 ", "validation 0.6 ")
        await seen.press("escape", "p")
        await seen.until("Where will the validation loss of each value end?")
        await seen.pilot.click(chart, offset=(7, 5))
        assert seen.app.focused is not chart


def _mean(seen: Seen, value: float, epoch: int) -> str:
    losses = [member.epochs[epoch - 1].validation_loss for member in seen.members((value,))]
    mean = round(sum(losses) / len(losses), 12)
    return f"{mean:g}" if float(f"{mean:.4f}") == mean else f"{mean:.4f}"
