"""The app, a real client and a scripted peer: nothing that comes in ends the app, and all of it is drawn."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from random import Random

from tests.far_end.playing import READY, RECORDED, app_on_stage, cases, play, until
from tui.app.notice_bar import NoticeBar
from tui.pane.commands import PANES

_AT_ONCE = 8  # cases that are told before a look


async def test_mutated_messages_of_every_type_are_drawn_or_refused(tmp_path: Path) -> None:
    seed = "13"
    random, told = Random(seed), cases(seed, each=1)
    async with app_on_stage(tmp_path) as (pilot, app, stage):
        for start in range(0, len(told), _AT_ONCE):
            await play(pilot, app, stage, told[start : start + _AT_ONCE], random)


async def test_what_does_not_fit_is_told_in_a_line_and_the_charts_stay(tmp_path: Path) -> None:
    run = [said for asked, said in RECORDED if asked is None and said["type"] in ("started", "minibatches", "epoch")]
    async with app_on_stage(tmp_path) as (pilot, app, stage):
        await app.action_show_pane("train")
        stage.say(*run[:3])
        await until(pilot, lambda: app.live.state.status == "running")
        stage.say({**READY, "devices": []})
        await until(pilot, lambda: app.engine.gone is not None)
        await until(pilot, lambda: bool(app.query_one(NoticeBar).notices))
        (notice,) = app.query_one(NoticeBar).notices
        assert notice.startswith(
            "the engine was stopped: it sent a line that is no event: Expected `array` of length >= 1"
        )
        assert "ctrl+r restarts it; then u resumes" in notice
        assert app.live.state.losses
        assert app.live.state.status == "interrupted"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.engine.ready is not None and stage.starts == 2)


async def test_a_flood_of_events_leaves_the_keys_their_turn_and_memory_its_bounds(tmp_path: Path) -> None:
    async with app_on_stage(tmp_path) as (pilot, app, stage):
        stage.say_bytes(b'{"type":"heartbeat","idle_seconds":0,"busy_with":"","memory_bytes":0}\n', times=20_000)
        await asyncio.sleep(0.1)
        spent, queued = [], 0
        for entry in PANES[:4]:
            then = time.process_time()  # of this process: others may keep the machine busy
            await pilot.press(str(entry.number))
            spent.append(time.process_time() - then)
            queued = max(queued, app.message_queue_size)
        assert max(spent) < 10.0  # it was ten seconds and more, where each event had its own turn
        assert queued < 500
