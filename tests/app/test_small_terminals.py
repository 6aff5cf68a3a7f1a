"""Where a terminal is too small for a pane, one line says what is expected, and the app goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.geometry import Size
from textual.pilot import Pilot

from tests.app.test_shell import RUN, opened
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.app.keys import Keys
from tui.app.size_line import _LEAST, SizeLine, too_small
from tui.pane.commands import PANES


async def brought(pilot: Pilot[None], app: SoftmaxApp, pane_id: str) -> None:
    number = next(pane.number for pane in PANES if pane.id == pane_id)
    await pilot.press(f"f{number}")
    await settled(pilot, lambda: app.active_pane == pane_id)


def test_every_pane_has_a_least_size_and_80_by_24_is_enough_for_all() -> None:
    assert set(_LEAST) == {pane.id for pane in PANES}
    for pane in PANES:
        least = _LEAST[pane.id]
        assert not too_small(pane.id, Size(80, 24))
        assert not too_small(pane.id, least)
        assert too_small(pane.id, Size(least.width - 1, least.height))
        assert too_small(pane.id, Size(least.width, least.height - 1))


def test_the_line_is_one_line_and_says_what_is_expected() -> None:
    for width in range(1, 80):
        said = too_small("softmax", Size(width, 24))
        assert len(said) <= max(width - 4, len("80 × 24 or more"))
        assert said.endswith("80 × 24 or more")


async def test_a_small_terminal_is_told_of_until_it_is_enlarged(tmp_path: Path) -> None:
    async with opened(tmp_path, RUN) as (pilot, app):
        await settled(pilot, lambda: app.live.state.epochs != ())
        line = app.query_one(SizeLine)
        assert not line.display
        await pilot.resize_terminal(70, 24)
        assert not line.display  # Train has room enough there
        await brought(pilot, app, "softmax")
        await settled(pilot, lambda: line.display)
        assert "Too small for Softmax: found 70 × 24, expected 80 × 24 or more" in screen_text(pilot)
        await brought(pilot, app, "train")
        await settled(pilot, lambda: not line.display)
        await pilot.resize_terminal(50, 12)
        await settled(pilot, lambda: "found 50 × 12, expected 80 × 24 or more" in screen_text(pilot))
        assert "ctrl+p find" in screen_text(pilot)
        await pilot.resize_terminal(80, 24)
        await settled(pilot, lambda: not line.display)
        await settled(pilot, lambda: "validation 2.125" in screen_text(pilot))


@pytest.mark.parametrize("size", [(30, 8), (10, 4), (2, 1)])
async def test_in_a_tiny_terminal_keys_do_what_they_always_do(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, RUN) as (pilot, app):
        await settled(pilot, lambda: app.live.state.epochs != ())
        await pilot.resize_terminal(*size)
        for pane in PANES:
            await brought(pilot, app, pane.id)
        await pilot.press("question_mark")
        await settled(pilot, lambda: isinstance(app.screen, Keys))
        await pilot.press("escape", "h", "escape")
        await pilot.resize_terminal(80, 24)
        await brought(pilot, app, "train")
        await settled(pilot, lambda: "validation 2.125" in screen_text(pilot))
        assert not app.query_one(SizeLine).display
