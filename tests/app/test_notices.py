"""Notices shrink to a line once they have been seen; what is said in passing covers nothing that it is about."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from engine.contract.progress import Notice
from engine.contract.wire import Event
from tests.app.scripted_worker import READY, worker_that_says
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.app.command_palette import Palette
from tui.app.keys import Keys
from tui.app.notice_bar import NoticeBar
from tui.drawing.run_list import RunList
from tui.pane.commands import PANES
from tui.pane.confirm import Confirm
from tui.pane.run_picker import RunPicker

OFFLINE = "fashion-mnist could not be downloaded.\nsilhouettes are drawn in its place.\nThe mirror did not answer."
LONG = "softmax-tui train --learning-rate 0.5 " + "--label-smoothing 0.1 " * 6


@asynccontextmanager
async def opened(
    folder: Path, *events: Event, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], SoftmaxApp]]:
    """As a person sees it, with what is said in passing."""
    app = SoftmaxApp(worker_that_says(folder / "starts", (READY, *events)))
    async with app.run_test(size=size, notifications=True) as pilot:
        await settled(pilot, lambda: app.active_pane != "" and app.engine.ready is not None)
        yield pilot, app


def lines_of(app: SoftmaxApp) -> int:
    return app.query_one(NoticeBar).size.height


# Notices


@pytest.fixture
def _seen_by_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoticeBar, "LEAST_SECONDS", 0.0)


@pytest.mark.usefixtures("_seen_by_a_key")
async def test_a_notice_is_one_line_once_somebody_goes_on_and_whole_again_when_asked_for(tmp_path: Path) -> None:
    told = (Notice(OFFLINE), Notice("second"), Notice(OFFLINE))  # what is said again is not repeated
    async with opened(tmp_path, *told) as (pilot, app):
        await settled(pilot, lambda: lines_of(app) == 3)
        assert "The mirror did not answer.  x put away, 1 more" in screen_text(pilot)
        await pilot.press("2")
        await settled(pilot, lambda: lines_of(app) == 1)
        line = screen_text(pilot).splitlines()[2]
        assert line.startswith(" ! fashion-mnist could not")
        assert line.rstrip().endswith("…  N in full  x put away, 1 more")
        await pilot.press("N")
        await settled(pilot, lambda: lines_of(app) == 3)
        await pilot.press("1")
        await settled(pilot, lambda: lines_of(app) == 1)
        await pilot.click(offset=(8, 2))
        await settled(pilot, lambda: lines_of(app) == 3)
        await pilot.press("x")
        await settled(pilot, lambda: app.query_one(NoticeBar).notices == ("second",))
        assert "! second  x put away" in screen_text(pilot)


@pytest.mark.usefixtures("_seen_by_a_key")
async def test_the_palette_shows_a_notice_in_full(tmp_path: Path) -> None:
    async with opened(tmp_path, Notice(OFFLINE)) as (pilot, app):
        await settled(pilot, lambda: lines_of(app) == 3)
        await pilot.press("2")
        await settled(pilot, lambda: lines_of(app) == 1)
        await pilot.press("ctrl+p", *"notice")
        await settled(pilot, lambda: "Show the notice above in full" in screen_text(pilot))
        await pilot.press("enter")
        await settled(pilot, lambda: lines_of(app) == 3)


async def test_a_key_that_comes_with_the_notice_does_not_shrink_it(tmp_path: Path) -> None:
    async with opened(tmp_path, Notice(OFFLINE)) as (pilot, app):
        await settled(pilot, lambda: lines_of(app) == 3)
        await pilot.press("2")
        await settled(pilot, lambda: app.active_pane == "softmax")
        assert app.query_one(NoticeBar).whole


async def test_a_notice_that_nobody_answers_is_one_line_after_a_while_in_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NoticeBar, "SECONDS_WHOLE", 0.2)
    async with opened(tmp_path) as (pilot, app):
        bar, looks = app.query_one(NoticeBar), []
        show_whole = bar.show_whole
        monkeypatch.setattr(bar, "show_whole", lambda: (looks.append(1), show_whole()))
        await pilot.press("question_mark")
        await settled(pilot, lambda: isinstance(app.screen, Keys))
        bar.add(OFFLINE)
        await settled(pilot, lambda: len(looks) > 2)  # it has been shown anew, since another screen lay over it
        assert bar.whole
        await pilot.press("escape")
        await settled(pilot, lambda: not bar.whole)
        await settled(pilot, lambda: lines_of(app) == 1)


@pytest.mark.usefixtures("_seen_by_a_key")
async def test_a_notice_of_one_line_stays_so_under_another_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NoticeBar, "SECONDS_WHOLE", 0.5)
    async with opened(tmp_path) as (pilot, app):
        bar, began = app.query_one(NoticeBar), time.monotonic()
        bar.add(OFFLINE)
        await pilot.press("2", "question_mark")
        await settled(pilot, lambda: isinstance(app.screen, Keys))
        await settled(pilot, lambda: time.monotonic() > began + 2 * NoticeBar.SECONDS_WHOLE)
        assert not bar.whole


# What is said in passing


def toasts(app: SoftmaxApp) -> list[Region]:
    return [toast.region for toast in app.screen.query("Toast") if toast.region]


def covers(app: SoftmaxApp, widget: Widget) -> bool:
    return any(region.overlaps(widget.region) for region in toasts(app))


async def say(pilot: Pilot[None], app: SoftmaxApp) -> None:
    app.notify(LONG, title="Written", markup=False)
    app.notify("Nothing to take back.", markup=False)
    await settled(pilot, lambda: len(toasts(app)) == 2)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_said_in_passing_covers_no_sentence_no_progress_and_no_bar(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with opened(tmp_path, Notice(OFFLINE), size=size) as (pilot, app):
        await settled(pilot, lambda: lines_of(app) == 3)
        await say(pilot, app)
        for pane in PANES:
            await pilot.press(str(pane.number))
            await settled(pilot, lambda pane=pane: app.active_pane == pane.id)  # type: ignore[misc]
            at_the_foot = [widget for widget in app.pane.query("#sentence, #progress, #next") if widget.region]
            bars = app.query("TabBar, StatusLine, NoticeBar, KeyBar")
            for widget in (*at_the_foot, *bars):
                assert not covers(app, widget), (pane.id, widget)


async def test_what_is_said_in_passing_goes_up_when_the_notice_is_put_away(tmp_path: Path) -> None:
    async with opened(tmp_path, Notice(OFFLINE)) as (pilot, app):
        await settled(pilot, lambda: lines_of(app) == 3)
        await say(pilot, app)
        assert min(region.y for region in toasts(app)) == 6
        await pilot.press("x")
        await settled(pilot, lambda: min(region.y for region in toasts(app)) == 3)


async def test_what_is_said_in_passing_covers_no_question_and_no_filter(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        app.push_screen(Confirm("The run is going on. " * 5, "leave", "stay"))
        await settled(pilot, lambda: isinstance(app.screen, Confirm))
        await say(pilot, app)
        for widget in app.screen.query("Vertical Static, Button"):
            assert not covers(app, widget), widget
        await pilot.press("n", "ctrl+p")
        await settled(pilot, lambda: isinstance(app.screen, Palette) and len(toasts(app)) == 2)
        assert not covers(app, app.screen.query_one("#--input"))
        await pilot.press("escape")
        await settled(pilot, lambda: not isinstance(app.screen, Palette))
        app.push_screen(RunPicker(app.engine, "Which run?", RunList(lambda run: True), ()))
        await settled(pilot, lambda: isinstance(app.screen, RunPicker) and bool(toasts(app)))
        for widget in app.screen.query("#question, PlainInput, #about, #keys"):
            assert not covers(app, widget), widget
