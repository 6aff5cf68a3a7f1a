"""Waiting for a screen on which nothing more will change by itself."""

from __future__ import annotations

import asyncio
import time

from textual.pilot import Pilot

from tests.idle import draws


async def at_rest(pilot: Pilot[None]) -> None:
    """Until no answer is waited for and no part of a frame is still to be drawn; a minute at the most."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        await pilot.pause()
        if not _something_is_on_its_way(pilot):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("something is still drawn, or asked for, after a minute")


def _something_is_on_its_way(pilot: Pilot[None]) -> bool:
    # What the app itself runs is the engine, for as long as it lives.
    if any(worker.node is not pilot.app and not worker.is_finished for worker in pilot.app.workers):
        return True
    return any(map(draws, pilot.app.screen.walk_children()))
