"""What the Sweep pane looks like, from scripted streams: no clock and no training in the picture."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest
from textual.pilot import Pilot

from engine.contract.wire import Event
from tests.app.at_rest import at_rest
from tests.sweep.scripted import GRID, ScriptedEngine, a_whole_sweep
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp

SIZES = [(80, 24), (120, 40)]
Compare = Callable[..., bool]


def after(events: Sequence[Event], wanted: str, *keys: str, then: str = "") -> Callable[[Pilot[None]], Awaitable[None]]:
    """Goes to the pane, tells it the events, waits for a text, presses keys and waits for another."""

    async def run(pilot: Pilot[None]) -> None:
        app: SoftmaxApp = pilot.app  # type: ignore[assignment]
        await pilot.press("6")
        await settled(pilot, lambda: "Next (g):" in screen_text(pilot))
        for event in events:
            app.engine.told(event)  # type: ignore[attr-defined]
        await settled(pilot, lambda: wanted in screen_text(pilot))
        await pilot.press(*keys)
        await settled(pilot, lambda: then in screen_text(pilot))
        await at_rest(pilot)

    return run


def app() -> SoftmaxApp:
    made = SoftmaxApp(["unused"])
    made.engine = ScriptedEngine()  # type: ignore[assignment]
    return made


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_sweep_with_its_verdict(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=after(a_whole_sweep(), "At equal images"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_sweep_over_a_grid(snap_compare: Compare, size: tuple[int, int]) -> None:
    run = after(a_whole_sweep(GRID), "At equal images", "down", then="[ 0.530]")
    assert snap_compare(app(), terminal_size=size, run_before=run)


def test_sweep_while_it_is_predicted(snap_compare: Compare) -> None:
    run = after([], "Next (g):", "p", "up", "up", "right", "down", then="0.01: 0.6")
    assert snap_compare(app(), terminal_size=(80, 24), run_before=run)


def test_sweep_in_the_theme_that_needs_no_colour(snap_compare: Compare) -> None:
    run = after(a_whole_sweep(), "At equal images", "ctrl+t", "ctrl+t")
    assert snap_compare(app(), terminal_size=(120, 40), run_before=run)


def test_the_settings_of_a_sweep_in_a_narrow_terminal(snap_compare: Compare) -> None:
    run = after([], "Next (g):", "b", "h", then="question")
    assert snap_compare(app(), terminal_size=(80, 24), run_before=run)
