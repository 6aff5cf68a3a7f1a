"""The Vocabulary pane, driven by keys and mouse against a scripted engine."""

from __future__ import annotations

import shlex

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from engine.contract.commands import MeasureLosses, MeasureVocabulary, ShowMemory, StartSweep, StopMeasuring
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.contract.loss_lab import LossRoundDone
from engine.contract.vocabulary import METHODS, VocabularyPlan
from engine.contract.vocabulary_events import VocabularyText
from engine.processes.client import EngineGone
from engine.verdicts.vocabulary_memory import predicted_bytes
from tests.app.sizes import at_each
from tests.train.script import READY, settled
from tests.train.script import screen_text as lines_of
from tests.vocabulary.scripted import (
    VocabularyEngine,
    finished,
    line,
    measured,
    opened,
    progress,
    race,
    small_plan,
    started,
    trained,
)
from tui.cli.arguments import OneLineParser
from tui.drawing.numbers import number
from tui.pane.base import DisplayOptions
from tui.vocabulary.command import add, plan_of
from tui.vocabulary.figures import LETTERS, STOPS
from tui.vocabulary.pane import VocabularyPane
from tui.widgets.field import Field
from tui.widgets.lines import Lines

SIZES = [(80, 24), (120, 40), (160, 50)]
TEXT = VocabularyText(words=20_000, different_words=12_000, most_words=12_001, unknown_marks=0, dictionary_languages=())
RUBBISH = ("", "letters", "-1", "1e999", "nan", str(10**20))


def screen_text(pilot: Pilot[None]) -> str:
    """As it is read: lines are wrapped where they end."""
    return " ".join(lines_of(pilot).split())


async def seen(pilot: Pilot[None], text: str) -> None:
    await settled(pilot, lambda: text in screen_text(pilot))


async def begun(pilot: Pilot[None], engine: VocabularyEngine, times: int = 1) -> VocabularyPlan:
    """What was asked for last."""
    await settled(pilot, lambda: len(engine.of(MeasureVocabulary)) == times)
    plan = engine.of(MeasureVocabulary)[-1].plan  # type: ignore[union-attr]
    assert isinstance(plan, VocabularyPlan)
    return plan


async def test_memory_is_predicted_for_every_method_before_anything_is_measured() -> None:
    async with opened() as (pilot, engine, pane):
        async for size in at_each(pilot, *SIZES):
            await seen(pilot, "4.0 GB are free")
            for words in ("81.9 MB", "40.8 MB", "V = 10,000", *METHODS, "Full fits."):
                assert words in screen_text(pilot), size
            assert not engine.of(MeasureVocabulary), size
            assert pane.has_focus, size
        await pilot.press("end")
        async for size in at_each(pilot, *SIZES):
            await seen(pilot, "!8.2 GB")
            assert "no room: chunked fits" in screen_text(pilot), size
            others = "adaptive, class-based, sampled, negative and chunked"
            assert f"Full does not fit; {others} would fit." in screen_text(pilot), size


async def test_what_is_free_is_asked_once_and_again_for_another_device() -> None:
    async with opened() as (pilot, engine, pane):
        await seen(pilot, "are free")
        await pilot.press("right", "left", "m", "t")
        assert engine.of(ShowMemory) == [ShowMemory()]
        pane.board.form.write("device", "cuda")
        await settled(pilot, lambda: len(engine.of(ShowMemory)) == 2)
        assert engine.of(ShowMemory)[-1] == ShowMemory(device="cuda")


async def test_space_measures_tells_how_far_it_is_and_what_the_figures_say() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await pilot.press("space")
        plan = await begun(pilot, engine)
        assert plan == small_plan()
        engine.say(started(plan), line("full", 1000), progress(method="chunked"))
        await seen(pilot, "2 of 12, measuring chunked at 1,000 words: round 3 of 9")
        assert "space stops" in screen_text(pilot)
        engine.say(*measured(plan), finished())
        await seen(pilot, "Full was measured up to 10,000 words")
        text = screen_text(pilot)
        assert "space measures 10,000 words" in text
        for words in ("6.5120", "2e-07", "10,000", "79.5 MB"):
            assert words in text
        assert pane.going_on() == ""


