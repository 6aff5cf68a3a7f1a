"""Work that outlives the app: a line that drops and holds again, control that changes hands, leaving."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from random import Random

from engine.contract.engine_events import ControlChanged
from tests.app.test_shell import RUN, opened, starts
from tests.train.script import screen_text, settled
from tui.app.app import EngineSaid, SoftmaxApp
from tui.app.notice_bar import NoticeBar
from tui.pane.confirm import Confirm
from tui.pane.line import Line


def said(app: SoftmaxApp) -> str:
    """What toasts say, in one line; they go by themselves."""
    return " ".join(notice.message for notice in app._notifications)


MINE = ControlChanged(holder="here pid 1", yours=True, term=1)
TAKEN = ControlChanged(holder="laptop pid 7", yours=False, term=2)


async def test_a_line_that_drops_is_said_at_once_and_had_again_with_all_that_was_seen(tmp_path: Path) -> None:
    async with opened(tmp_path, (*RUN, MINE), size=(120, 40)) as (pilot, app):
        await settled(pilot, lambda: len(app.live.state.epochs) == 1)
        assert app.engine.pid is not None
        seen = app.live.state
        os.kill(app.engine.pid, signal.SIGKILL)  # the relay, or ssh
        killed = time.monotonic()
        await settled(pilot, lambda: bool(app.engine.line.words))
        assert time.monotonic() - killed < 5
        assert app.engine.gone is None
        assert app.live.state == seen
        assert "line dropped, trying again" in screen_text(pilot)
        assert any("connects again by itself" in notice for notice in app.query_one(NoticeBar).notices)
        await settled(pilot, lambda: app.engine.ready is not None and not app.engine.line.words)
        assert starts(tmp_path) == 2
        assert app.live.state == seen
        await settled(pilot, lambda: not app.query_one(NoticeBar).notices)
        assert "line dropped" not in screen_text(pilot)


async def test_epochs_that_were_missed_are_counted(tmp_path: Path) -> None:
    async with opened(tmp_path, (*RUN, MINE), size=(120, 40)) as (pilot, app):
        await settled(pilot, lambda: len(app.live.state.epochs) == 1)
        app._epochs_before, app._job_told = 0, True
        app.post_message(EngineSaid(MINE))
        await settled(pilot, lambda: "went on by 1 epoch meanwhile" in said(app))


async def test_an_engine_that_ends_without_a_line_is_told_as_before(tmp_path: Path) -> None:
    async with opened(tmp_path, RUN) as (pilot, app):
        await settled(pilot, lambda: len(app.live.state.epochs) == 1)
        assert app.engine.pid is not None
        os.kill(app.engine.pid, signal.SIGKILL)
        await settled(pilot, lambda: app.engine.gone is not None)
        assert starts(tmp_path) == 1
        assert app.live.state.status == "interrupted"


async def test_who_takes_control_over_is_shown_and_d_asks_for_it_back(tmp_path: Path) -> None:
    async with opened(tmp_path, (*RUN, MINE), size=(120, 40)) as (pilot, app):
        await settled(pilot, lambda: app._control == MINE)
        app.post_message(EngineSaid(TAKEN))
        await settled(pilot, lambda: "laptop pid 7 controls the engine now. D takes control" in said(app))
        await pilot.press("D")
        await settled(pilot, lambda: isinstance(app.screen, Confirm))
        assert "laptop pid 7 controls this engine. Take control?" in screen_text(pilot)


async def test_without_a_job_there_is_nothing_to_leave_running(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        await pilot.press("D")
        await settled(pilot, lambda: "nothing to leave running" in said(app))
        assert not app.engine.detached


async def test_leaving_what_goes_on_elsewhere_asks_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, (*RUN, MINE)) as (pilot, app):
        await settled(pilot, lambda: app.engine.detached and app.live.job is not None)
        await pilot.press("ctrl+q")
        await settled(pilot, lambda: not app.is_running or app._exit)
        assert app.return_code == 0


def test_the_pauses_double_up_to_half_a_minute_with_some_chance_in_each() -> None:
    line = Line(Random(1))
    pauses = [line.drop("ssh: connect refused") for _ in range(9)]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, (1, 2, 4, 8, 16, 30, 30, 30, 30), strict=True))
    assert len({pause / most for pause, most in zip(pauses, (1, 2, 4, 8, 16, 30, 30, 30, 30), strict=True)}) == 9
    assert line.words == "line dropped, trying again (ssh: connect refused); ctrl+r tries now"
    assert line.hold() == 9
    assert line.words == ""
    assert line.drop("") <= 1
