"""What Decide looks like, of a predictions file that the engine's own analysis judges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.contract.commands import Command
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tests.app.at_rest import at_rest
from tests.app.no_line import NoLine
from tests.decide.test_pane import FilesEngine, predictions
from tests.train import script as train_script
from tests.train.script import READY, settled
from tui.app.app import SoftmaxApp
from tui.decide.words import VIEWS
from tui.pane.base import DisplayOptions

SIZES = [(80, 24), (120, 40)]
Compare = Callable[..., bool]


class Engine(NoLine, FilesEngine):
    """Lives as the app wants it to."""

    pid = None

    def send(self, command: Command) -> None: ...

    async def live(self, told: Callable[[Event], object]) -> EngineGone:
        self.ready = READY
        told(READY)
        return await train_script.ScriptedEngine().live(told)

    async def close(self) -> None: ...


@pytest.fixture
def app(tmp_path: Path) -> SoftmaxApp:
    app = SoftmaxApp(["unused"], DisplayOptions(opened=str(predictions(tmp_path / "p.npz"))))
    app.engine = Engine(tmp_path)  # type: ignore[assignment]
    return app


def shown(*then: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        await settled(pilot, lambda: "are wrong" in _text(pilot))
        await pilot.press("5")
        await settled(pilot, lambda: "Imagine plague" in _text(pilot))
        for key in then:
            await pilot.press(key)
            await at_rest(pilot)
        await at_rest(pilot)

    return run


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
@pytest.mark.parametrize("keys", [(), ("v",), ("u",), ("n",), ("y",)], ids=VIEWS)
def test_each_view(snap_compare: Compare, app: SoftmaxApp, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=shown(*keys))


def test_the_images_that_flip_where_the_room_is_small(snap_compare: Compare, app: SoftmaxApp) -> None:
    assert snap_compare(app, terminal_size=(80, 24), run_before=shown("v", "m", "i"))


def test_costs_in_the_theme_that_needs_no_colour(snap_compare: Compare, app: SoftmaxApp) -> None:
    assert snap_compare(app, terminal_size=(120, 40), run_before=shown("v", "ctrl+t", "ctrl+t"))


def _text(pilot: Pilot[None]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