@pytest.mark.parametrize("text", [None, TEXT])
async def test_what_goes_wrong_leaves_the_table_whole_in_a_low_terminal(text: VocabularyText | None) -> None:
    async with opened((80, 24)) as (pilot, engine, pane):
        if text is not None:
            pane.board.form.write("text", "book.txt")
        await pilot.press("space")
        plan = await begun(pilot, engine)
        engine.say(replace(started(plan), text=text), *measured(plan)[1:], finished())
        await seen(pilot, "Full was measured up to")
        shown = lines_of(pilot).splitlines()
        for method in METHODS:
            assert any(line.startswith(f" + {LETTERS[method]} {method}") for line in shown), method
        for answer in ("Time", "Memory", "Rare words", "Gradients"):
            assert any(line.startswith(f" {answer}: ") for line in shown), answer
        assert "A loss in brackets" in screen_text(pilot)
        assert "Next (g):" in screen_text(pilot)
        # Nor do the charts lose a row to it: they have the sentence of before.
        await pilot.press("m")
        await seen(pilot, "Chunked gives the same gradient")
        assert "Rare words" not in screen_text(pilot)


async def test_space_again_stops_and_what_was_measured_stays() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("space")
        plan = await begun(pilot, engine)
        engine.say(started(plan), line("full", 10_000), progress(words=10_000, method="chunked"))
        await seen(pilot, "measuring chunked")
        assert pane.going_on() == "The vocabulary is being measured"
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(StopMeasuring)))
        await seen(pilot, "… stopping")
        engine.say(finished("stopped", "stopped by hand"))
        await seen(pilot, "space measures")
        await seen(pilot, "stopped; the measured figures are kept")
        assert "79.5 MB" in screen_text(pilot)


async def test_an_engine_of_several_ranks_is_predicted_for_one_of_them() -> None:
    async with opened(ready=False) as (pilot, engine, pane):
        engine.say(replace(READY, ranks=2))
        await seen(pilot, "cpu on 2 ranks")
        assert pane._page().ranks == 2


async def test_after_training_a_low_terminal_shows_the_table_and_r_again_its_curves() -> None:
    async with opened((80, 24)) as (pilot, engine, pane):
        await pilot.press("r", "space")
        plan = await begun(pilot, engine)
        engine.say(*race(plan, 3))
        await settled(pilot, lambda: pane.board.charts[0].display)
        engine.say(*race(plan)[1:], *trained(plan), finished())
        await settled(
            pilot, lambda: not pane.board.charts[0].display and "equal steps after frequent" in screen_text(pilot)
        )
        await pilot.press("r")
        await settled(
            pilot, lambda: pane.board.charts[0].display and "equal steps after frequent" not in screen_text(pilot)
        )
        await pilot.press("r")
        await settled(pilot, lambda: "equal steps after frequent" in screen_text(pilot))


async def test_the_slider_moves_by_keys_and_mouse_and_says_what_is_measured() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("right")
        await seen(pilot, "V = 20,000")
        await pilot.press("home", "left")
        assert pane.words == 1_000
        await pilot.press("end", "right")
        assert pane.words == STOPS[-1]
        await seen(pilot, "measures 1k, 10k, 100k, 1M")
        await pilot.click(pane.board.query_one("#track", Lines), offset=(4, 0))
        await settled(pilot, lambda: pane.words == 1_000)
        await pilot.click(pane.board.query_one("#track", Lines), offset=(60, 0))
        await pilot.pause()
        assert pane.words == 1_000
        await pilot.press("right", "space")
        assert (await begun(pilot, engine)).sizes == (1_000, 2_000)


