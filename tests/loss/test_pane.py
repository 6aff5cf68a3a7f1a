"""The Loss pane, driven by keys and mouse against a scripted engine."""

from __future__ import annotations

from itertools import product

from textual.pilot import Pilot

from engine.contract.commands import CompareLosses, MeasureLosses, Stop, StopMeasuring
from engine.contract.engine_events import Failed, PaceChanged
from engine.contract.events import Finished
from engine.contract.loss_lab import CLASS_COUNTS, LossQuestion, LossRoundDone, checked
from engine.contract.progress import Progress
from engine.contract.sweeps import SweepFinished
from engine.contract.yours import YoursJudged
from engine.processes.client import EngineGone
from tests.loss.scripted import LossEngine, measured, opened, trained, training
from tests.sweep import scripted as scripted_sweep
from tests.train.script import READY, screen_text, settled
from tests.train.script import started as run_started
from tui.drawing.spans import text_of
from tui.loss.pane import LossPane
from tui.loss.slider import STOPS
from tui.pane.base import DisplayOptions
from tui.pane.confirm import Confirm
from tui.widgets.field import Field
from tui.widgets.lines import Lines

SIZES = [(80, 24), (120, 40), (160, 50)]
EXPECTED = "an integer at least 1, at most 1,000,000"
RUBBISH = ("", "letters", "-1", "1e999", "nan", str(10**9))


async def seen(pilot: Pilot[None], text: str) -> None:
    await settled(pilot, lambda: text in screen_text(pilot))


async def answer(pilot: Pilot[None], engine: LossEngine, slower: float = 1.5, yours: bool = False) -> LossQuestion:
    """Measures what was asked last."""
    await settled(pilot, lambda: bool(engine.of(MeasureLosses)))
    question = engine.of(MeasureLosses)[-1].question  # type: ignore[union-attr]
    engine.say(LossRoundDone(1, 41), measured(question, slower, yours))
    await pilot.pause()
    return checked(question)


async def test_whoever_looks_in_finds_the_default_batch_measured() -> None:
    async with opened() as (pilot, engine, pane):
        assert await answer(pilot, engine) == LossQuestion()
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await seen(pilot, "1.50 (1.35–1.65)")
            text = screen_text(pilot)
            assert "≠131.64" in text, size
            assert "Why slower? The definition takes 1.50 times as long" in text, size
            assert "2,304" in text, size
            assert len(engine.of(MeasureLosses)) == 1, size
            assert pane.has_focus, size


async def test_a_run_that_is_going_on_is_not_held_for_a_first_look() -> None:
    async with opened(ready=False) as (pilot, engine, _pane):
        engine.say(run_started(), READY)
        await seen(pilot, "not measured yet")
        await seen(pilot, "Not measured yet: r0001 is still training, and measuring would pause it.")
        await pilot.press("2", "3")
        assert not engine.of(MeasureLosses)
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(MeasureLosses)))
        await answer(pilot, engine)
        await settled(pilot, lambda: "Not measured yet" not in screen_text(pilot))


async def test_beside_a_run_that_is_held_already_the_first_look_measures() -> None:
    async with opened(ready=False) as (pilot, engine, _pane):
        await pilot.press("2")
        engine.say(READY, run_started(), PaceChanged(True, 0), PaceChanged(False, 0))
        await pilot.press("3")
        await seen(pilot, "r0001 is still training")
        assert not engine.of(MeasureLosses)
        await pilot.press("2")
        engine.say(PaceChanged(True, 0))
        await pilot.press("3")
        await settled(pilot, lambda: bool(engine.of(MeasureLosses)))


