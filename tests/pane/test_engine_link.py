"""A question that comes before the engine has been started waits for it."""

import asyncio
from pathlib import Path

import pytest

from engine.contract.commands import ListRuns, Stop
from engine.contract.errors import InputError
from engine.processes.client import EngineGone
from tests.app.scripted_worker import READY, worker_that_says
from tui.pane.engine_link import EngineLink
from tui.pane.hearing import Hearing


async def begun(link: EngineLink) -> "asyncio.Task[EngineGone]":
    """Its engine is started once somebody waits for an answer."""
    await asyncio.sleep(0.01)
    return asyncio.create_task(link.live(lambda event: None))


async def test_a_question_before_the_start_is_answered_and_not_refused(tmp_path: Path) -> None:
    link = EngineLink(worker_that_says(tmp_path / "starts", [READY]), Hearing())
    asked = asyncio.create_task(link.ask(ListRuns()))
    life = await begun(link)
    try:
        with pytest.raises(InputError, match="only lines are scripted"):  # as the scripted worker answers everything
            await asyncio.wait_for(asked, 60)
    finally:
        await link.close()
    await asyncio.wait_for(life, 60)


async def test_while_the_line_is_down_a_question_waits_for_it_and_a_command_is_refused(tmp_path: Path) -> None:
    link = EngineLink(worker_that_says(tmp_path / "starts", [READY]), Hearing())
    link.line.drop("the cable is cut")
    with pytest.raises(InputError, match="nothing is sent until then"):
        await link.ask(Stop(of="r0001"))
    asked = asyncio.create_task(link.ask(ListRuns()))
    life = await begun(link)
    try:
        with pytest.raises(InputError, match="only lines are scripted"):
            await asyncio.wait_for(asked, 60)
    finally:
        await link.close()
        await asyncio.wait_for(life, 60)


async def test_where_no_engine_can_be_started_the_question_hears_of_it() -> None:
    link = EngineLink(["/nowhere/at/all"], Hearing())
    asked = asyncio.create_task(link.ask(ListRuns()))
    life = await begun(link)
    with pytest.raises(EngineGone, match="could not be started"):
        await asyncio.wait_for(asked, 60)
    assert isinstance(await asyncio.wait_for(life, 60), EngineGone)
    with pytest.raises(EngineGone):
        await asyncio.wait_for(link.ask(ListRuns()), 60)