async def test_methods_are_switched_off_and_on_by_keys_and_mouse() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("f", "s")
        await seen(pilot, "- f full")
        assert pane.chosen == ("chunked", "adaptive", "class-based", "negative")
        await pilot.click(pane.board.query_one("#table", Lines), offset=(5, 1))
        await settled(pilot, lambda: "full" in pane.chosen)
        assert pane.headless_command().endswith("--methods full chunked adaptive class-based negative")
        await pilot.press("s", *"fkabsn")
        await seen(pilot, "f switches full on, k chunked")
        await pilot.press("space")
        await seen(pilot, "! methods: found none")
        assert not engine.of(MeasureVocabulary)
        await pilot.press("f")
        await settled(pilot, lambda: "! methods" not in screen_text(pilot))


async def test_a_refused_method_is_told_with_what_would_fit() -> None:
    async with opened((120, 40)) as (pilot, engine, _pane):
        await pilot.press("end", "space")
        plan = await begun(pilot, engine)
        engine.say(*measured(plan), finished())
        await seen(pilot, "Full does not fit at 1,000,000 words: full needs 8.7 GB, but 4.0 GB are free.")
        assert "no room: chunked fits" in screen_text(pilot)
        assert "f leaves full out" in screen_text(pilot)


async def test_figures_of_other_settings_are_not_shown_as_if_they_were_of_these() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await pilot.press("space")
        engine.say(*measured(await begun(pilot, engine)), finished())
        await seen(pilot, "79.5 MB")
        pane.board.form.write("positions", "64")
        await seen(pilot, "measured with other settings")
        assert "79.5 MB" not in screen_text(pilot)
        pane.board.form.write("positions", "1024")
        pane.board.form.write("steps", "7")
        await seen(pilot, "79.5 MB")


async def test_training_is_live_and_ends_with_its_verdict() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await pilot.press("r")
        await seen(pilot, "space trains at V = 10,000")
        await pilot.press("space")
        plan = await begun(pilot, engine)
        assert plan == small_plan((10_000,), train=True)
        engine.say(*race(plan, 3), progress("training", "full", 10_000, 40, 300))
        await seen(pilot, "training full at 10,000 words: step 40 of 300")
        await seen(pilot, "negative has the lowest perplexity")
        assert pane.going_on() == "The methods are still training"
        engine.say(*race(plan)[1:], *trained(plan), finished())
        await seen(pilot, "After 300 steps each, full has the lowest perplexity, 2,000")
        assert "negative reaches 1,667 with 600 steps" in screen_text(pilot)
        await pilot.press("right")
        await seen(pilot, "shown: V = 10,000")


async def test_what_is_no_number_is_refused_at_its_field() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("h")
        form = pane.board.form
        for name in ("dimension", "positions", "chunk", "samples", "negatives", "steps", "batch_size"):
            field, right = form.query_one(f"#field-{name}", Field), form.form_text.texts[name]
            for text in RUBBISH:
                form.write(name, text)
                assert f"found '{text}', expected" in field.message, name
                assert "\n" not in field.message, (name, text)
                await pilot.press("escape")
                assert pane.has_focus, (name, text)
                await pilot.press("space")
                assert form.has_focus_within, (name, text)
                assert "! " in screen_text(pilot), (name, text)
                with pytest.raises(InputError, match=name.replace("_", " ")):
                    pane.headless_command()
            assert not engine.of(MeasureVocabulary), name
            form.write(name, right)


async def test_h_leads_into_a_form_that_is_in_sight_before_it_takes_it_away() -> None:
    async with opened((160, 50)) as (pilot, _engine, pane):
        await seen(pilot, "are free")
        await pilot.press("h")
        await settled(pilot, lambda: pane.board.form.row is pane.board.form.query_one("#field-text", Field))
        assert pane.board.form.has_focus
        assert pane.board.form_open
        await pilot.press("escape", "h", "h")
        await settled(pilot, lambda: not pane.board.form_open)
        assert pane.has_focus


