"""One app in terminals of several sizes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from textual.pilot import Pilot


async def at_each(pilot: Pilot[None], *sizes: tuple[int, int]) -> AsyncIterator[tuple[int, int]]:
    """Each size, once the app has it."""
    for size in sizes:
        if pilot.app.size != size:
            await pilot.resize_terminal(*size)
        yield size