async def test_space_stops_what_is_measured_as_next_says_and_measures_showing_how_far_it_is() -> None:
    async with opened() as (pilot, engine, pane):
        await settled(pilot, lambda: pane.control.measuring)
        await seen(pilot, "space stops measuring")
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(StopMeasuring)))
        await seen(pilot, "Next (g): space measures")
        await answer(pilot, engine)
        await pilot.press("space")
        await settled(pilot, lambda: len(engine.of(MeasureLosses)) == 2)
        engine.say(LossRoundDone(20, 41))
        await seen(pilot, "measuring 256 × 10: round 20 of 41")
        await pilot.press("space")
        await settled(pilot, lambda: len(engine.of(StopMeasuring)) == 2)
        assert not pane.control.measuring
        await seen(pilot, "space measures")


async def test_what_is_wanted_before_the_engine_is_ready_begins_when_it_is() -> None:
    async with opened(ready=False) as (pilot, engine, _pane):
        await pilot.press("space")
        await seen(pilot, "starts when the engine is ready")
        assert not engine.of(MeasureLosses)
        engine.say(READY)
        await settled(pilot, lambda: len(engine.of(MeasureLosses)) == 1)


async def test_an_answer_to_a_question_that_was_replaced_is_not_shown() -> None:
    async with opened() as (pilot, engine, pane):
        await settled(pilot, lambda: bool(engine.of(MeasureLosses)))
        await pilot.press("d")
        await settled(pilot, lambda: len(engine.of(MeasureLosses)) == 2)
        engine.say(measured(LossQuestion()))
        await pilot.pause()
        assert pane.control.measured is None
        asked = engine.of(MeasureLosses)[-1].question  # type: ignore[union-attr]
        assert asked.dtype != "float32"
        engine.say(measured(asked))
        await settled(pilot, lambda: pane.control.measured is not None)


async def test_examples_are_measured_at_once_with_what_to_look_for() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await pilot.press("p")
        question = await answer(pilot, engine)
        assert (question.preset, question.batch_size, question.num_classes) == ("log-0", 1, 2)
        await seen(pilot, "!inf")
        assert "Look for: the true class has probability 0" in screen_text(pilot)
        await pilot.press("p")
        assert (await answer(pilot, engine)).preset == "zero-times-log-zero"
        assert pane.headless_command() == "softmax-tui losses --preset zero-times-log-zero"
        await pilot.press("p", "p", "p")
        await settled(pilot, lambda: not pane.board.form.form_text.preset)


async def test_the_views_have_a_key_each_and_a_row_that_names_and_shows_them() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        for key, view, words in (
            ("b", "time", "where the time of definition goes"),
            ("n", "classes", "10, 100, 1,000 and 10,000 classes in turn"),
            ("r", "training", "space trains with each loss"),
            ("l", "slider", "clipping begins at"),
            ("t", "table", "gradient off"),
        ):
            await pilot.press(key)
            assert pane.view == view
            await seen(pilot, words)
        for _ in range(5):
            await pilot.press("v")
        assert pane.view == "table"
        row = next(y for y, line in enumerate(screen_text(pilot).splitlines()) if "n Classes" in line)
        column = screen_text(pilot).splitlines()[row].index("Classes")
        await pilot.click(offset=(column, row))
        await settled(pilot, lambda: pane.view == "classes")
        await pilot.press("escape")
        assert pane.view == "table"


async def test_numbers_of_classes_are_measured_one_after_the_other() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await pilot.press("n", "space")
        for index, (count, slower) in enumerate(zip(CLASS_COUNTS, (1.02, 1.05, 1.8, 2.5), strict=True)):
            await settled(pilot, lambda: len(engine.of(MeasureLosses)) == index + 2)  # noqa: B023
            await seen(pilot, f"{index + 1} of 4, measuring 256 × {count:,}")
            assert (await answer(pilot, engine, slower)).num_classes == count
        await seen(pilot, "From 1,000 classes on the definition takes longer")
        assert not pane.control.measuring
        assert screen_text(pilot).count("no diff.") == 2
        assert pane.control.measured is not None
        assert pane.control.measured.question.num_classes == 10
        assert pane.headless_command() == "softmax-tui losses --classes 10 100 1000 10000"