async def test_where_there_is_room_for_figures_as_in_80_columns_the_form_opens_beside_them() -> None:
    async with opened((115, 40)) as (pilot, _engine, pane):
        for columns, beside in ((115, False), (116, True)):
            await pilot.resize_terminal(columns, 40)
            await seen(pilot, "are free")
            assert not pane.board.form_open
            await pilot.press("h")
            await seen(pilot, "learning rate")
            assert ("memory in MB" in screen_text(pilot)) is beside
            await pilot.press("escape")
            await settled(pilot, lambda beside=beside: pane.board.form_open is beside)  # type: ignore[misc]
            await seen(pilot, "memory in MB")


async def test_a_refusal_of_the_engine_is_one_harmless_line() -> None:
    async with opened() as (pilot, engine, pane):
        pane.board.form.write("text", "/tmp/[red]no\x1bsuch")
        await pilot.press("space")
        await begun(pilot, engine)
        engine.say(Failed(0, "text: found /tmp/[red]no\x1bsuch, expected a file\nthat can be read"))
        await seen(pilot, "! text: found /tmp/[red]no")
        assert "\x1b" not in screen_text(pilot)
        assert pane.control.plan is None
        engine.refusals[MeasureVocabulary] = "sizes: found 7, expected less"
        await pilot.press("space")
        await seen(pilot, "! sizes: found 7, expected less")
        assert pane.control.plan is None


async def test_the_losses_take_its_place_but_the_first_look_at_them_does_not() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("space")
        engine.say(started(await begun(pilot, engine)))
        await pilot.press("3")
        await seen(pilot, "not measured yet")
        assert not engine.of(MeasureLosses)
        await pilot.press("7")
        await settled(pilot, lambda: pane.control.plan is not None)
        engine.say(LossRoundDone(1, 9))
        await settled(pilot, lambda: pane.control.plan is None)


async def test_before_the_engine_is_ready_space_is_kept_and_can_be_taken_back() -> None:
    async with opened(ready=False) as (pilot, engine, _pane):
        await pilot.press("space")
        await seen(pilot, "starts when the engine is ready")
        await pilot.press("space")
        await seen(pilot, "the engine is starting")
        await pilot.press("space")
        engine.say(READY)
        await begun(pilot, engine)


async def test_an_engine_that_died_is_said_and_what_was_measured_stays() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("space")
        plan = await begun(pilot, engine)
        engine.say(started(plan), line("full", 10_000))
        await seen(pilot, "79.5 MB")
        engine.gone = EngineGone(-9, [])
        engine.say(progress())
        await seen(pilot, "ctrl+r restarts it")
        assert "79.5 MB" in screen_text(pilot)
        assert pane.control.plan is None


async def test_the_command_line_of_the_pane_gives_the_same_plan() -> None:
    parser = OneLineParser()
    add(parser.add_subparsers())
    async with opened() as (pilot, engine, pane):
        for name, text in (("positions", "64"), ("learning_rate", "0.5"), ("dtype", "float64")):
            pane.board.form.write(name, text)
        for times, keys in enumerate((("n", "space"), ("r", "space")), start=1):
            await pilot.press(*keys)
            plan = await begun(pilot, engine, times)
            assert plan.train is (times == 2)
            said = plan_of(parser.parse_args(shlex.split(pane.headless_command())[1:]))
            assert (said.question, said.sizes, said.methods, said.train) == (
                plan.question,
                plan.sizes,
                plan.methods,
                plan.train,
            )
            engine.say(finished())
            await settled(pilot, lambda: pane.control.plan is None)


