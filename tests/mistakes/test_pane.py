"""The pane of mistakes: what it asks, what it shows, and where its keys lead."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import pytest
from msgspec.structs import replace as with_
from textual.pilot import Pilot
from textual.widgets import Static

from engine.contract.commands import ShowExample
from engine.contract.run_state import RunState
from engine.processes.client import EngineGone
from tests.mistakes.scripted import (
    READY,
    ScriptedEngine,
    dataset_of,
    live_run,
    mistake,
    stored_run,
)
from tests.pane.host import Host
from tui.mistakes.heatmap import Heatmap
from tui.mistakes.pane import MistakesPane
from tui.pane.base import DisplayOptions
from tui.pane.engine_link import EngineLink
from tui.pane.live_run import LiveRun
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList

MANY = [mistake(index, index % 2, 1 - index % 2) for index in range(10_000)]
HOSTILE = ("[/b]\x1b[2J", "مرحبا\u202e👩‍👩‍👧", "\x00\n\t{}")


@asynccontextmanager
async def opened(
    engine: ScriptedEngine, size: tuple[int, int] = (120, 40), live: bool = True, options: DisplayOptions | None = None
) -> AsyncIterator[tuple[Pilot[None], MistakesPane]]:
    options = options or DisplayOptions()
    pane = MistakesPane(cast(EngineLink, engine), options, LiveRun())
    async with Host(pane, options.ascii_only).run_test(size=size) as pilot:
        if live:
            pane.live.state = live_run(dataset=engine.dataset)
            pane.redraw()
        pane.shown()
        pane.focus()
        await settled(pilot)
        yield pilot, pane


async def settled(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def screen_text(pilot: Pilot[None]) -> str:
    """What a person reads."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


def said(pane: MistakesPane, name: str) -> str:
    return str(pane.query_one(f"#{name}", Static).render())


async def test_before_any_run_it_opens_on_the_last_stored_one_that_finished_and_says_which() -> None:
    engine = ScriptedEngine(MANY)
    engine.runs = (with_(stored_run("r0009"), status="diverged"), stored_run("r0007", "[/b]mine"), stored_run("r0003"))
    async with opened(engine, live=False) as (pilot, pane):
        assert engine.pages()[0].run_id == "r0007"
        assert "r0007 ([/b]mine), last finished" in screen_text(pilot)
        assert pilot.app.focused is pane.query_one(PictureGrid)
        engine.runs = (stored_run("r0010"), *engine.runs)  # by another process
        pane.shown()
        await settled(pilot)
        assert engine.pages()[-1].run_id == "r0007", "what is looked at stays"
        pane.live.state = live_run(run_id="r0011")
        pane.redraw()
        await settled(pilot)
        assert engine.pages()[-1].run_id == "r0011"
        assert "r0011, live" in screen_text(pilot)
        pane.live.state = RunState()
        pane.redraw()
        await settled(pilot)
        assert "r0007 ([/b]mine), last finished" in screen_text(pilot)


async def test_where_none_has_finished_a_stored_run_is_offered() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine, live=False) as (pilot, pane):
        assert "No run has been started yet" in screen_text(pilot)
        assert "Next (g): 1 goes to Train, where space starts a run" in screen_text(pilot)
        engine.runs = (with_(stored_run("r0009"), status="diverged"), with_(stored_run("r0008"), status="stopped"))
        pane.shown()
        await settled(pilot)
        assert "No stored run has finished" in screen_text(pilot)
        assert "o chooses one of the 2 stored runs" in screen_text(pilot)
        assert engine.pages() == []


async def test_an_engine_that_ended_before_it_told_of_any_run_is_said_and_nothing_about_runs() -> None:
    engine = ScriptedEngine(MANY)
    engine.ready, engine.gone = None, EngineGone(-9, [])
    async with opened(engine, live=False) as (pilot, _):
        assert "killed by SIGKILL (out of memory?); ctrl+r restarts it" in screen_text(pilot)
        assert "No run has been started" not in screen_text(pilot)


