"""The page of exercises: what it shows, where it leads, and which answers count as seen."""

from __future__ import annotations

import dataclasses

from msgspec.structs import replace
from textual.pilot import Pilot

from engine.contract.engine_events import Heartbeat, WarmingUp
from engine.contract.loss_lab import LossQuestion
from engine.contract.sweeps import SweepConfig
from tests.app.at_rest import at_rest
from tests.app.random_input import click
from tests.loss.scripted import measured, trained, training
from tests.loss.scripted import opened as loss_opened
from tests.softmax.test_pane import ScriptedEngine, playground
from tests.sweep.scripted import GRID, RATES, a_whole_sweep, finished
from tests.sweep.scripted import started as sweep_started
from tests.sweep.test_pane import opened as sweep_opened
from tests.train.script import opened, screen_text, settled, started
from tests.vocabulary.scripted import opened as vocabulary_opened
from tui.app.app import SoftmaxApp
from tui.app.exercises import ExercisesPage, Questions
from tui.app.status_line import StatusLine
from tui.loss.page import answers
from tui.pane.commands import PANES
from tui.pane.exercises import EXERCISES, SUB_QUESTIONS, pane_label


def app_of(pilot: Pilot[None]) -> SoftmaxApp:
    assert isinstance(pilot.app, SoftmaxApp)
    return pilot.app


async def page(pilot: Pilot[None]) -> ExercisesPage:
    """With the key, laid out."""
    await pilot.press("E")
    await settled(pilot, lambda: isinstance(pilot.app.screen, ExercisesPage) and "answers seen" in screen_text(pilot))
    assert isinstance(pilot.app.screen, ExercisesPage)
    return pilot.app.screen


async def seen(pilot: Pilot[None], *answers: str) -> None:
    """Exactly these are, once all that was asked for is drawn."""
    await settled(pilot, lambda: set(answers) <= app_of(pilot).tour.answers)
    await at_rest(pilot)
    assert app_of(pilot).tour.answers == set(answers)


# The page


async def test_at_80_by_24_all_of_it_is_in_sight() -> None:
    async with opened((80, 24)) as (pilot, _, _):
        app_of(pilot).tour.add({"1b", "5a"})
        await page(pilot)
        text = screen_text(pilot)
        for exercise in EXERCISES:
            entry = next(pane for pane in PANES if pane.id == exercise.pane)
            heading = next(line for line in text.splitlines() if exercise.title in line)
            assert heading.split()[0] == str(exercise.number)
            assert heading.rstrip().endswith(f"{entry.number} {entry.title}")
            for question in exercise.questions:
                line = next(line for line in text.splitlines() if question.text in line)
                assert ("seen" in line) == (question.id in ("1b", "5a"))
        assert "2 of 11 answers seen" in text
        assert "esc closes" in text


async def test_the_cursor_begins_on_the_first_answer_that_is_not_seen_and_enter_goes_to_its_pane() -> None:
    async with opened() as (pilot, _, _):
        app_of(pilot).tour.add({"1a", "1b", "1c", "2a"})
        await page(pilot)
        await pilot.press("down", "down", "down", "enter")  # from 2b over 2c and 2d to 3: headings are passed over
        await settled(pilot, lambda: app_of(pilot).active_pane == "decide")
        assert not isinstance(pilot.app.screen, ExercisesPage)


async def test_a_click_goes_to_the_pane_and_beside_the_page_closes_it() -> None:
    async with opened((120, 40)) as (pilot, _, _):
        questions = (await page(pilot)).query_one(Questions)
        click(pilot.app, questions.region.x + 12, questions.region.y + 1)
        await settled(pilot, lambda: app_of(pilot).active_pane == "softmax")
        await page(pilot)
        click(pilot.app, 1, 1)
        await settled(pilot, lambda: not isinstance(pilot.app.screen, ExercisesPage))
        assert app_of(pilot).active_pane == "softmax"


async def test_keys_close_it_or_go_to_a_pane() -> None:
    async with opened() as (pilot, _, _):
        for key, pane in (("escape", "train"), ("E", "train"), ("q", "train"), ("7", "vocabulary")):
            await page(pilot)
            await pilot.press("pageup", "pagedown", key)
            await settled(pilot, lambda: not isinstance(pilot.app.screen, ExercisesPage))
            await settled(pilot, lambda pane=pane: app_of(pilot).active_pane == pane)  # type: ignore[misc]


async def test_in_a_small_terminal_it_scrolls_and_keeps_its_keys_in_sight() -> None:
    async with opened((50, 14)) as (pilot, _, _):
        await page(pilot)
        assert "↑ ↓ move" in screen_text(pilot)
        assert "5b" not in screen_text(pilot)
        await pilot.press("end")
        await settled(pilot, lambda: "5b" in screen_text(pilot))
        await pilot.resize_terminal(120, 40)
        await settled(pilot, lambda: EXERCISES[4].questions[1].text in screen_text(pilot))


# The line above each pane