async def test_where_only_ascii_can_be_drawn_only_ascii_is() -> None:
    async with opened((120, 40), options=DisplayOptions(ascii_only=True)) as (pilot, engine, pane):
        await pilot.press("space")
        plan = await begun(pilot, engine)
        engine.say(*measured(plan), finished(), *race(small_plan((10_000,), train=True)))
        for key in "tmir":
            await pilot.press(key)
            lines = [strip.text for strip in pane.screen._compositor.render_strips()]
            region = pane.board.query_one("#main").region
            shown = "\n".join(text[region.x : region.right] for text in lines[region.y : region.bottom])
            assert shown.strip()
            assert shown.isascii(), [character for character in shown if not character.isascii()]


async def test_nothing_is_drawn_while_another_pane_is_in_front() -> None:
    async with opened() as (pilot, engine, pane):
        await pilot.press("space")
        plan = await begun(pilot, engine)
        await pilot.press("2")
        drawn: list[str] = []
        pane.board._draw_lines = lambda look: drawn.append(look.view)  # type: ignore[method-assign]
        engine.say(*measured(plan))
        await pilot.pause()
        assert not drawn
        assert len(pane.control.results.measured) == 12


def test_the_pane_is_number_7() -> None:
    from tui.pane.commands import PANES

    assert [pane.number for pane in PANES if pane.id == "vocabulary"] == [7]
    assert VocabularyPane.BINDINGS


async def test_in_another_kind_of_room_the_form_is_where_that_has_it() -> None:
    async with opened(size=(160, 50)) as (pilot, _, pane):
        assert pane.board.form_open
        await pilot.press("h", "h")
        assert not pane.board.form_open
        await pilot.resize_terminal(150, 50)
        await settled(pilot, lambda: pilot.app.size.width == 150)
        assert not pane.board.form_open  # as it was chosen
        await pilot.resize_terminal(100, 40)
        await settled(pilot, lambda: pane.board.has_class("-narrow"))
        await pilot.resize_terminal(160, 50)
        await settled(pilot, lambda: pane.board.form_open and not pane.board.has_class("-narrow"))


async def test_another_job_and_leaving_ask_before_they_end_a_measurement() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await pilot.press("space")
        plan = await begun(pilot, engine)
        engine.say(started(plan), line("full", 1_000), progress(method="chunked"))
        await seen(pilot, "measuring chunked")
        await pilot.press("6", "space")
        await seen(pilot, "The vocabulary is being measured. End this job to sweep? The measured figures stay in view.")
        await pilot.press("n")
        await pilot.press("3", "space")
        await seen(pilot, "The vocabulary is being measured. End this job to measure the losses?")
        await pilot.press("n")
        assert not engine.of(StartSweep)
        assert not engine.of(MeasureLosses)
        await pilot.press("ctrl+q")
        await seen(pilot, "The vocabulary is being measured. Leave now? The measured figures are not stored.")
        await pilot.press("n")
        assert pane.control.plan is not None
        engine.say(finished())
        await settled(pilot, lambda: pane.control.plan is None)
        await pilot.press("6", "space")
        await settled(pilot, lambda: bool(engine.of(StartSweep)))


async def test_a_race_that_was_stopped_gives_back_the_one_before() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await pilot.press("r", "space")
        plan = await begun(pilot, engine)
        engine.say(*race(plan), *trained(plan), finished())
        await seen(pilot, "After 300 steps each")
        await pilot.press("space")
        await begun(pilot, engine, 2)
        engine.say(*race(plan, 2))
        await seen(pilot, "has the lowest perplexity")
        engine.say(finished("stopped", "stopped by hand"))
        await seen(pilot, "After 300 steps each")
        assert pane.control.results.race is not None
        assert pane.control.results.race.whole


async def test_what_was_measured_is_not_measured_again_and_the_command_has_it_all() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await pilot.press("space")
        plan = await begun(pilot, engine)
        engine.say(*measured(plan), finished())
        await settled(pilot, lambda: pane.control.plan is None)
        await pilot.press(*["right"] * 3)
        await seen(pilot, "space measures 100,000 words")
        assert shlex.split(pane.headless_command())[2:6] == ["--sizes", "1000", "10000", "100000"]
        await pilot.press("space")
        assert (await begun(pilot, engine, 2)).sizes == (100_000,)


