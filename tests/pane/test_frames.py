"""When a pane draws: nothing that was asked for is lost, and nothing is drawn that was not."""

from __future__ import annotations

import itertools
import time

import pytest
from textual import timer
from textual.app import App
from textual.widget import Widget

from tests.train.script import settled
from tui.pane.frames import Frames
from tui.pane.terminal_line import TerminalLine


class Host(App[None]):
    """Draws three parts, and writes down which."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[str] = []

    def frames(self, per_second: float = 30) -> Frames:
        parts = [lambda name=name: self.drawn.append(name) for name in "abc"]
        return Frames(self.query_one("#it", Widget), per_second, lambda: parts, TerminalLine())

    def compose(self):  # type: ignore[no-untyped-def]
        yield Widget(id="it")


async def test_what_changes_while_a_frame_is_drawn_is_drawn_once_more_and_then_nothing() -> None:
    app = Host()
    async with app.run_test() as pilot:
        frames = app.frames()
        frames.now()
        assert app.drawn == ["a"]
        for _ in range(5):
            frames.soon()
        await settled(pilot, lambda: app.drawn == [*"abcabc"])
        await pilot.pause(0.3)
        assert app.drawn == [*"abcabc"]


async def test_no_frame_is_lost_to_a_moment_in_which_the_machine_does_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Host()
    async with app.run_test() as pilot:
        # Textual's timers read the clock twice as they start; here 20 ms pass between any two readings.
        late = itertools.count()
        monkeypatch.setattr(timer._time, "get_time", lambda: time.monotonic() + 0.02 * next(late))
        frames = app.frames(1000)
        for count in range(1, 20):
            frames.soon()
            await settled(pilot, lambda count=count: len(app.drawn) == 3 * count)  # type: ignore[misc]


async def test_a_hidden_widget_is_not_drawn() -> None:
    app = Host()
    async with app.run_test() as pilot:
        frames = app.frames()
        app.query_one("#it").display = False
        frames.soon()
        frames.now()
        await pilot.pause(0.2)
        assert app.drawn == []
