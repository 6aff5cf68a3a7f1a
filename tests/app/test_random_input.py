"""Keys and clicks at random end in no traceback; `tests/long/keys_and_clicks.py` is the long form, with a worker."""

from __future__ import annotations

from typing import get_args

import pytest

from engine.contract.commands import ListRuns, Question
from tests.app.random_input import at_random
from tests.train.script import a_whole_run, opened, settled, summary


@pytest.mark.slow
async def test_random_keys_and_clicks_leave_an_app_that_works() -> None:
    async with opened((80, 24)) as (pilot, engine, pane):
        engine.runs = (summary("r0001"), summary("r0002", "stopped", 3))
        engine.refusals = {kind: "not in this script" for kind in get_args(Question) if kind is not ListRuns}
        engine.say(*a_whole_run(2)[:-1])
        done = await at_random(pilot, seed=13, count=60)
        assert pilot.app.is_running, done
        for _ in range(3):
            await pilot.press("escape")
        await pilot.press("f1")
        await settled(pilot, lambda: bool(pane.display))