CHINESE = VocabularyText(
    words=20_242, different_words=14, most_words=15, unknown_marks=3, dictionary_languages=("Chinese",)
)


async def test_how_the_words_of_a_text_were_found_and_how_many_are_unknown_is_said() -> None:
    sizes = ((80, 24), (120, 40))
    found = "ICU finds its words with a dictionary. 3 of the words are <unk>"
    unknown = "17.2 % of the held-out words are unknown and count as one word, <unk>."
    split = "The text has 20,242 words, 14 of them different. Words are split at Unicode's word boundaries."
    async with opened() as (pilot, engine, pane):
        pane.board.form.write("text", "a text.txt")
        await pilot.press("space")
        plan = replace(await begun(pilot, engine), sizes=(15,))
        engine.say(replace(started(plan), text=CHINESE), *measured(plan)[1:], finished())
        async for size in at_each(pilot, *sizes):
            await seen(pilot, split)
            assert found in screen_text(pilot), size
        await pilot.press("r", "space")
        plan = replace(await begun(pilot, engine, 2), sizes=(15,))
        engine.say(replace(started(plan), text=CHINESE), *race(plan)[1:])
        async for _ in at_each(pilot, *sizes):
            await seen(pilot, found)
        engine.say(*(replace(one, unknown_share=0.172, chain_perplexity=None) for one in trained(plan)), finished())
        async for size in at_each(pilot, *sizes):
            await seen(pilot, "17.2 % of held-out words unknown")
            low = size == (80, 24)  # no room for more beside what came of training
            assert (unknown in screen_text(pilot), found in screen_text(pilot)) == (not low, not low), size


async def test_what_the_methods_do_is_said_at_every_size() -> None:
    told = ("all words at once", "one chunk at a time", "fewer features", "a class first", "random words", "yes or no")
    async with opened() as (pilot, _engine, _pane):
        await seen(pilot, "are free")
        async for size in at_each(pilot, (80, 24), (80, 40), (120, 40), (160, 50)):
            for key in ("t", "r"):
                await pilot.press(key)
                await settled(pilot, lambda: all(words in screen_text(pilot) for words in told))
            assert all("…" not in line for line in screen_text(pilot).splitlines() if "yes or no" in line), size


async def test_the_capitals_of_the_memory_chart_are_explained_once_there_are_some() -> None:
    async with opened() as (pilot, engine, _pane):
        await seen(pilot, "are free")
        await pilot.press("m")
        await seen(pilot, "memory in MB")
        assert "capital letters" not in " ".join(screen_text(pilot).split())
        await pilot.press("space")
        await begun(pilot, engine)
        engine.say(*measured(small_plan((1_000, 10_000))))
        await settled(pilot, lambda: "capital letters are measured" in " ".join(screen_text(pilot).split()))


async def test_the_memory_of_every_method_is_read_off_its_chart() -> None:
    async with opened() as (pilot, _engine, pane):
        await pilot.press("m")
        async for size in at_each(pilot, *SIZES):
            await pilot.press("tab")
            await seen(pilot, "MB at V = 1,000,000")
            question = pane._question()
            assert question is not None
            for key, words in (("end", 1_000_000), ("left", 500_000), ("home", 1_000)):
                await pilot.press(key)
                await seen(pilot, f"MB at V = {words:,}")
                text = screen_text(pilot)
                for method in METHODS:
                    megabytes = predicted_bytes(method, question, words, 1) / 1e6
                    assert f"{method} predicted {number(megabytes, 7)}" in text, size
            stop = pane.stop
            await pilot.press("right", "end", "escape")
            assert pane.has_focus, size
            assert pane.stop == stop, size  # the arrows were the chart's
            await pilot.press("right")
            assert pane.stop == stop + 1, size