@pytest.mark.parametrize("opened_with", ["", "/somewhere/theirs.npz"])
async def test_while_the_engine_loads_it_says_that_and_never_that_it_could_not_be_started(opened_with: str) -> None:
    engine = ScriptedEngine(MANY)
    engine.ready, engine.runs = None, (stored_run("r0007"),)
    engine.gone = EngineGone(None, ["it has not been started yet"])
    async with opened(engine, live=False, options=DisplayOptions(opened=opened_with)) as (pilot, pane):
        engine.gone = None  # it is being started, and what the one before it said counts no more
        pane.shown()
        await settled(pilot)
        whose = "theirs.npz" if opened_with else "the last run that finished"
        assert f"The engine is loading. The mistakes of {whose} appear when the engine is ready." in screen_text(pilot)
        assert "could not be started" not in screen_text(pilot)
        engine.ready = READY
        pane.on_engine_event(READY)
        await settled(pilot)
        assert engine.pages()[-1].run_id == (opened_with or "r0007")


@dataclass
class Seen:
    """The pane with ten thousand mistakes of a live run."""

    pilot: Pilot[None]
    pane: MistakesPane
    engine: ScriptedEngine


async def test_keys_on_a_large_terminal_ask_of_the_same_mistakes_what_they_say() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine) as (pilot, pane):
        for question in (
            a_page_is_asked_for_only_around_what_is_seen,
            a_sentence_is_computed_from_what_is_shown,
            on_a_large_terminal_both_are_seen,
            a_cell_of_the_matrix_filters_and_esc_leads_back,
            without_a_test_part_w_says_so_and_asks_nothing,
            the_large_view_shows_distribution_gradient_loss_and_evidence,
            the_image_the_change_and_the_changed_image_are_seen_together_where_there_is_room,
            neighbours_of_the_large_view_and_the_way_back_to_the_same_place,
            i_draws_the_same_image_in_each_style,
            the_most_confused_pairs_are_walked,
            a_click_on_a_pair_filters,
            the_classes_under_the_cursor_filter,
            sort_and_reverse_ask_for_the_same_model,
            the_headless_command_names_run_order_and_filter,
            walking_through_ten_thousand_images_keeps_few_of_them,
        ):
            await question(Seen(pilot, pane, engine))
            await press(pilot, "escape", "a")
            pane.focus()
            await press(pilot, "home")
            assert not pane.model_query.is_filtered
            assert (pane.model_query.question.sort, pane.style) == ("loss", "half")


async def test_on_a_small_terminal_pictures_take_turns() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine, size=(80, 24)) as (pilot, pane):
        await on_a_small_terminal_matrix_and_gallery_take_turns(Seen(pilot, pane, engine))
        await press(pilot, "escape", "a", "home")
        await tab_switches_the_evidence_where_one_picture_fits(Seen(pilot, pane, engine))


async def a_page_is_asked_for_only_around_what_is_seen(seen: Seen) -> None:
    pilot, engine = seen.pilot, seen.engine
    first = engine.pages()[0]
    assert (first.offset, first.fresh) == (0, True)
    assert all(page.limit <= 96 for page in engine.pages())
    asked = len(engine.asked)
    await press(pilot, "right")
    assert len(engine.asked) == asked, "what is there is not asked for again"
    await press(pilot, "end")
    last = engine.pages()[-1]
    assert last.offset <= 9_999 < last.offset + last.limit
    assert last.offset > 9_000
    assert not last.fresh
    assert "10,000 of 10,000" in screen_text(pilot)
    assert "coat → shirt" in screen_text(pilot)


async def walking_through_ten_thousand_images_keeps_few_of_them(seen: Seen) -> None:
    pilot, pane = seen.pilot, seen.pane
    await pilot.press(*["pagedown"] * 60)
    await settled(pilot)
    album = pane.model_query.album
    assert pane.model_query.cursor >= 60 * pane.model_query.capacity - 1
    assert album.at(pane.model_query.cursor) is not None
    assert len(album._images) <= 480