async def test_a_batch_too_large_for_10_000_classes_is_refused_at_its_field() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        pane.board.form.write("batch_size", "4096")
        await pilot.press("n", "space")
        await seen(pilot, "found 40,960,000, expected at most")
        assert pane.board.form.query_one("#field-batch_size", Field).message
        assert len(engine.of(MeasureLosses)) == 1


async def test_training_with_each_loss_is_seen_live_and_can_be_stopped() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await answer(pilot, engine)
        pane.board.form.write("epochs", "4")
        pane.board.form.write("smoothing", "0.1")
        await pilot.press("r", "space")
        await settled(pilot, lambda: bool(engine.of(CompareLosses)))
        asked = engine.of(CompareLosses)[-1]
        assert isinstance(asked, CompareLosses)
        assert (asked.question.smoothing, asked.epochs, asked.dataset) == (0.1, 4, "auto")
        engine.say(Progress("reading", "fashion-mnist", 3, 10, "images"))
        await seen(pilot, "reading fashion-mnist: 3 of 10")
        engine.say(*training(done=3), Progress("training with", "definition", 15, 20, "epochs"))
        await seen(pilot, "training with definition: 15 of 20")
        await seen(pilot, "3 of 4")
        text = screen_text(pilot)
        assert "10.0%" in text
        assert "79.0%" in text
        job = pane.live.job
        assert job is not None
        assert job.said == "The comparison of the losses is still training"
        await pilot.press("y")
        await seen(pilot, "validation loss, its own")
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(Stop)))
        engine.say(trained(3, "stopped", "stopped by hand"))
        await seen(pilot, "Stopped: stopped by hand.")
        assert pane.live.job is None
        assert pane.headless_command() == "softmax-tui losses --label-smoothing 0.1 --train --epochs 4"


