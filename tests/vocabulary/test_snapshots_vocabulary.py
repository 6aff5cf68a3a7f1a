"""What the Vocabulary pane looks like, from figures that were written down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest
from textual.pilot import Pilot

from engine.contract.wire import Event
from tests.app.at_rest import at_rest
from tests.train.script import READY, screen_text, settled
from tests.vocabulary.scripted import VocabularyEngine, finished, measured, race, small_plan, trained
from tui.app.app import SoftmaxApp
from tui.vocabulary.pane import VocabularyPane

SIZES = [(80, 24), (120, 40)]
Compare = Callable[..., bool]
MEASURED = (*measured(small_plan((1_000, 10_000, 100_000, 1_000_000))), finished())
TRAINED = (*race(small_plan((10_000,), train=True)), *trained(small_plan((10_000,), train=True)), finished())


def shown(*keys: str, events: Sequence[Event] = (), until: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Goes to the pane, tells it the events, presses keys, and waits for something to be seen of it."""

    async def run(pilot: Pilot[None]) -> None:
        app: SoftmaxApp = pilot.app  # type: ignore[assignment]
        engine: VocabularyEngine = app.engine  # type: ignore[assignment]
        await settled(pilot, lambda: engine._told is not None)
        engine.say(READY)
        await pilot.press("7")
        await settled(pilot, lambda: bool(app.query(VocabularyPane)) and "are free" in screen_text(pilot))
        engine.say(*events)
        await pilot.press(*keys)
        await settled(pilot, lambda: until in screen_text(pilot))
        await at_rest(pilot)

    return run


def app() -> SoftmaxApp:
    app = SoftmaxApp(["unused"])
    app.engine = VocabularyEngine()  # type: ignore[assignment]
    return app


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_memory_is_known_before_it_is_taken(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=shown("end", until="no room"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_every_method_up_to_a_million_words(snap_compare: Compare, size: tuple[int, int]) -> None:
    run = shown("end", "m" if size[0] < 100 else "t", events=MEASURED, until="Full does not fit at")
    assert snap_compare(app(), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_methods_trained_against_each_other(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=shown("r", events=TRAINED, until="After 300 steps"))


def test_the_theme_that_needs_no_colour(snap_compare: Compare) -> None:
    run = shown("end", "a", "ctrl+t", "ctrl+t", events=MEASURED, until="- a adaptive")
    assert snap_compare(app(), terminal_size=(120, 40), run_before=run)