async def neighbours_of_the_large_view_and_the_way_back_to_the_same_place(seen: Seen) -> None:
    pilot, pane, engine = seen.pilot, seen.pane, seen.engine
    await press(pilot, "right", "enter", "right", "right", "left", "right")
    assert engine.asked[-1] == ShowExample(index=3)
    assert "image 3 of the validation set" in screen_text(pilot)
    await press(pilot, "escape")
    assert pane.query_one(PictureGrid).cursor == 3
    assert "4 of 10,000" in screen_text(pilot)
    await press(pilot, "left", "enter", "left", "left", "left", "left")
    assert "image 0 of the validation set" in screen_text(pilot), "before the first there is nothing"


async def on_a_small_terminal_matrix_and_gallery_take_turns(seen: Seen) -> None:
    pilot, pane, engine = seen.pilot, seen.pane, seen.engine
    gallery, matrix = pane.query_one(PictureGrid), pane.query_one(Heatmap)
    assert gallery.region.area
    assert not matrix.region.area
    await press(pilot, "m")
    assert matrix.region.area
    assert not gallery.region.area
    assert pilot.app.focused is matrix
    await press(pilot, "down", "enter")
    assert gallery.region.area
    assert not matrix.region.area
    assert engine.pages()[-1].true == 1


async def tab_switches_the_evidence_where_one_picture_fits(seen: Seen) -> None:
    await press(seen.pilot, "enter")
    assert "as the model sees it" in screen_text(seen.pilot)
    await press(seen.pilot, "tab")
    assert "coat minus shirt: +16.50" in screen_text(seen.pilot)
    await press(seen.pilot, "tab")
    assert "for coat: +32.50" in screen_text(seen.pilot)
    assert "Pixels for +32.00, against +0.00, bias +0.50." in screen_text(seen.pilot)
    await press(seen.pilot, "e")
    assert "for shirt: +16.00" in screen_text(seen.pilot)
    await press(seen.pilot, "tab")
    assert "smallest change, grey levels" in screen_text(seen.pilot)
    assert re.search(r"darker −20\.0 .{15} \+20\.0 brighter", screen_text(seen.pilot))
    said = " ".join(re.split(r"\W{2,}", screen_text(seen.pilot)))
    assert "makes the model say bag" in said
    await press(seen.pilot, "tab")
    assert "changed: called bag" in screen_text(seen.pilot)
    await press(seen.pilot, "tab")
    assert "as the model sees it" in screen_text(seen.pilot)


async def a_sentence_is_computed_from_what_is_shown(seen: Seen) -> None:
    assert "233 of 2,930 images are wrong, most often shirt → coat (137 times)." in screen_text(seen.pilot)
    assert "r0001, live" in screen_text(seen.pilot)


async def on_a_large_terminal_both_are_seen(seen: Seen) -> None:
    pane = seen.pane
    assert pane.query_one(PictureGrid).region.area
    assert pane.query_one(Heatmap).region.area


async def without_a_test_part_w_says_so_and_asks_nothing(seen: Seen) -> None:
    pilot, engine = seen.pilot, seen.engine
    asked = len(engine.asked)
    await press(pilot, "w")
    assert len(engine.asked) == asked
    assert "part (w)" not in screen_text(pilot)


async def the_large_view_shows_distribution_gradient_loss_and_evidence(seen: Seen) -> None:
    pilot, engine = seen.pilot, seen.engine
    await press(pilot, "enter")
    assert engine.asked[-1] == ShowExample(index=0)
    text = screen_text(pilot)
    assert "Labelled shirt, taken for coat." in text
    assert "● shirt" in text
    assert "▶ coat" in text
    assert "0.7500 +0.750 said" in text
    assert "0.1250 −0.875 true" in text
    assert "loss = −log 0.125 = 2.079" in text
    # 16 pixels of 2 for coat and of 1 for shirt, and a bias of 0.5
    assert "coat minus shirt: +16.50" in text
    assert "for coat: +32.50" in text
    assert "for shirt: +16.00" in text
    assert re.search(r"against −2\.00 .{15} \+2\.00 for", text)  # the scale, the strongest pixel at its ends


