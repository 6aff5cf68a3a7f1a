"""Choices that have no room yet."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import OptionList

from tui.app.command_palette import Offers
from tui.app.exercises import Questions


@pytest.mark.parametrize("kind", [Offers, Questions])
async def test_a_page_up_or_down_before_the_first_layout_is_no_fault(kind: type[OptionList]) -> None:
    class Hidden(App[None]):
        def compose(self) -> ComposeResult:
            choices = kind(*(f"choice {number}" for number in range(30)))
            choices.display = False
            yield choices

    async with Hidden().run_test() as pilot:
        choices = pilot.app.query_one(kind)
        choices.highlighted = 3
        for press_it in (choices.action_page_up, choices.action_page_down):
            press_it()
            assert choices.highlighted == 3, press_it
        choices.display, choices.visible, choices.styles.height = True, True, 10
        await pilot.pause()
        choices.action_page_down()
        assert choices.highlighted > 3
