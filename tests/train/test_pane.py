"""The Train pane over a scripted engine."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from engine.contract.commands import (
    Continue,
    ListRuns,
    Pause,
    ReplayRun,
    Reset,
    ResumeRun,
    SetPace,
    ShowWeights,
    StartTraining,
    StepEpoch,
    StepMinibatch,
    Stop,
)
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed, Heartbeat, PaceChanged, WarmingUp
from engine.contract.events import Finished
from engine.contract.progress import Progress
from engine.contract.run_state import RunState
from engine.processes.client import EngineGone
from tests.app.sizes import at_each
from tests.train.script import (
    PER_EPOCH,
    READY,
    a_divergence,
    a_whole_run,
    epoch,
    minibatches,
    opened,
    screen_text,
    settled,
    started,
    summary,
)
from tui.app.app import SoftmaxApp
from tui.app.status_line import StatusLine
from tui.drawing.spans import text_of
from tui.pane.frames import Draw
from tui.train.run_view import AutopsyView
from tui.widgets.chart import Chart
from tui.widgets.lines import TextLines
from tui.widgets.readable_chart import ReadableChart

SIZES = [(80, 24), (120, 40)]
_AXIS = 6  # columns: the labels of the y axis, and the axis


async def test_a_run_is_seen_from_its_first_loss_to_what_to_do_next() -> None:
    async with opened(SIZES[0]) as (pilot, engine, _):
        async for size in at_each(pilot, *SIZES):
            assert "space trains" in screen_text(pilot), size
        engine.say(started(), minibatches(0, [2.3, 2.1, 1.9]))
        async for size in at_each(pilot, *SIZES):
            await settled(pilot, lambda: "minibatch 1.900" in screen_text(pilot))
            assert "▶ epoch 1/10" in screen_text(pilot), size
        engine.say(*a_whole_run())
        async for size in at_each(pilot, *SIZES):
            await settled(pilot, lambda: "4 shows the 1,710 that are wrong" in screen_text(pilot))
            text = screen_text(pilot)
            assert "82.9% are right. 4 shows" in text, size
            assert "validation 0.480  accuracy 82.9%" in text, size
            assert "finished, 10 epochs, 1.1 s of computing, 545,000 img/s" in text, size
            assert text.count("●") >= 8, size  # the validation losses, one an epoch, besides the legend


async def test_keys_send_their_commands_and_show_what_became_of_them() -> None:
    async with opened() as (pilot, engine, _):
        await pilot.press("space")
        await settled(pilot, lambda: len(engine.of(StartTraining)) == 1)
        assert "loading the data" in screen_text(pilot)
        engine.say(started(), minibatches(0, [2.3, 2.2]))
        await pilot.press("space")
        assert engine.commands[-1] == Pause(of="r0001")
        engine.say(PaceChanged(True, 117.5))
        await settled(pilot, lambda: "paused at epoch 1/10" in screen_text(pilot))
        await pilot.press("full_stop", "e")
        assert engine.commands[-2:] == [StepMinibatch(of="r0001"), StepEpoch(of="r0001")]
        engine.say(PaceChanged(True, 117.5))
        await pilot.pause()
        await pilot.press("space")
        assert engine.commands[-1] == Continue(of="r0001")
        await pilot.press("s")
        assert engine.commands[-1] == Stop(of="r0001")
        engine.say(Finished(run_id="r0001", status="stopped", seconds=0.1, images_per_second=1e5))
        await settled(pilot, lambda: "stopped in epoch 1" in screen_text(pilot))
        assert "u continues r0001" in screen_text(pilot)
        await pilot.press("u")
        await settled(pilot, lambda: bool(engine.of(ResumeRun)))
        assert engine.of(ResumeRun)[0].run_id == "r0001"


async def test_a_first_step_starts_the_run_held() -> None:
    async with opened() as (pilot, engine, _):
        await pilot.press("full_stop")
        await settled(pilot, lambda: bool(engine.of(StepMinibatch)))
        assert engine.of(StartTraining)[0].paused
        assert engine.commands.index(engine.of(StartTraining)[0]) < engine.commands.index(StepMinibatch())


async def test_the_default_pace_takes_about_twenty_seconds_and_can_be_changed() -> None:
    async with opened() as (pilot, engine, _):
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))
        assert engine.of(StartTraining)[0].minibatches_per_second == pytest.approx(117.5)
        engine.say(started(config=TrainConfig(epochs=20)))
        await settled(pilot, lambda: bool(engine.of(SetPace)))
        assert engine.of(SetPace)[-1].minibatches_per_second == pytest.approx(20 * PER_EPOCH / 20)
        assert "pace 20 s" in screen_text(pilot)
        await pilot.press("f")
        assert engine.commands[-1] == SetPace(0.0, of="r0001")
        await settled(pilot, lambda: "full speed" in screen_text(pilot).splitlines()[-2])
        await pilot.press("f", "right_square_bracket")
        assert engine.commands[-1] == SetPace(pytest.approx(470), of="r0001")
        await settled(pilot, lambda: "470 minibatches/s" in screen_text(pilot))
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert engine.commands[-1] == SetPace(pytest.approx(117.5), of="r0001")


async def test_a_run_that_was_begun_elsewhere_keeps_its_pace_and_one_begun_here_has_the_pace_chosen_before() -> None:
    async with opened() as (pilot, engine, _):
        engine.say(started("r0007"), PaceChanged(False, 0.0), minibatches(0, [2.3, 2.2]))
        await settled(pilot, lambda: "full speed" in screen_text(pilot).splitlines()[-2])
        assert not engine.of(SetPace)
        engine.say(Finished(run_id="r0007", status="finished", seconds=0.1, images_per_second=1e5))
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))
        assert engine.of(StartTraining)[0].minibatches_per_second == pytest.approx(117.5)
        engine.say(started("r0008"))
        await settled(pilot, lambda: bool(engine.of(SetPace)))


async def test_a_start_while_the_engine_warms_up_is_queued_and_said_so() -> None:
    async with opened(ready=False) as (pilot, engine, _):
        engine.say(WarmingUp("importing torch"))
        await pilot.press("space")
        await settled(pilot, lambda: "starts when the engine is ready (importing torch)" in screen_text(pilot))
        assert engine.of(StartTraining) == []
        engine.say(READY)
        await settled(pilot, lambda: len(engine.of(StartTraining)) == 1)


async def test_a_queued_start_can_be_taken_back() -> None:
    async with opened(ready=False) as (pilot, engine, _):
        await pilot.press("space", "space")
        engine.say(READY)
        await pilot.pause()
        await pilot.press("h")
        assert engine.of(StartTraining) == []


async def test_in_a_wide_terminal_h_leads_into_the_form_before_it_takes_it_away() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        await settled(pilot, lambda: "batch size" in screen_text(pilot))
        await pilot.press("h")
        await settled(pilot, lambda: pane.board.form.has_focus_within)
        assert "batch size" in screen_text(pilot)
        await pilot.press("escape", "h")  # in again
        await settled(pilot, lambda: pane.board.form.has_focus_within)
        await pilot.press("h")
        await settled(pilot, lambda: "batch size" not in screen_text(pilot))


async def test_a_download_shows_a_bar_and_its_failure_a_line() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("space")
        engine.say(Progress("downloading", "fashion-mnist", 12_000_000, 31_000_000, "bytes"))
        await settled(pilot, lambda: "12 of 31 MB" in screen_text(pilot).splitlines()[-2])
        assert "█" in screen_text(pilot).splitlines()[-2]
        engine.say(Failed(0, "no mirror answered, expected a network"))
        await settled(pilot, lambda: "! no mirror answered" in screen_text(pilot))
        assert pane.control.phase == "idle"


async def test_a_gone_engine_is_said_instead_of_starting() -> None:
    async with opened() as (pilot, engine, _):
        engine.gone = EngineGone(1, [])
        await pilot.press("space")
        assert "ctrl+r restarts it" in screen_text(pilot)
        assert engine.of(StartTraining) == []


@pytest.mark.parametrize("size", SIZES)
async def test_a_nan_leaves_a_gap_and_an_autopsy_that_can_be_folded(size: tuple[int, int]) -> None:
    async with opened(size) as (pilot, engine, pane):
        config = TrainConfig(softmax="naive", loss="indexing")
        engine.say(started(config=config), minibatches(0, [2.3, 2.1, math.nan, math.inf, 1.9, 1.8]))
        engine.say(a_divergence(), Finished(run_id="r0001", status="diverged", seconds=0.1, images_per_second=1))
        await settled(pilot, lambda: "Training image 31,415" in screen_text(pilot))
        text = screen_text(pilot)
        assert "Epoch 1, minibatch 8: the loss is nan." in text
        assert "exp(100) is beyond float32's largest number" in text
        assert "softmax row-max instead of naive" in text
        autopsy = pane.query_one(AutopsyView)
        assert pilot.app.focused is autopsy
        await pilot.press("end")
        await settled(pilot, lambda: "from-logits" in screen_text(pilot))
        assert autopsy.max_scroll_y > 0 or size[0] > 100
        await pilot.press("escape")
        await settled(pilot, lambda: "Training image" not in screen_text(pilot))
        assert pane.has_focus
        await pilot.press("n")
        await settled(pilot, lambda: "Training image" in screen_text(pilot))


async def test_reset_clears_the_charts_until_the_next_run_and_no_pane_knows_the_last_one() -> None:
    async with opened() as (pilot, engine, pane):
        app = pane.app
        assert isinstance(app, SoftmaxApp)
        engine.say(*a_whole_run())
        await settled(pilot, lambda: "4 shows the 1,710" in screen_text(pilot))
        await settled(pilot, lambda: "run r0001 finished" in screen_text(pilot))
        listings = len(engine.of(ListRuns))
        pane.board.form.form_text.texts["learning_rate"] = "1e6"
        await pilot.press("r")
        await settled(pilot, lambda: "No run has started yet" in screen_text(pilot))
        assert Reset() in engine.commands
        assert "space trains with a learning rate of 1e6" in screen_text(pilot)  # the promise follows the form
        assert "below 0.5" not in screen_text(pilot)
        await settled(pilot, lambda: app.live.state == RunState())
        await settled(pilot, lambda: len(engine.of(ListRuns)) == listings + 1)  # it is among the earlier ones now
        await settled(pilot, lambda: "r0001" not in screen_text(pilot).splitlines()[1])
        assert "fashion-mnist" not in screen_text(pilot).splitlines()[1]
        engine.say(Heartbeat(0.0, ""), PaceChanged(True, 0.0))
        await pilot.pause()
        assert "No run has started yet" in screen_text(pilot)
        engine.say(started("r0002"), minibatches(0, [2.3, 2.2]))
        await settled(pilot, lambda: "minibatch 2.200" in screen_text(pilot))


async def test_a_reset_that_no_engine_answers_forgets_the_run_as_well() -> None:
    async with opened() as (pilot, engine, pane):
        app = pane.app
        assert isinstance(app, SoftmaxApp)
        engine.say(*a_whole_run())
        await settled(pilot, lambda: app.live.state.status == "finished")
        engine.refusals[Reset] = "nothing to reset"
        await pilot.press("r")
        await settled(pilot, lambda: app.live.state == RunState())
        await settled(pilot, lambda: "! nothing to reset" in screen_text(pilot))


async def test_the_memory_of_the_device_is_said_again_only_when_it_has_changed_by_much() -> None:
    async with opened() as (pilot, engine, pane):
        status = pane.app.query_one(StatusLine)
        assert status.device == "cpu"
        for megabytes, said in (
            (514.9, "cpu, 510 MB"),
            (515.1, "cpu, 510 MB"),
            (524.8, "cpu, 510 MB"),
            (525, "cpu, 520 MB"),
        ):
            engine.say(Heartbeat(0.0, "", round(megabytes * 1e6)))
            await pilot.pause()
            assert status.device == said
        assert "cpu, 520 MB · engine ready" in screen_text(pilot)


async def test_what_a_dead_engine_said_is_gone_when_another_begins() -> None:
    async with opened() as (pilot, engine, pane):
        under_the_chart = pane.query_one("#sentence", TextLines)
        engine.say(Failed(0, "the engine ended: killed by SIGKILL"))
        await settled(pilot, lambda: "! the engine ended" in "".join(map(text_of, under_the_chart._lines)))
        engine.say(WarmingUp("importing torch"))
        await settled(pilot, lambda: "the engine ended" not in "".join(map(text_of, under_the_chart._lines)))


async def test_a_key_waits_for_one_chart_at_most() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        engine.say(*a_whole_run())
        await settled(pilot, lambda: "4 shows the 1,710" in screen_text(pilot))
        charts = {id: pane.query_one(f"#{id}", Chart) for id in ("loss", "accuracy")}
        shown: list[str] = []
        for id, chart in charts.items():
            chart.show = lambda spec, id=id: shown.append(id)  # type: ignore[method-assign]
        pane.board.frames.now()
        assert shown == ["loss"]
        await settled(pilot, lambda: shown == ["loss", "accuracy"])
        pane.board.frames.now()
        engine.say(minibatches(10 * PER_EPOCH, [0.4]))  # in the middle of a frame: another follows it
        await settled(pilot, lambda: len(shown) == 6)
        assert shown == ["loss", "accuracy"] * 3


async def test_earlier_runs_are_laid_over_the_chart_and_named() -> None:
    async with opened((120, 40)) as (pilot, engine, _):
        engine.runs = (summary("r0009"), summary("r0003", rate=0.5), summary("r0002"), summary("r0001"))
        engine.say(started("r0009"), minibatches(0, [2.3, 2.2]), epoch(1, 0.8))
        await pilot.press("o")
        await settled(pilot, lambda: ">   r0003" in screen_text(pilot))
        await pilot.press("enter")
        await settled(pilot, lambda: "r0003 rate 0.5" in screen_text(pilot))
        assert {command.run_id for command in engine.of(ReplayRun)} == {"r0003"}  # it goes on, and is asked for anew
        await pilot.press("o")
        await settled(pilot, lambda: "> ◆ r0003" in screen_text(pilot))
        await pilot.press("down", "tab", "tab", "enter")
        await settled(pilot, lambda: {"r0003", "r0002", "r0001"} <= {c.run_id for c in engine.of(ReplayRun)})
        await settled(pilot, lambda: "▲ r0001" in screen_text(pilot))
        await pilot.press("o")
        await settled(pilot, lambda: "> ◆ r0003" in screen_text(pilot))
        await pilot.press("enter")
        await settled(pilot, lambda: "r0003 rate 0.5" not in screen_text(pilot))
        assert "◆ r0002" in screen_text(pilot)


async def test_views_of_the_chart_change_with_their_keys() -> None:
    async with opened() as (pilot, engine, _):
        engine.say(*a_whole_run())
        await settled(pilot, lambda: "loss, log" in screen_text(pilot))
        await pilot.press("y")
        assert "loss, log" not in screen_text(pilot)
        await pilot.press("m")
        await settled(pilot, lambda: "smoothed" not in screen_text(pilot))
        await pilot.press("a")
        await settled(pilot, lambda: "accuracy  ── train" in screen_text(pilot))
        await pilot.press("a", "w")
        await settled(pilot, lambda: screen_text(pilot).splitlines()[-7].split()[0] == "8")


async def test_templates_are_asked_for_only_while_they_are_seen_and_the_run_moves() -> None:
    async with opened() as (pilot, engine, _):
        engine.say(started(), minibatches(0, [2.3, 2.2]))
        await settled(pilot, lambda: "minibatch 2.200" in screen_text(pilot))
        assert engine.of(ShowWeights) == []
        await pilot.press("t")
        await settled(pilot, lambda: len(engine.of(ShowWeights)) == 1)
        await settled(pilot, lambda: "class-1" in screen_text(pilot))
        await pilot.pause(1.0)
        assert len(engine.of(ShowWeights)) == 1
        engine.say(minibatches(2, [2.1]))
        await settled(pilot, lambda: len(engine.of(ShowWeights)) == 2)


async def test_at_80_columns_the_weights_take_the_place_of_the_chart_and_tab_reaches_them() -> None:
    async with opened() as (pilot, engine, pane):
        engine.say(started(), minibatches(0, [2.3, 2.2]))
        await pilot.press("t")
        await settled(pilot, lambda: "class-1" in screen_text(pilot))
        assert "smoothed" not in screen_text(pilot)
        assert "1 to 2 of 10" in screen_text(pilot)
        await pilot.press("tab", "right", "right")
        await settled(pilot, lambda: "2 to 3 of 10" in screen_text(pilot))
        await pilot.press("enter")
        await settled(pilot, lambda: "from +0.100" in screen_text(pilot))
        await pilot.press("escape")
        await settled(pilot, lambda: "3 to 4 of 10" in screen_text(pilot))
        await pilot.press("escape")
        assert pilot.app.focused is pane
        await pilot.press("t")
        await settled(pilot, lambda: "smoothed" in screen_text(pilot))
        await pilot.press("t", "a")
        await settled(pilot, lambda: "accuracy  ── train" in screen_text(pilot))


async def test_beside_a_form_tab_leads_to_the_charts_and_then_to_the_weights() -> None:
    async with opened((120, 40)) as (pilot, engine, _):
        engine.say(started(), minibatches(0, [2.3, 2.2]))
        await settled(pilot, lambda: "class-9" in screen_text(pilot))
        for chart in ("loss", "accuracy"):
            await pilot.press("tab")
            assert pilot.app.focused is pilot.app.query_one(f"#{chart}")
        await pilot.press("tab")
        await settled(pilot, lambda: "left, right choose" in screen_text(pilot))
        await pilot.press("right", "enter")
        await settled(pilot, lambda: "2 of 10" in screen_text(pilot))
        await pilot.press("t")
        await settled(pilot, lambda: "2 of 10" not in screen_text(pilot))
        assert isinstance(pilot.app.focused, type(pilot.app.query_one("TrainPane")))


async def test_a_step_names_its_minibatch_and_the_view_goes_to_the_last_ones() -> None:
    async with opened() as (pilot, engine, _):
        engine.say(*a_whole_run()[:3], minibatches(PER_EPOCH, [0.6, 0.5]))
        await pilot.press("full_stop")
        engine.say(minibatches(PER_EPOCH + 2, [0.4]), PaceChanged(True, 117.5))
        await settled(pilot, lambda: "= paused at epoch 2/10, minibatch 3 of 235" in screen_text(pilot))
        await settled(pilot, lambda: "minibatch of its epoch →" in screen_text(pilot))
        await pilot.press("w")
        await settled(pilot, lambda: "epoch →" in screen_text(pilot) and "of its epoch" not in screen_text(pilot))
        await pilot.press("full_stop")
        engine.say(PaceChanged(True, 117.5))
        await settled(pilot, lambda: "of its epoch" in screen_text(pilot) and "= paused at" in screen_text(pilot))
        await pilot.press("space")  # it goes on
        await settled(pilot, lambda: "▶ epoch 2/10" in screen_text(pilot))
        assert "of its epoch" not in screen_text(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_cross_hair_reads_off_what_the_run_told(size: tuple[int, int]) -> None:
    async with opened(size) as (pilot, engine, pane):
        engine.say(*a_whole_run())
        await settled(pilot, lambda: "finished, 10 epochs" in screen_text(pilot))
        await pilot.press("tab")
        chart = pilot.app.focused
        assert isinstance(chart, ReadableChart)
        assert "←→ read  +- zoom  0 all  X axis  esc leave" in screen_text(pilot)
        run = pane.control.run
        assert f"validation {_written(run.epochs[9].validation_loss)} " in flat(pilot)  # it stands at the end
        await pilot.press("home", "right", "right")
        for _ in range(3):
            low, high = _told_of_column(run, chart, _hair(pilot, chart))
            assert f"minibatch {low} to {high} " in flat(pilot)
            await pilot.press("pagedown")
        await pilot.press("end", "plus", "plus")  # from 8 epochs on or so
        for _ in range(60):
            if "after epoch 9 " in flat(pilot):
                break
            await pilot.press("left")
        assert f"validation {_written(run.epochs[8].validation_loss)} " in flat(pilot)
        await pilot.press("X", "end")
        await settled(pilot, lambda: "seconds of computing" in screen_text(pilot))
        await settled(pilot, lambda: "1 s, epoch 10" in screen_text(pilot))
        await pilot.press("escape")
        assert pilot.app.focused is pane
        assert "1 s, epoch 10" not in screen_text(pilot)


def _hair(pilot: Pilot[None], chart: ReadableChart) -> int:
    """The column of the data that the cross-hair stands in."""
    rows = screen_text(pilot).splitlines()[chart.region.y : chart.region.bottom]
    return next(row for row in rows if "└" in row)[chart.region.x :].index("┼") - _AXIS


def _told_of_column(run: RunState, chart: ReadableChart, column: int) -> tuple[str, str]:
    """The least and the greatest loss of what is drawn in it: five minibatches together, at the end of the last."""
    losses, columns = [cell.last for cell in run.losses], chart.size.width - _AXIS
    here = [
        losses[start : start + 5]
        for start in range(0, len(losses), 5)
        if math.floor(0.5 + (2 * columns - 1) * (start + 5) / PER_EPOCH / 10) // 2 == column
    ]
    return _written(min(map(min, here))), _written(max(map(max, here)))


def _written(loss: float) -> str:
    """Four decimals; no zeros behind a number that is exact."""
    return f"{loss:.4f}".rstrip("0") if float(f"{loss:.4f}") == loss else f"{loss:.4f}"


def flat(pilot: Pilot[None]) -> str:
    return " ".join(screen_text(pilot).split())


async def test_nothing_is_drawn_when_nothing_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        engine.say(*a_whole_run())
        await settled(pilot, lambda: "4 shows the 1,710" in screen_text(pilot))
        await settled(pilot, lambda: len(engine.of(ShowWeights)) == 1)
        refreshed: list[Widget] = []
        refresh = Widget.refresh

        def watched(widget: Widget, *regions: Region, **how: bool) -> Widget:
            refreshed.append(widget)
            return refresh(widget, *regions, **how)

        monkeypatch.setattr(Widget, "refresh", watched)
        for _ in range(3):
            engine.say(Heartbeat(0.0, ""), PaceChanged(False, 0.0))
            await pilot.pause(0.3)
        pane.shown()
        await pilot.pause()
        assert refreshed == []
        await pilot.press("y")
        assert any(isinstance(widget, Chart) for widget in refreshed)


async def test_ten_thousand_events_at_once_leave_the_keys_alive() -> None:
    async with opened() as (pilot, engine, pane):
        config = TrainConfig(epochs=100)
        engine.say(started(config=config))
        drawn = pane.board.frames
        frames = 0
        parts = drawn._parts

        def counted() -> Sequence[Draw]:
            nonlocal frames
            frames += 1
            return parts()

        drawn._parts = counted
        engine.say(*(minibatches(position, [2.3]) for position in range(10_000)))
        await pilot.press("y")
        await settled(pilot, lambda: pane.control.run.position == 10_000)
        await settled(pilot, lambda: "minibatch 2.300" in screen_text(pilot))
        assert "loss, log" not in screen_text(pilot)
        assert frames < 1000


async def test_the_command_that_gives_the_same_says_what_was_typed() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        pane.board.form.form_text.texts["learning_rate"] = "0.5"
        assert shlex.split(pane.headless_command()) == ["softmax-tui", "train", "--learning-rate", "0.5"]
        await pilot.press("space")
        engine.say(started(config=TrainConfig(dataset="fashion-mnist", learning_rate=0.5, device="cpu")))
        await pilot.pause()
        pane.board.form.form_text.texts["learning_rate"] = "rubbish"
        assert shlex.split(pane.headless_command()) == ["softmax-tui", "train", "--learning-rate", "0.5"]


async def test_a_click_on_the_settings_opens_them_and_on_the_progress_starts() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.click("#summary")
        await settled(pilot, lambda: "learning rate" in screen_text(pilot))
        assert not pane.has_focus
        await pilot.press("escape", "escape")
        assert "learning rate" not in screen_text(pilot)
        await pilot.click("#progress")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))


async def test_a_run_that_was_held_by_a_pause_or_by_a_step_is_called_paused() -> None:
    async with opened((120, 40)) as (pilot, engine, _):
        status = pilot.app.query_one(StatusLine)
        engine.say(started(), minibatches(0, [2.3]), PaceChanged(True, 117.5))
        await settled(pilot, lambda: "run r0001 paused" in status.render().plain)
        await pilot.press("full_stop")
        engine.say(PaceChanged(False, 117.5), minibatches(1, [2.2]))
        await settled(pilot, lambda: "run r0001 running" in status.render().plain)
        engine.say(PaceChanged(True, 117.5))
        await settled(pilot, lambda: "run r0001 paused" in status.render().plain)
        engine.say(Finished(run_id="r0001", status="stopped", seconds=0.1, images_per_second=1e5))
        await settled(pilot, lambda: "run r0001 stopped" in status.render().plain)


async def test_a_setting_that_is_wrong_is_said_in_place_of_a_hint_that_would_be_refused() -> None:
    async with opened() as (pilot, _engine, pane):
        pane.board.form.write("learning_rate", "abc")
        await settled(pilot, lambda: "! learning rate: found 'abc'" in screen_text(pilot))
        assert "Next" not in screen_text(pilot)
        assert pane.offer is None