async def the_image_the_change_and_the_changed_image_are_seen_together_where_there_is_room(seen: Seen) -> None:
    await press(seen.pilot, "enter")
    assert "tab for evidence and smallest change" in screen_text(seen.pilot)
    await press(seen.pilot, "tab")
    text = screen_text(seen.pilot)
    for title in ("as the model sees it", "smallest change, grey levels", "changed: called bag"):
        assert title in text
    assert "A change of at most 20 of 255 grey levels a pixel" in text
    assert "(12.5% of the" in text
    assert "minus" not in text


async def i_draws_the_same_image_in_each_style(seen: Seen) -> None:
    pilot, pane = seen.pilot, seen.pane
    pictures = []
    for _ in range(4):
        pictures.append("".join(pane.query_one(PictureGrid).render_line(y).text for y in range(5)))
        await press(pilot, "i")
    assert len(set(pictures)) == 3
    assert pictures[0] == pictures[3]
    assert "▀" in pictures[0]
    assert any("\u2800" < character <= "\u28ff" for character in pictures[1])
    assert "=====" in pictures[2]
    await press(pilot, "i", "i")  # the first style again


async def the_most_confused_pairs_are_walked(seen: Seen) -> None:
    pilot, engine = seen.pilot, seen.engine
    assert "137  shirt → coat" in screen_text(pilot)
    await press(pilot, "n")
    assert (engine.pages()[-1].true, engine.pages()[-1].predicted) == (0, 1)
    await press(pilot, "n")
    assert (engine.pages()[-1].true, engine.pages()[-1].predicted) == (1, 0)
    await press(pilot, "a")
    assert (engine.pages()[-1].true, engine.pages()[-1].predicted) == (None, None)


async def a_click_on_a_pair_filters(seen: Seen) -> None:
    pilot, engine = seen.pilot, seen.engine
    await pilot.click("#pairs", offset=(8, 2))
    await settled(pilot)
    assert (engine.pages()[-1].true, engine.pages()[-1].predicted) == (1, 0)


async def the_classes_under_the_cursor_filter(seen: Seen) -> None:
    pilot, engine = seen.pilot, seen.engine
    await press(pilot, "right", "t")
    assert (engine.pages()[-1].true, engine.pages()[-1].predicted) == (1, None)
    assert "90 of 990 images of coat are wrong" in screen_text(pilot)
    await press(pilot, "a", "right", "p")
    assert (engine.pages()[-1].true, engine.pages()[-1].predicted) == (None, 0)
    assert "images predicted as shirt are wrong" in screen_text(pilot)


async def a_cell_of_the_matrix_filters_and_esc_leads_back(seen: Seen) -> None:
    pilot, pane, engine = seen.pilot, seen.pane, seen.engine
    await press(pilot, "tab", "right")
    assert "shirt taken for coat: 137 of 940" in screen_text(pilot)
    await press(pilot, "enter")
    page = engine.pages()[-1]
    assert (page.true, page.predicted) == (0, 1)
    assert "1 of 5,000" in screen_text(pilot)
    assert "137 of 940 images of shirt are taken for coat" in screen_text(pilot)
    assert pilot.app.focused is pane.query_one(PictureGrid)
    await press(pilot, "escape")
    assert engine.pages()[-1].true is None
    assert pilot.app.focused is pane.query_one(Heatmap)
    assert pane.query_one(Heatmap).cursor == (0, 1)


async def sort_and_reverse_ask_for_the_same_model(seen: Seen) -> None:
    pilot, engine = seen.pilot, seen.engine
    await press(pilot, "s")
    page = engine.pages()[-1]
    assert (page.sort, page.descending, page.fresh) == ("confidence", True, False)
    assert not page.suspected
    await press(pilot, "s", "b")
    page = engine.pages()[-1]
    assert (page.sort, page.descending) == ("margin", True)
    await press(seen.pilot, "s", "s")  # the first order again


async def the_headless_command_names_run_order_and_filter(seen: Seen) -> None:
    pilot, pane = seen.pilot, seen.pane
    await press(pilot, "s", "s", "n", "i")
    words = pane.headless_command().split()
    assert words[:3] == ["softmax-tui", "mistakes", "r0001"]
    assert "--sort margin --ascending --true 0 --predicted 1 --style braille" in pane.headless_command()
    await press(pilot, "s", "s", "i", "i")