async def test_a_job_is_ended_only_after_one_question_that_says_what_becomes_of_it() -> None:
    async with opened() as (pilot, engine, _pane):
        await answer(pilot, engine)
        engine.say(run_started())
        await pilot.press("r", "space")
        await settled(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await seen(pilot, "The run is saved and can be")
        await pilot.press("n")
        assert not engine.of(CompareLosses)
        await pilot.press("space")
        await settled(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("y")
        await settled(pilot, lambda: len(engine.of(CompareLosses)) == 1)
        engine.say(Finished(run_id="r0001", status="stopped", seconds=1, images_per_second=1), *training(done=2))
        await pilot.pause()
        for keys in (("1", "space"), ("ctrl+q",)):
            await pilot.press(*keys)
            await settled(pilot, lambda: isinstance(pilot.app.screen, Confirm))
            await seen(pilot, "Its runs are saved")
            assert "can be resumed" not in screen_text(pilot)
            await pilot.press("n")


async def test_a_sweep_that_is_going_on_is_asked_about_too() -> None:
    async with opened() as (pilot, engine, _pane):
        await answer(pilot, engine)
        engine.say(scripted_sweep.started(scripted_sweep.RATES))
        await pilot.press("r", "space")
        await settled(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("n")
        engine.say(SweepFinished(sweep_id="s0001", status="stopped", seconds=1.0, verdict="", reason="stopped by hand"))
        await pilot.pause()
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(CompareLosses)))


async def test_what_fails_or_is_refused_ends_what_was_going_on_and_says_so() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await pilot.press("space")
        await settled(pilot, lambda: pane.control.measuring)
        engine.say(Failed(0, "RuntimeError: not enough memory"))
        await seen(pilot, "! RuntimeError: not enough memory")
        assert not pane.control.measuring
        engine.refusals[CompareLosses] = "device: found no room, expected some"
        await pilot.press("r", "space")
        await seen(pilot, "device: found no room")
        assert pane.live.job is None
        engine.refusals.clear()
        await pilot.press("space")
        await settled(pilot, lambda: len(engine.of(CompareLosses)) == 2)
        engine.say(*training(done=2), Failed(0, "OSError: the disk is full [/b]"))
        await seen(pilot, "Failed: OSError: the disk is full [/b]")
        assert not pane.control.training


async def test_an_engine_that_dies_leaves_the_figures_and_says_how_to_go_on() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await pilot.press("r", "space")
        await settled(pilot, lambda: pane.control.training)
        engine.say(*training(done=2))
        engine.gone = EngineGone(-9, ["killed"])
        engine.say(Failed(0, "the engine ended"))
        await seen(pilot, "ctrl+r restarts it")
        await seen(pilot, "2 of 4")
        await pilot.press("t", "space")
        assert len(engine.of(MeasureLosses)) == 1


async def test_rubbish_is_named_at_its_field_and_measures_nothing() -> None:
    names = ("batch_size", "num_classes", "epsilon", "smoothing", "mixing")
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        form = pane.board.form
        for size, name in product(SIZES[:2], names):
            if pilot.app.size != size:
                await pilot.resize_terminal(*size)
            field, before = form.query_one(f"#field-{name}", Field), form.form_text.texts[name]
            for text in RUBBISH:
                form.write(name, text)
                assert "expected" in field.message, (size, name, text)
                assert "\n" not in field.message, (size, name, text)
            await seen(pilot, "a setting is wrong")
            pane.focus()
            await pilot.press("space")
            await settled(pilot, lambda: form.row is field and form.has_focus)  # noqa: B023
            assert pane.board.form_open, (size, name)
            form.write(name, before)
            await settled(pilot, lambda: not field.message)  # noqa: B023
            await pilot.press("escape")
            assert len(engine.of(MeasureLosses)) == 1, (size, name)


async def test_a_batch_size_that_is_typed_is_what_is_measured() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await pilot.press("h")
        await settled(pilot, lambda: pane.board.form.row is pane.board.form.query_one("#field-batch_size", Field))
        await pilot.press("enter", *"64", "enter", "space")
        assert (await answer(pilot, engine)).batch_size == 64
        await seen(pilot, "64 × 10 float32, 41 rounds")
        assert not pane.board.form_open


async def test_h_leads_into_a_form_that_is_in_sight_before_it_takes_it_away() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await answer(pilot, engine)
        assert pane.board.form_open
        await pilot.press("h")
        await settled(pilot, lambda: pane.board.form.has_focus)
        assert pane.board.form_open
        await pilot.press("escape", "h", "h")
        await settled(pilot, lambda: not pane.board.form_open)
        assert pane.has_focus
        await pilot.press("h")
        await settled(pilot, lambda: pane.board.form_open and pane.board.form.has_focus_within)


async def test_c_copies_nothing_for_a_form_that_stands_for_nothing() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await pilot.press("c")
        assert pilot.app.clipboard == "softmax-tui losses"
        await pilot.press("escape")
        await settled(pilot, lambda: len(pilot.app.screen_stack) == 1)
        pane.board.form.write("batch_size", "many")
        await pilot.press("c")
        assert pilot.app.clipboard == "softmax-tui losses"
        [*_, said] = pilot.app._notifications
        assert (said.title, said.message) == ("Not copied", "batch size: found 'many', expected " + EXPECTED)


async def test_the_values_of_the_form_stand_below_each_other_and_figures_of_others_are_said_to_be_so() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await answer(pilot, engine)
        fields = list(pane.board.form.query(Field))
        lines = [text_of(field._lines[0]) for field in fields if field.display]
        assert len({line.rindex(" ") for line in lines}) == 1
        pane.board.form.write("num_classes", "100")
        await seen(pilot, "the settings have changed since")


async def test_the_slider_moves_by_keys_and_mouse_and_clipping_with_it() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await pilot.press("right")
        assert pane.stop == 0  # not in this view
        await pilot.press("l", "right", "right", "right", "left")
        assert STOPS[pane.stop] == 0.2
        await seen(pilot, "p = 0.2")
        await pilot.press("end")
        await seen(pilot, "p = 0 ")
        assert "multiplies −inf by 0: nan" in screen_text(pilot)
        await pilot.press("up")
        await seen(pilot, "clipping begins at 1e-06")
        await pilot.press("down", "down")
        assert pane.headless_command() == "softmax-tui losses --epsilon 1e-08"
        await pilot.press("home")
        await settled(pilot, lambda: pane.stop == 0)
        await pilot.click(pane.board.query_one("#above", Lines), offset=(76, 1))
        await settled(pilot, lambda: STOPS[pane.stop] == 0)


async def test_answers_that_have_no_room_come_with_a_key() -> None:
    async with opened() as (pilot, engine, _pane):
        await answer(pilot, engine)
        await seen(pilot, "Why slower?")
        assert "Careful: " not in screen_text(pilot)
        await pilot.press("a", "a", "a")
        await seen(pilot, "Careful: ")


async def test_a_loss_of_ones_own_has_a_row_or_the_reason_why_not() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await seen(pilot, "--mine FILE.py puts your cross_entropy here")
        engine.yours_name = "my own.py"
        engine.judged = YoursJudged(  # type: ignore[assignment]
            has_softmax=False, has_cross_entropy=True, loss_verdict="returns [/b] the wrong shape"
        )
        await pilot.press("space")
        await answer(pilot, engine)
        await seen(pilot, "not measured: returns [/b] the wrong shape")
        engine.judged = YoursJudged(has_softmax=False, has_cross_entropy=True, loss_works=True)  # type: ignore[assignment]
        await pilot.press("space")
        await answer(pilot, engine, yours=True)
        await settled(pilot, lambda: "yours" in screen_text(pilot) and "not measured:" not in screen_text(pilot))
        assert pane.headless_command() == "softmax-tui losses --mine 'my own.py'"
        why = (
            "the value is right; no gradient flows through it: the division in place (/=) in line 6 overwrites a tensor"
        )
        engine.judged = YoursJudged(has_softmax=False, has_cross_entropy=True, loss_verdict=why)  # type: ignore[assignment]
        await pilot.press("space")
        await answer(pilot, engine)
        await settled(
            pilot, lambda: f"not measured: {why}" in " ".join(screen_text(pilot).split())
        )  # whole, on 2 lines
        taken = "it returns shape (batch, 1), which is taken as (batch,)"
        engine.judged = YoursJudged(  # type: ignore[assignment]
            has_softmax=False,
            has_cross_entropy=True,
            loss_works=True,
            loss_right=True,
            loss_verdict=f"right; {taken}",
            loss_taken=taken,
        )
        await pilot.press("space")
        await answer(pilot, engine, yours=True)
        await seen(pilot, taken)


async def test_where_only_ascii_can_be_drawn_only_ascii_is() -> None:
    async with opened((120, 40), options=DisplayOptions(ascii_only=True)) as (pilot, engine, pane):
        await answer(pilot, engine)
        for key in "tbnrl":
            await pilot.press(key)
            await settled(pilot, lambda: bool(pane.board.lines["next"]._lines))
            lines = [strip.text for strip in pane.screen._compositor.render_strips()]
            region = pane.board.query_one("#main").region
            shown = "\n".join(line[region.x : region.right] for line in lines[region.y : region.bottom])
            assert shown.isascii(), [character for character in shown if not character.isascii()]


async def test_nothing_is_drawn_while_another_pane_is_in_front() -> None:
    async with opened() as (pilot, engine, pane):
        await answer(pilot, engine)
        await seen(pilot, "Why slower?")
        await pilot.press("2")
        drawn: list[str] = []
        pane.board._draw_lines = lambda look: drawn.append(look.view)  # type: ignore[method-assign]
        engine.say(*training(done=4))
        await pilot.pause()
        assert not drawn
        assert pane.control.runs.done == 20


def test_the_pane_is_number_3() -> None:
    from tui.pane.commands import PANES

    assert [(pane.number, pane.title) for pane in PANES if pane.id == "loss"] == [(3, "Loss")]
    assert LossPane.BINDINGS
