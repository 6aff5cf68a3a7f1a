"""Choosing a run: with keys, with the mouse, from long lists and empty ones, with an engine that is late or gone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest
from msgspec.structs import replace
from textual.app import App
from textual.pilot import Pilot

from engine.contract.answers import RunSummary
from engine.processes.client import EngineGone
from tests.mistakes.scripted import READY, ScriptedEngine, dataset_of, stored_run
from tests.mistakes.test_pane import press, screen_text, settled
from tui.drawing.run_list import Offer, RunList
from tui.pane.engine_link import EngineLink
from tui.pane.run_picker import Picked, RunPicker
from tui.widgets.row_list import RowList
from tui.widgets.themes import THEMES

SWEEP = tuple(stored_run(f"r{100 - place:04d}", f"s0001/{place} learning-rate 0.1 seed {place}") for place in range(18))
RUNS = (stored_run("r0200", "mine"), *SWEEP, stored_run("r0003"), stored_run("r0002"), stored_run("r0001"))

LIVE = Offer("", "r0300, the run of this session, running")


class Host(App[None]):
    """Nothing but the picker, and what was chosen in it."""

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "softmax-dark"
        self.answers: list[Picked | None] = []


@asynccontextmanager
async def opened(
    runs: Sequence[RunSummary] = RUNS,
    *,
    size: tuple[int, int] = (80, 24),
    offers: Sequence[Offer] = (),
    chosen: Sequence[str] = (),
    marks: Sequence[str] = (),
    watches: bool = False,
    engine: ScriptedEngine | None = None,
) -> AsyncIterator[tuple[Pilot[None], list[Picked | None]]]:
    engine = engine or ScriptedEngine([])
    engine.runs = tuple(runs)
    host = Host()
    async with host.run_test(size=size) as pilot:
        listed = RunList(offers=offers)
        picker = RunPicker(cast(EngineLink, engine), "Which run is looked at?", listed, chosen, marks, watches)
        host.push_screen(picker, host.answers.append)
        await settled(pilot)
        yield pilot, host.answers


def under_cursor(pilot: Pilot[None]) -> str:
    return next((line for line in screen_text(pilot).splitlines() if line.strip().startswith(">")), "")


async def test_the_arrows_move_enter_takes_and_esc_leaves() -> None:
    async with opened(offers=[LIVE], chosen=("r0003",)) as (
        pilot,
        said,
    ):
        assert "r0003" in under_cursor(pilot)
        await press(pilot, "up")
        assert "+ s0001" in under_cursor(pilot)
        assert "r0099" not in screen_text(pilot), "a sweep does not flood the list"
        await press(pilot, "down", "down", "enter")
        assert [one and one.sources for one in said] == [("r0002",)]
        assert said[0] is not None
        assert said[0].runs == RUNS
    async with opened(offers=[LIVE]) as (pilot, said):
        await press(pilot, "enter")
        assert [one and one.sources for one in said] == [("",)]
    async with opened() as (pilot, said):
        await press(pilot, "down", "escape")
        assert said == [None]


async def test_enter_opens_a_group_and_a_long_list_scrolls() -> None:
    async with opened() as (pilot, said):
        await press(pilot, "down", "enter")
        assert "- s0001" in under_cursor(pilot)
        assert screen_text(pilot).count("seed") >= 10
        await press(pilot, "pagedown", "pagedown", "ctrl+end")
        assert "r0001" in under_cursor(pilot)
        await press(pilot, "ctrl+home", "down", "enter")
        assert "+ s0001" in under_cursor(pilot)
        assert said == []


async def test_a_run_within_a_group_is_found_again() -> None:
    async with opened(chosen=("r0090",)) as (pilot, _):
        assert "r0090" in under_cursor(pilot)
        assert "- s0001" in screen_text(pilot)


async def test_what_is_typed_leads_to_the_first_that_has_it_and_back_to_the_run_that_was_chosen() -> None:
    async with opened(chosen=("r0001",)) as (pilot, _):
        await press(pilot, *"r00")
        assert "+ s0001" in under_cursor(pilot) or "- s0001" in under_cursor(pilot)
        await press(pilot, *["backspace"] * 3)
        assert "r0001" in under_cursor(pilot)


async def test_typing_filters_and_owns_every_letter() -> None:
    async with opened() as (pilot, said):
        await press(pilot, *"mine q?1")
        assert "No run has these words" in screen_text(pilot)
        await press(pilot, "enter", *["backspace"] * 4)
        assert "r0200 mine" in under_cursor(pilot)
        await press(pilot, *["backspace"] * 4, *"seed", "space", "7")
        await press(pilot, "down", "enter")
        assert [one and one.sources for one in said] == [("r0093",)]


async def test_enter_watches_a_run_in_the_background_and_space_marks_it() -> None:
    there = replace(RUNS[0], status="running", host="gpu-box", pid=4711, detached=True)
    runs = (there, replace(RUNS[-1], status="running", host="gpu-box", pid=4712))
    async with opened(runs, marks="ab", watches=True) as (pilot, said):
        assert "running in the background on gpu-box, pid 4711; enter watches it live" in screen_text(pilot)
        await press(pilot, "enter")
        assert [one and (one.sources, one.watch) for one in said] == [((), "r0200")]
    async with opened(runs, marks="ab", watches=True) as (pilot, said):
        await press(pilot, "space", "space", "enter")
        assert [one and (one.sources, one.watch) for one in said] == [(("r0200", "r0001"), "")]
    async with opened(runs, marks="ab") as (pilot, said):
        assert "enter watches" not in screen_text(pilot)
        await press(pilot, "down")
        assert "running on gpu-box, pid 4712" in screen_text(pilot)


async def test_the_settings_of_the_run_under_the_cursor_are_told_whole() -> None:
    config = replace(RUNS[0].config, learning_rate=0.5, momentum=0.9, softmax="log-sum-exp", seed=12_345, sigma=0.5)
    async with opened([replace(RUNS[0], config=config, name="[/b]\x1b[2J" * 9), *RUNS[1:]]) as (pilot, _):
        assert "seed 12345" in screen_text(pilot).replace("\n", "")
        assert "\x1b" not in screen_text(pilot)
        assert "[/b]\\x1b[2J" in screen_text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
async def test_a_click_takes_and_one_beside_leaves(size: tuple[int, int]) -> None:
    async with opened(size=size) as (pilot, said):
        rows = pilot.app.screen.query_one(RowList)
        await pilot.click(rows, offset=(5, 3))  # under the heading, the first run and the sweep
        await settled(pilot)
        assert [one and one.sources for one in said] == [("r0003",)]
    async with opened(size=size) as (pilot, said):
        await pilot.click(pilot.app.screen.query_one(RowList), offset=(5, 2))
        await settled(pilot)
        assert "- s0001" in under_cursor(pilot)
        await pilot.click(None, offset=(1, 0))
        await settled(pilot)
        assert said == [None]


async def test_several_are_marked_and_the_first_gives_way_to_a_fourth() -> None:
    marks = ("◆", "■", "▲")
    async with opened(RUNS[-3:], marks=marks, chosen=("r0002",)) as (pilot, said):
        assert "◆ r0002" in under_cursor(pilot)
        await press(pilot, "enter")  # nothing was marked: that one alone is turned
        assert [one and one.sources for one in said] == [()]
    async with opened([stored_run("r0004"), *RUNS[-3:]], marks=marks) as (pilot, said):
        await press(pilot, "tab", "tab", "tab", "tab")
        text = screen_text(pilot)
        assert "▲ r0001" in text
        assert "◆ r0003" in text
        await press(pilot, "tab", "enter")  # the last one is unmarked again
        assert [one and one.sources for one in said] == [("r0003", "r0002")]


async def test_an_empty_list_says_what_to_do() -> None:
    async with opened(()) as (pilot, said):
        assert "Press esc, then 1, then space" in screen_text(pilot)
        await press(pilot, "down", "tab", "enter")
        assert said == []


async def test_an_engine_that_loads_is_waited_for_and_one_that_is_gone_is_said() -> None:
    class Late(ScriptedEngine):
        async def ask(self, command):  # type: ignore[no-untyped-def]
            await self.began.wait()
            return await super().ask(command)

    engine = Late([])
    engine.ready, engine.began = None, asyncio.Event()  # type: ignore[attr-defined]
    host = Host()
    engine.runs = RUNS
    async with host.run_test(size=(80, 24)) as pilot:
        host.push_screen(RunPicker(cast(EngineLink, engine), "Which?", RunList(), ()), host.answers.append)
        await pilot.pause()
        await pilot.pause()
        assert "The engine is loading. The stored runs appear when the engine is ready." in screen_text(pilot)
        engine.ready = READY
        engine.began.set()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "r0200 mine" in screen_text(pilot)
    gone = ScriptedEngine([], dataset_of())
    gone.gone = EngineGone(-9, [])
    async with opened(engine=gone) as (pilot, _):
        assert "killed by SIGKILL (out of memory?); ctrl+r restarts it" in " ".join(screen_text(pilot).split())