async def test_label_errors_are_a_filter_and_esc_leads_back() -> None:
    suspect = with_(mistake(5, 0, 2, 0.99), suggested=2)
    engine = ScriptedEngine([suspect, *MANY[:40]])
    async with opened(engine) as (pilot, pane):
        await press(pilot, "l")
        page = engine.pages()[-1]
        assert (page.sort, page.suspected) == ("confidence", True)
        assert "1 of 1 most confident first | suspected label errors" in screen_text(pilot)
        assert (
            "1 of 233 mistakes are suspected label errors. The first is labelled shirt. Is bag right?"
            in screen_text(pilot)
        )
        assert "--suspected" in pane.headless_command()
        await press(pilot, "enter")
        assert "Suspected label error. Is bag right?" in " ".join(screen_text(pilot).split())
        await press(pilot, "escape", "escape")
        assert not engine.pages()[-1].suspected
        assert "of 41" in screen_text(pilot)
        await press(pilot, "l", "n")
        assert not engine.pages()[-1].suspected, "another filter takes its place"


async def test_where_no_label_is_suspected_that_is_said_and_keys_lead_on() -> None:
    engine = ScriptedEngine(MANY[:40])
    async with opened(engine) as (pilot, _):
        await press(pilot, "l")
        assert "No label error is suspected among 233 mistakes." in screen_text(pilot)
        assert "a shows all mistakes" in screen_text(pilot)
        await press(pilot, "enter", "a")
        assert "of 40" in screen_text(pilot)


async def test_pictures_are_ascii_where_there_is_no_colour_until_somebody_chooses() -> None:
    async with opened(ScriptedEngine(MANY)) as (pilot, pane):
        assert pane.style == "half"
        pilot.app.theme = "softmax-mono"
        await settled(pilot)
        assert pane.style == "ascii"
        assert "▀" not in "".join(pane.query_one(PictureGrid).render_line(y).text for y in range(5))
        pilot.app.theme, pilot.app.no_color = "softmax-dark", True
        assert pane.style == "ascii"
        await press(pilot, "i")
        assert pane.style == "half"
    async with opened(ScriptedEngine(MANY), options=DisplayOptions(ascii_only=True)) as (_, pane):
        assert pane.style == "ascii"


async def test_a_live_run_is_followed_and_keeps_filter_sort_and_cursor() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine) as (pilot, pane):
        await press(pilot, "s", "n", "right", "right")
        asked = len(engine.asked)
        pane.follow()
        await settled(pilot)
        assert len(engine.asked) == asked, "the run has not moved"
        engine.epoch = 2
        pane.live.state = live_run(position=20)
        pane.redraw()
        pane.follow()
        await settled(pilot)
        page = engine.pages()[-1]
        assert page.fresh
        assert (page.sort, page.true, page.predicted) == ("confidence", 0, 1)
        assert pane.query_one(PictureGrid).cursor == 2
        assert "after 2 epochs" in screen_text(pilot)


async def test_the_clock_follows_the_run_by_itself() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine) as (pilot, pane):
        engine.epoch = 2
        pane.live.state = live_run(position=20)
        pane.redraw()
        await until(pilot, lambda: "after 2 epochs" in screen_text(pilot))


async def test_a_frozen_view_says_so_and_asks_for_no_other_model() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine) as (pilot, pane):
        await press(pilot, "f")
        assert "FROZEN" in screen_text(pilot)
        fresh = [page for page in engine.pages() if page.fresh]
        pane.live.state = live_run(position=30)
        pane.redraw()
        pane.follow()
        await press(pilot, "end", "s")
        assert [page for page in engine.pages() if page.fresh] == fresh
        await press(pilot, "f")
        assert "FROZEN" not in screen_text(pilot)
        assert engine.pages()[-1].fresh


