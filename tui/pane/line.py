"""A line to an engine that drops: what is said of it, and when it is tried again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random

from tui.drawing.plain import plain
from tui.pane.commands import EVERYWHERE, key_of

_FIRST_SECONDS, _MOST_SECONDS = 1.0, 30.0
_TWICE = 2.0
_LAST_WORD = 120  # cells


class Line:
    """Not dropped at first. Pauses between tries double from 1 s to 30 s, and up to half of each is left to chance:
    many apps that lost the same machine do not come back at the same moment.
    """

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or Random()
        self._pause = _FIRST_SECONDS
        self._now = asyncio.Event()
        self.words = ""  # what is to be seen of it; "" while it holds
        self.tries = 0

    def drop(self, why: str) -> float:
        """It has dropped, or another try has failed, for that reason; returns the seconds until the next try."""
        pause = self._pause * (1 - self._random.random() / 2)
        self._pause = min(self._pause * _TWICE, _MOST_SECONDS)
        self.tries += 1
        self._now.clear()
        key = key_of(EVERYWHERE, "restart_engine")
        said = f" ({plain(why, _LAST_WORD)})" if why else ""
        self.words = f"line dropped, trying again{said}; {key} tries now"
        return pause

    async def wait(self, seconds: float) -> None:
        """So long, or until somebody asks for it now."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._now.wait(), seconds)

    def try_now(self) -> None:
        """The next try is at once, and the pauses begin anew."""
        self._pause = _FIRST_SECONDS
        self._now.set()

    def hold(self) -> int:
        """It holds; returns how many tries that took, 0 where it had not dropped."""
        tries, self.tries, self.words, self._pause = self.tries, 0, "", _FIRST_SECONDS
        return tries