async def test_the_line_above_each_pane_says_what_it_is_in_the_book_and_leads_to_the_page() -> None:
    async with opened((80, 24)) as (pilot, _, _):
        app = app_of(pilot)
        for entry in PANES:
            await pilot.press(str(entry.number))
            await settled(pilot, lambda entry=entry: app.active_pane == entry.id)  # type: ignore[misc]
            line = screen_text(pilot).splitlines()[1]
            assert line.strip().startswith(f"E {pane_label(entry.id)} · ")
            assert "engine ready" in line
        click(app, 4, 1)
        await settled(pilot, lambda: isinstance(app.screen, ExercisesPage))


async def test_during_a_run_the_exercise_stays_and_what_is_always_so_gives_way() -> None:
    async with opened((80, 24)) as (pilot, engine, _):
        engine.say(started(), Heartbeat(0.0, "", 670_000_000))
        status = pilot.app.query_one(StatusLine)
        await settled(pilot, lambda: "670 MB" in status.render().plain)
        assert status.render().plain.startswith("E book: training · fashion-mnist · cpu, 670 MB ")
        assert "engine ready" not in status.render().plain


async def test_where_the_engine_has_much_to_say_that_is_said_whole() -> None:
    async with opened((80, 24)) as (pilot, engine, _):
        engine.ready = None
        engine.say(WarmingUp("importing torch, which takes as long as sixty cells need"))
        status = pilot.app.query_one(StatusLine)
        await settled(pilot, lambda: "sixty cells need" in status.render().plain)
        assert "book" not in status.render().plain


# Which answers were seen


async def test_softmax_answers_by_the_logits_in_the_row_under_the_cursor() -> None:
    async with playground(ScriptedEngine()) as at:
        await seen(at.pilot)
        await at.press("p")
        await seen(at.pilot, "1a", "1c")
        await at.press("p")
        await seen(at.pilot, "1a", "1b", "1c")


async def test_a_logit_just_below_100_that_breaks_nothing_answers_nothing() -> None:
    async with playground(ScriptedEngine()) as at:
        await at.press("enter", "8", "0")
        await at.until_answered()
        await seen(at.pilot)


async def test_loss_answers_by_what_is_measured_trained_and_slid_to() -> None:
    async with loss_opened((80, 24)) as (pilot, engine, _):
        await pilot.press("l", "end")
        await seen(pilot, "2d")
        await pilot.press("t")
        engine.say(measured(LossQuestion()))
        await seen(pilot, "2b", "2d")
        engine.say(*training(), trained(status="stopped", reason="stopped by hand"))
        await pilot.press("r")
        await seen(pilot, "2b", "2d")  # stopped runs answer nothing
        engine.say(*training(), trained())
        await seen(pilot, "2a", "2b", "2d")


async def test_the_answers_of_a_measurement_count_when_they_are_turned_to() -> None:
    async with loss_opened((80, 24)) as (pilot, engine, _):
        engine.say(measured(LossQuestion()))
        await seen(pilot, "2b")  # the last answers have no room
        await pilot.press("a", "a", "a")
        await seen(pilot, "2b", "2c", "2d")


async def test_soft_labels_answer_when_and_a_probability_of_0_what_to_be_careful_of() -> None:
    async with loss_opened() as (_, _, pane):
        page = pane._page()
        for question, answer in ((LossQuestion(), set()), (LossQuestion(smoothing=0.1), {"2c"})):
            assert answers(dataclasses.replace(page, measured=measured(question)), []) == answer
        of_log_0 = measured(LossQuestion(preset="log-0"))
        assert answers(dataclasses.replace(page, measured=of_log_0), []) == {"2d"}
        assert not answers(dataclasses.replace(page, measured=of_log_0, view="classes"), [])


async def test_vocabulary_answers_in_its_table() -> None:
    async with vocabulary_opened() as (pilot, _, _pane):
        await seen(pilot, "4")
        app_of(pilot).tour.answers = set()
        await pilot.press("m")
        await seen(pilot)


async def test_a_sweep_answers_once_it_has_finished_and_only_in_front() -> None:
    of_momentum = SweepConfig(parameter="momentum", values=(0.0, 0.9), seeds=2)
    async with sweep_opened() as at:
        for config, answers in ((RATES, {"5a"}), (GRID, {"5a", "5b"}), (of_momentum, set())):
            await at.tell(sweep_started(config), finished(config, "stopped"))
            await seen(at.pilot)
            await at.press("1")
            await at.until(lambda: at.app.active_pane == "train")
            await at.tell(sweep_started(config), replace(finished(config, "stopped"), status="finished"))
            await seen(at.pilot)
            await at.press("6")
            await seen(at.pilot, *answers)
            await at.tell(sweep_started(config))  # none is answered any more
            at.app.tour.answers.clear()


async def test_an_answer_that_comes_while_the_page_is_open_is_marked_there() -> None:
    async with sweep_opened() as at:
        await page(at.pilot)
        await at.tell(*a_whole_sweep())
        await at.until("1 of 11 answers seen")


def test_each_answer_has_a_pane_that_can_show_it() -> None:
    """The tests above and that of Decide bring each of them about."""
    assert {"1a", "1b", "1c", "2a", "2b", "2c", "2d", "3", "4", "5a", "5b"} == SUB_QUESTIONS