async def test_the_large_view_holds_its_image_while_the_run_goes_on() -> None:
    engine = ScriptedEngine(MANY[:50])
    async with opened(engine) as (pilot, pane):
        await press(pilot, "right", "right", "enter")
        engine.epoch = 2
        engine.mistakes.insert(5, engine.mistakes.pop(2))
        pane.live.state = live_run(position=40)
        pane.redraw()
        pane.follow()
        await settled(pilot)
        assert engine.pages()[-1].fresh
        assert engine.asked[-1] == ShowExample(index=2), "its numbers are the new model's"
        assert "image 2 of the validation set" in screen_text(pilot)
        assert "6 of 50" in screen_text(pilot)


async def test_o_chooses_among_the_live_and_the_stored_runs() -> None:
    engine = ScriptedEngine(MANY)
    engine.runs = (stored_run("r0001"), stored_run("r0000", "warm\x1b[31mup"))
    async with opened(engine) as (pilot, pane):
        await press(pilot, "o")
        assert "r0001, the run of this session, running" in screen_text(pilot)
        await press(pilot, "down", "enter")
        assert (engine.pages()[-1].run_id, engine.pages()[-1].fresh) == ("r0000", True)
        assert "r0000 (warm\\x1b[31mup), stored" in screen_text(pilot)
        asked = len(engine.pages())
        pane.live.state = live_run(position=99)
        pane.redraw()
        pane.follow()
        await settled(pilot)
        assert len(engine.pages()) == asked, "a stored run does not move"
        await press(pilot, "o", "up", "escape")
        assert len(engine.pages()) == asked
        await press(pilot, "o", "up", "enter")
        assert engine.pages()[-1].run_id == "r0001"
        assert "r0001, live" in screen_text(pilot)


async def test_where_nothing_is_wrong_it_says_so() -> None:
    counts = ((10, 0, 0), (0, 10, 0), (0, 0, 10))
    async with opened(ScriptedEngine([], counts=counts)) as (pilot, _):
        assert "All 30 images are right." in screen_text(pilot)
        await press(pilot, "enter", "n", "end", "right", "t", "escape")
        assert "All 10 images of shirt are right" in screen_text(pilot) or "All 30 images are right." in screen_text(
            pilot
        )


async def test_few_mistakes_carry_no_conclusion() -> None:
    counts = ((10, 1, 0), (0, 10, 0), (0, 2, 10))
    async with opened(ScriptedEngine(MANY[:3], counts=counts)) as (pilot, _):
        assert "too few to say which classes are confused" in screen_text(pilot)


async def test_a_refusal_is_shown_and_not_asked_for_again() -> None:
    engine = ScriptedEngine(MANY)
    engine.refusal = "r0001: found no checkpoint [/b], expected one"
    async with opened(engine) as (pilot, pane):
        assert "r0001: found no checkpoint [/b], expected one" in screen_text(pilot)
        asked = len(engine.pages())
        pane.follow()
        await settled(pilot)
        assert len(engine.pages()) == asked


async def test_when_the_engine_is_gone_the_pictures_stay_and_come_alive_again_with_it() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine) as (pilot, pane):
        engine.gone = EngineGone(-9, ["killed"])
        await press(pilot, "s")
        assert "the engine ended: killed by SIGKILL" in screen_text(pilot)
        assert "shirt → coat" in screen_text(pilot)
        engine.gone = None
        pane.live.state = live_run()
        pane.on_engine_event(READY)
        await settled(pilot)
        assert engine.pages()[-1].fresh
        assert "killed by" not in screen_text(pilot)


async def test_data_without_pictures_are_a_table() -> None:
    engine = ScriptedEngine([mistake(index, 0, 1, side=0) for index in range(300)], dataset_of(side=0))
    async with opened(engine) as (pilot, pane):
        assert pane.query_one(RowList).region.area
        assert not pane.query_one(PictureGrid).region.area
        assert "probability" in screen_text(pilot)
        await press(pilot, "down", "down", "end")
        assert "300 of 300" in screen_text(pilot)
        await press(pilot, "enter")
        assert engine.asked[-1] == ShowExample(index=299)
        assert "feature 0" in screen_text(pilot)
        assert "Labelled shirt, taken for coat." in screen_text(pilot)


