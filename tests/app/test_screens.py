"""What lies over the panes is closed once, however many keys and clicks come before it is gone."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button

from tests.app.random_input import click, press
from tests.train.script import a_whole_run, opened, screen_text, settled, started
from tui.app.app import SoftmaxApp
from tui.app.command_palette import Offers, Palette
from tui.app.keys import Keys
from tui.pane.base import DisplayOptions
from tui.pane.confirm import Confirm

BESIDE = (1, 1)  # no screen reaches into this corner
Act = Callable[[Pilot[None]], None]


def key(name: str) -> Act:
    return lambda pilot: press(pilot.app, name)


def beside(pilot: Pilot[None]) -> None:
    click(pilot.app, *BESIDE)


def on_the_button(which: str) -> Act:
    def act(pilot: Pilot[None]) -> None:
        region = pilot.app.screen.query_one(f"#{which}", Button).region
        click(pilot.app, region.x + 1, region.y + region.height // 2)

    return act


def ask_to_quit(app: SoftmaxApp) -> None:
    app.push_screen(Confirm("Leave?", "leave", "stay"))


async def test_where_nothing_but_ascii_comes_through_the_app_writes_nothing_else() -> None:
    async with opened((80, 24), options=DisplayOptions(ascii_only=True)) as (pilot, engine, _):
        app = pilot.app
        assert isinstance(app, SoftmaxApp)
        engine.say(*a_whole_run(2)[:-1])
        await pilot.pause()
        assert screen_text(pilot).isascii()
        assert "fashion-mnist . cpu" in screen_text(pilot)
        app.notify("é → 猫", markup=False)
        app.action_help()
        await settled(pilot, lambda: isinstance(app.screen, Keys))
        await pilot.pause()
        assert screen_text(pilot).isascii()
        await pilot.press("escape")
        app.action_command_palette()
        await settled(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.pause(0.3)
        assert screen_text(pilot).isascii()


CLOSED = {
    "palette, clicks beside it": (lambda app: app.action_command_palette(), Palette, beside),
    "palette, esc": (lambda app: app.action_command_palette(), Palette, key("escape")),
    "keys, esc": (lambda app: app.action_help(), Keys, key("escape")),
    "keys, q": (lambda app: app.action_help(), Keys, key("q")),
    "question, n": (ask_to_quit, Confirm, key("n")),
    "question, y": (ask_to_quit, Confirm, key("y")),
    "question, clicks on no": (ask_to_quit, Confirm, on_the_button("no")),
}


async def test_it_is_closed_once_however_often_it_is_told_to() -> None:
    async with opened() as (pilot, engine, _):
        app = pilot.app
        assert isinstance(app, SoftmaxApp)
        engine.say(started())
        for case, (open_it, kind, close) in CLOSED.items():
            ask_to_quit(app)  # what lies below stays
            await settled(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.is_mounted)
            below = app.screen
            open_it(app)
            await settled(pilot, lambda kind=kind, below=below: is_open(app, kind, below))  # type: ignore[misc]
            await pilot.pause()
            top = app.screen
            for _ in range(3):
                close(pilot)
            await settled(pilot, lambda top=top: app.screen is not top)  # type: ignore[misc]
            for _ in range(5):
                await pilot.pause()
            assert app.is_running, case
            assert app.return_code in (None, 0), case
            assert len(app.screen_stack) in (1, 2), case  # a key that came after its end is the question's below
            if app.screen is below:
                await pilot.press("escape")
            assert len(app.screen_stack) == 1, case


def is_open(app: SoftmaxApp, kind: type, below: Screen[None]) -> bool:
    return isinstance(app.screen, kind) and app.screen is not below and app.screen.is_mounted


async def test_a_click_on_a_command_that_typing_has_just_removed_finds_none() -> None:
    async with opened((120, 40)) as (pilot, _, _):
        app = pilot.app
        assert isinstance(app, SoftmaxApp)
        app.action_command_palette()
        await settled(pilot, lambda: isinstance(app.screen, Palette) and app.screen.query_one(Offers).option_count > 20)
        await pilot.pause()
        offers = app.screen.query_one(Offers)
        region = offers.region
        click(app, region.x + 5, region.bottom - 2)
        offers.clear_options()
        await pilot.pause()
        assert app.is_running
        # Nor does what is typed and closed at once leave a search behind that finds no list.
        for _ in range(5):  # and one that is opened again meets no other that is still on its way out
            press(app, "a")
            press(app, "escape")
            press(app, "escape")
            press(app, "ctrl+p")
        await pilot.pause(0.2)
        assert app.is_running


async def test_a_key_that_comes_when_no_screen_is_left_is_no_fault() -> None:
    async with opened() as (pilot, _, _):
        app = pilot.app
        assert isinstance(app, SoftmaxApp)
        stack = app._screen_stack
        kept = stack.copy()
        stack.clear()
        try:
            await app.on_event(Key("t", "t"))
        finally:
            stack.extend(kept)
