"""What the panes look like, from scripted streams: no clock, no store and no training in the picture."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import torch
from textual.pilot import Pilot

from engine.contract.answers import SoftmaxTraced
from engine.contract.commands import Command, ShowExample, ShowMistakes, TraceSoftmax
from engine.contract.engine_events import PaceChanged
from engine.contract.wire import Event, Reply
from engine.numerics.trace import offset_errors, trace
from engine.processes.client import EngineGone
from tests.app.at_rest import at_rest
from tests.app.no_line import NoLine
from tests.mistakes import scripted as scripted_mistakes
from tests.train import script as train_script
from tests.train.script import READY, a_whole_run, settled
from tui.app.app import SoftmaxApp

SIZES = [(80, 24), (120, 40)]
Compare = Callable[..., bool]
MISTAKES = [
    scripted_mistakes.mistake(index, index % 3, (index + 1) % 3, 0.75 if index % 2 else 0.5) for index in range(40)
]


class Engine(NoLine):
    """Answers each pane from its own script."""

    judged = None

    def __init__(self, events: list[Event]) -> None:
        self._train = train_script.ScriptedEngine()
        self._mistakes = scripted_mistakes.ScriptedEngine(MISTAKES)
        self._events = events
        self.ready = None
        self.gone: EngineGone | None = None
        self.pid = None

    def send(self, command: Command) -> None: ...

    async def ask(self, command: Command) -> Reply:
        if isinstance(command, ShowMistakes | ShowExample):
            return await self._mistakes.ask(command)
        if isinstance(command, TraceSoftmax):
            logits = torch.tensor(command.rows, dtype=torch.float64)
            errors = offset_errors(logits, command.dtype, command.offsets)
            return SoftmaxTraced(request=1, trace=trace(logits, command.dtype), offsets=command.offsets, errors=errors)
        return await self._train.ask(command)

    async def live(self, told: Callable[[Event], object]) -> EngineGone:
        self.ready = READY  # type: ignore[assignment]
        for event in (READY, *self._events):
            told(event)
        return await self._train.live(told)

    async def close(self) -> None: ...


def app_with(events: list[Event]) -> SoftmaxApp:
    app = SoftmaxApp(["unused"])
    app.engine = Engine(events)  # type: ignore[assignment]
    return app


def shown(keys: str, reached: Callable[[SoftmaxApp], bool], *then: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Goes to a pane once the events have been told, waits for something, and presses more keys."""

    async def run(pilot: Pilot[None]) -> None:
        app: SoftmaxApp = pilot.app  # type: ignore[assignment]
        await settled(pilot, lambda: app.live.state.epochs != () and app.pane.board.furnished)  # type: ignore[attr-defined]
        await pilot.press(*keys)
        await settled(pilot, lambda: reached(app))
        await pilot.press(*then)
        await at_rest(pilot)

    return run


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_train_in_the_middle_of_a_run(snap_compare: Compare, size: tuple[int, int]) -> None:
    events = [*a_whole_run()[:13], PaceChanged(paused=True, minibatches_per_second=100.0)]
    assert snap_compare(
        app_with(events), terminal_size=size, run_before=shown("1", lambda app: app.live.state.status == "running")
    )


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_softmax_with_an_input_of_100(snap_compare: Compare, size: tuple[int, int]) -> None:
    def traced(app: SoftmaxApp) -> bool:
        return "an input of 100" in _text(app) and "!nan" in _text(app)

    assert snap_compare(app_with(a_whole_run()), terminal_size=size, run_before=shown("2p", traced))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
def test_mistakes_as_a_gallery(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app_with(a_whole_run()), terminal_size=size, run_before=shown("4", _listed))


def test_a_mistake_enlarged(snap_compare: Compare) -> None:
    assert snap_compare(app_with(a_whole_run()), terminal_size=(120, 40), run_before=shown("4", _listed, "enter"))


def test_train_in_the_theme_that_needs_no_colour(snap_compare: Compare) -> None:
    finished = shown("1", lambda app: app.live.state.status == "finished", "ctrl+t", "ctrl+t")
    assert snap_compare(app_with(a_whole_run()), terminal_size=(120, 40), run_before=finished)


def _listed(app: SoftmaxApp) -> bool:
    return app.active_pane == "mistakes" and "shirt → coat" in _text(app)


def _text(app: SoftmaxApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