async def test_hostile_label_names_break_nothing() -> None:
    engine = ScriptedEngine(MANY, dataset_of(HOSTILE))
    async with opened(engine, size=(80, 24)) as (pilot, _):
        for width, height in ((80, 24), (120, 40), (160, 50)):
            await pilot.resize_terminal(width, height)
            await press(pilot, "a", "m", "m", "m", "down", "enter", "enter", "tab", "tab", "escape", "n", "t", "p", "l")
            text = screen_text(pilot)
            assert "\x1b" not in text
            assert "\u202e" not in text
            assert "\x00" not in text
            assert all(len(line) <= width for line in text.splitlines())


async def test_without_unicode_everything_is_ascii() -> None:
    engine = ScriptedEngine(MANY, dataset_of(("Ärmel", "coat", "bag")))
    async with opened(engine, options=DisplayOptions(ascii_only=True)) as (pilot, _):
        assert screen_text(pilot).isascii()
        await press(pilot, "enter")
        assert screen_text(pilot).isascii()


async def test_while_it_is_not_displayed_it_asks_nothing() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine) as (pilot, pane):
        pane.display = False
        asked = len(engine.asked)
        pane.live.state = live_run(position=50)
        pane.redraw()
        pane.follow()
        await settled(pilot)
        assert len(engine.asked) == asked
        pane.display = True
        pane.shown()
        await settled(pilot)
        assert engine.pages()[-1].fresh


async def test_another_dataset_drops_the_filter() -> None:
    engine = ScriptedEngine(MANY)
    async with opened(engine) as (pilot, pane):
        await press(pilot, "n")
        engine.dataset = dataset_of(("a", "b", "c"))
        pane.live.state = live_run(run_id="r0002", dataset=engine.dataset)
        pane.redraw()
        await settled(pilot)
        page = engine.pages()[-1]
        assert (page.run_id, page.true, page.predicted) == ("r0002", None, None)


async def until(pilot: Pilot[None], wanted: Callable[[], bool], tries: int = 600) -> None:
    for _ in range(tries):
        if wanted():
            return
        await pilot.pause(0.05)
    raise AssertionError(screen_text(pilot))


async def test_a_finding_of_two_lines_leaves_room_for_the_next_thing_to_try() -> None:
    names = ("a class whose name is rather long", "another that is not much shorter", "bag")
    engine = ScriptedEngine([mistake(index, 0, 1) for index in range(40)], dataset_of(names))
    async with opened(engine, (80, 24)) as (pilot, _):
        await settled(pilot)
        assert "Next (g): n filters by" in screen_text(pilot)
        await press(pilot, "enter")
        assert "left and right for neighbours" in screen_text(pilot)


async def test_w_looks_at_the_test_part_and_back() -> None:
    engine = ScriptedEngine(MANY, with_(dataset_of(), test_size=10_000))
    async with opened(engine) as (pilot, pane):
        assert "r0001, live, validation part (w)" in screen_text(pilot)
        await press(pilot, "w")
        assert engine.pages()[-1].part == "test"
        assert "r0001, live, test part (w)" in screen_text(pilot)
        assert pane.headless_command().endswith("--part test")
        await press(pilot, "enter")
        assert "of the test set" in screen_text(pilot)
        await press(pilot, "w")
        assert engine.pages()[-1].part == "validation"
        assert "--part" not in pane.headless_command()


async def test_predicted_labels_alone_are_shown_without_figures() -> None:
    unknown = {"probability": float("nan"), "loss": float("nan"), "probabilities": (float("nan"),) * 3}
    for side in (4, 0):
        engine = ScriptedEngine([with_(one, **unknown, pixels=one.pixels[: side * side]) for one in MANY[:40]])
        engine.dataset = dataset_of(side=side)
        async with opened(engine) as (pilot, pane):
            assert "by index | all" in screen_text(pilot)
            for key in ("enter", "escape", "s", "l"):
                await press(pilot, key)
                assert "nan" not in screen_text(pilot)
            await press(pilot, "enter")
            assert "nan" not in screen_text(pilot)
            assert "probabilities and the loss are unknown" in said(pane, "words")
