"""What the Loss pane looks like, from measurements that were written down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from engine.contract.loss_lab import CLASS_COUNTS, LossQuestion
from engine.contract.wire import Event
from tests.app.at_rest import at_rest
from tests.loss.scripted import LossEngine, measured, trained, training
from tests.train.script import READY, screen_text, settled
from tui.app.app import SoftmaxApp
from tui.loss.pane import LossPane

SIZES = [(80, 24), (120, 40)]
Compare = Callable[..., bool]


def shown(*keys: str, events: tuple[Event, ...] = (), until: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """The default batch measured, more keys pressed, more told, and something to be seen of it."""

    async def run(pilot: Pilot[None]) -> None:
        app: SoftmaxApp = pilot.app  # type: ignore[assignment]
        engine: LossEngine = app.engine  # type: ignore[assignment]
        await settled(pilot, lambda: engine._told is not None)
        engine.say(READY)
        await pilot.press("3")
        await settled(pilot, lambda: bool(app.query(LossPane)) and app.query_one(LossPane).control.measuring)
        engine.say(measured(LossQuestion()))
        await settled(pilot, lambda: "Why slower?" in screen_text(pilot))
        await pilot.press(*keys)
        await pilot.pause()
        engine.say(*events)
        await settled(pilot, lambda: until in screen_text(pilot))
        await at_rest(pilot)

    return run


def app() -> SoftmaxApp:
    app = SoftmaxApp(["unused"])
    app.engine = LossEngine()  # type: ignore[assignment]
    return app


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_one_batch_through_each_loss(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=shown(until="Why slower?"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_a_batch_in_which_losses_break(snap_compare: Compare, size: tuple[int, int]) -> None:
    events = (measured(LossQuestion(preset="log-0")),)
    assert snap_compare(app(), terminal_size=size, run_before=shown("p", events=events, until="!inf"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_where_the_time_goes(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=shown("b", until="where the time of definition goes"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_time_against_the_number_of_classes(snap_compare: Compare, size: tuple[int, int]) -> None:
    slower = (1.02, 1.05, 1.8, 2.5)
    events = tuple(
        measured(LossQuestion(num_classes=count), ratio) for count, ratio in zip(CLASS_COUNTS, slower, strict=True)
    )
    run = shown("n", "space", events=events, until="From 1,000 classes on")
    assert snap_compare(app(), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_training_with_each_loss(snap_compare: Compare, size: tuple[int, int]) -> None:
    run = shown("r", "space", events=(*training(), trained()), until="82.0%")
    assert snap_compare(app(), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_p_below_where_it_is_clipped(snap_compare: Compare, size: tuple[int, int]) -> None:
    keys = ("l", *["right"] * 14)
    assert snap_compare(app(), terminal_size=size, run_before=shown(*keys, until="p = 1e−10"))


def test_the_theme_that_needs_no_colour(snap_compare: Compare) -> None:
    run = shown("ctrl+t", "ctrl+t", until="Why slower?")
    assert snap_compare(app(), terminal_size=(120, 40), run_before=run)
