"""What the app remembers: the theme, the style of pictures, and keys that a person has chosen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.command import CommandPalette

from tests.train.script import opened, screen_text, settled
from tui.app.app import SoftmaxApp
from tui.app.command import engine_command, is_slow
from tui.app.keys import Keys
from tui.cli.arguments import parse_arguments
from tui.cli.command_line import parser_of
from tui.mistakes.pane import MistakesPane
from tui.pane.base import DisplayOptions
from tui.pane.preferences import Remembered


def options(path: Path, text: str = "") -> DisplayOptions:
    if text:
        path.write_text(text)
    return DisplayOptions(remembered=Remembered(path))


async def test_theme_and_style_of_pictures_are_there_again_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "preferences.json"
    async with opened(options=options(path)) as (pilot, _, _):
        assert pilot.app.theme == "softmax-dark"
        await pilot.press("2")
        await settled(pilot, lambda: pilot.app.active_pane == "softmax")  # type: ignore[attr-defined]
        assert not path.exists(), "nobody has chosen anything"
        await pilot.press("ctrl+t")
        assert json.loads(path.read_text()) == {"theme": "light"}
        await pilot.press("4")
        await settled(pilot, lambda: bool(pilot.app.query(MistakesPane)))
        assert pilot.app.query_one(MistakesPane).style == "half"
        await pilot.press("i")
        assert pilot.app.query_one(MistakesPane).style == "braille"
        assert json.loads(path.read_text()) == {"theme": "light", "pictures": "braille"}
        await pilot.press("5")
        await settled(pilot, lambda: pilot.app.active_pane == "decide")  # type: ignore[attr-defined]
        assert pilot.app.pane.style == "braille"  # type: ignore[attr-defined]
    async with opened(options=options(path)) as (pilot, _, _):
        assert pilot.app.theme == "softmax-light"
        await pilot.press("4")
        await settled(pilot, lambda: bool(pilot.app.query(MistakesPane)))
        assert pilot.app.query_one(MistakesPane).style == "braille"
        await pilot.press("i", "i", "ctrl+t")
        assert json.loads(path.read_text()) == {"theme": "mono", "pictures": "half"}
    async with opened(options=options(path)) as (pilot, _, _):
        await pilot.press("4")
        await settled(pilot, lambda: bool(pilot.app.query(MistakesPane)))
        assert pilot.app.query_one(MistakesPane).style == "ascii", "half blocks need colour"


async def test_what_is_wrong_with_the_file_is_said_and_so_is_what_cannot_be_remembered(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    async with opened((120, 40), options=options(path, '{"thme": "dark"}')) as (pilot, _, _):
        await settled(pilot, lambda: "found the unknown name 'thme'; the nearest name is theme" in screen_text(pilot))
        path.unlink()
        path.mkdir()
        await pilot.press("x", "ctrl+t")
        assert pilot.app.theme == "softmax-light"
        await settled(pilot, lambda: "Not remembered: preferences:" in screen_text(pilot))
        await pilot.press("x", "4", "i")
        (said,) = pilot.app._notifications
        assert said.message.startswith("Not remembered: preferences:")


async def test_another_key_is_shown_and_works_also_while_something_is_typed(tmp_path: Path) -> None:
    text = '{"keys": {"ctrl+p": "ctrl+k", "F2": "f9", "?": "H", "v": "B"}}'
    async with opened((100, 60), options=options(tmp_path / "preferences.json", text)) as (pilot, _, pane):
        app = pilot.app
        assert isinstance(app, SoftmaxApp)
        assert "B: found" not in screen_text(pilot)
        assert "ctrl+k find" in screen_text(pilot)
        for key in ("ctrl+k", "ctrl+p"):  # the first one still works where the terminal lets it through
            await pilot.press(key)
            await settled(pilot, lambda: isinstance(app.screen, CommandPalette))
            await pilot.press("escape")
            await settled(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("H")
        await settled(pilot, lambda: isinstance(app.screen, Keys))
        assert "ctrl+k, ctrl+p" in screen_text(pilot)
        await pilot.press("escape")
        await settled(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("h", "home", "enter")
        await settled(pilot, lambda: bool(getattr(app.focused, "typing_hint", "")))
        await pilot.press("H", "f9")
        await settled(pilot, lambda: app.active_pane == "softmax")
        assert pane.board.form.form_text.texts["dataset"].endswith("H")
        await pilot.press("3")
        await settled(pilot, lambda: app.active_pane == "loss")
        view = app.pane.view  # type: ignore[attr-defined]
        await pilot.press("B")
        await settled(pilot, lambda: app.pane.view != view)  # type: ignore[attr-defined]
    async with opened() as (pilot, _, _):
        assert "ctrl+p find" in screen_text(pilot), "keys of one app are none of the next one's"


@pytest.mark.parametrize(
    ("words", "preferred", "starts"),
    [
        (["--engine-command", "ssh a engine"], "ssh b engine", ["ssh", "a", "engine"]),
        ([], "ssh b 'an engine'", ["ssh", "b", "an engine"]),
        (["--store", "/tmp/runs"], "ssh b engine", ["--store=/tmp/runs"]),  # a folder of this machine
    ],
)
def test_what_is_typed_goes_before_the_preferred_engine(words: list[str], preferred: str, starts: list[str]) -> None:
    command = engine_command(parse_arguments(parser_of(words), words), preferred)
    assert command[-len(starts) :] == starts


def test_slow_can_be_typed_either_way_and_left_open() -> None:
    for words, slow in (([], None), (["--slow"], True), (["--no-slow"], False)):
        options = parse_arguments(parser_of(words), words)
        assert options.slow is slow
        for preferred in (False, True):
            assert is_slow(options, preferred) is (preferred if slow is None else slow)
