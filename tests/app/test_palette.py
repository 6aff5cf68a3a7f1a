"""What the palette finds: commands by their words, views, and the settings of every pane."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from textual.command import CommandPalette, Hit
from textual.fuzzy import Matcher
from textual.pilot import Pilot

from tests.app.test_shell import ROOT, opened
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.app.command_palette import TableOfCommands, settings_of_panes
from tui.app.matching import match_of
from tui.app.settings_finder import has_form
from tui.pane.commands import PANES
from tui.pane.lab import LabPane


async def found_by(app: SoftmaxApp, query: str) -> list[Hit]:
    """The best one first, as the palette sorts them."""
    hits: list[Hit] = []
    for kind in (TableOfCommands, settings_of_panes()):
        provider = kind(app.screen)
        await provider.startup()
        hits += [hit async for hit in provider.search(query)]
    return sorted(hits, key=lambda hit: -hit.score)


FOUND = (
    ("overlay", "Train: Choose earlier runs to draw over the chart  (o)"),
    ("exercise", "The five exercises of the book, and the answers seen  (E)"),
    ("quit", "Quit; a live run is saved first  (ctrl+q)"),
    ("exit", "Quit; a live run is saved first  (ctrl+q)"),
    ("trust", "Decide: Whether the probabilities can be trusted  (u)"),
    ("confusion", "Mistakes: Gallery or confusion matrix  (v)"),
    ("memory", "Vocab: Memory against V: predicted lines, measured letters  (m)"),
    ("−log p", "Loss: Move p towards 0: loss, gradient and clipping  (l)"),
    ("log p", "Loss: Move p towards 0: loss, gradient and clipping  (l)"),
    ("-log p", "Loss: Move p towards 0: loss, gradient and clipping  (l)"),
    ("learning rate", "Train setting: learning rate – step length of SGD"),
    ("batch", "Train setting: batch size – images in each minibatch"),
    ("momentum", "Train setting: momentum – share of the last step that is kept"),
    ("mixed labels", "Loss setting: mixed labels – share of the label that goes to a second class"),
    ("negatives", "Vocab setting: negatives – words that the method negative draws for each position"),
)


async def test_the_palette_finds_commands_views_and_settings_from_any_pane(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        await pilot.press("2")
        await settled(pilot, lambda: app.active_pane == "softmax")
        for query, found in FOUND:
            assert str((await found_by(app, query))[0].text) == found, query


async def test_a_setting_of_the_pane_in_front_is_found_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        await pilot.press("7")
        await settled(pilot, lambda: app.active_pane == "vocabulary")
        assert str((await found_by(app, "learning rate"))[0].text).startswith("Vocab setting: learning rate")


async def test_a_setting_that_makes_no_sense_beside_the_others_is_not_offered(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        assert not [hit for hit in await found_by(app, "question") if "Sweep setting: question" in str(hit.text)]
        await pilot.press("6")
        await settled(pilot, lambda: app.active_pane == "sweep")
        await pilot.press("b")  # batch sizes, whose question is what is held equal
        await settled(pilot, lambda: app.pane.board.form.form_text.texts["parameter"] == "batch-size")  # type: ignore[attr-defined]
        assert [hit for hit in await found_by(app, "question") if "Sweep setting: question" in str(hit.text)]


async def test_every_pane_with_a_form_has_its_settings_found(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        for pane in PANES:
            await pilot.press(str(pane.number))
            await settled(pilot, lambda pane=pane: app.active_pane == pane.id)  # type: ignore[misc]
            assert isinstance(app.pane, LabPane) == has_form(pane.id)
            if isinstance(app.pane, LabPane):
                form = app.pane.board.form.form_text
                for setting in form.settings:
                    texts = [str(hit.text) for hit in await found_by(app, setting.label)]
                    wanted = f"{pane.title} setting: {setting.label}"
                    assert any(text.startswith(wanted) for text in texts) == (setting.name not in form.hidden)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_setting_that_is_chosen_has_the_cursor_in_the_open_form(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, size=size) as (pilot, app):
        for query, pane_id, name in (
            ("momentum", "train", "momentum"),  # one of those that are folded away
            ("learning rate", "train", "learning_rate"),
            ("mixed labels", "loss", "mixing"),
            ("values", "sweep", "values"),
            ("negatives", "vocabulary", "negatives"),
        ):
            await pilot.press("2")
            await settled(pilot, lambda: app.active_pane == "softmax")
            await pilot.press("ctrl+p")
            await settled(pilot, lambda: isinstance(app.screen, CommandPalette))
            await pilot.press(*("space" if letter == " " else letter for letter in query))
            await settled(pilot, lambda query=query: f"setting: {query}" in screen_text(pilot))  # type: ignore[misc]
            await pilot.press("enter")
            await settled(pilot, lambda pane_id=pane_id: app.active_pane == pane_id)  # type: ignore[misc]
            await has_the_cursor(pilot, app, name)
            await pilot.press("escape")


async def has_the_cursor(pilot: Pilot[None], app: SoftmaxApp, name: str) -> None:
    pane = app.pane
    assert isinstance(pane, LabPane)
    await settled(pilot, lambda: pane.board.form_open and app.focused is pane.board.form)
    assert pane.board.form.row is not None
    assert pane.board.form.row.id == f"field-{name}"


def test_the_app_starts_without_what_finds_settings() -> None:
    program = "import sys, tui.app.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    loaded = set(done.stdout.split())
    assert "tui.app.command_palette" in loaded, done.stderr
    assert not {"tui.app.settings_finder", "tui.pane.lab"} & loaded
    assert not [name for name in loaded if name.startswith("tui.") and name.endswith(".form")]


def test_what_is_called_as_was_typed_goes_before_what_has_the_word() -> None:
    def score(query: str, label: str, also: str = "") -> float:
        return match_of(Matcher(query), query, f"Train: {label}", label, also)

    assert score("rate", "rate") > score("rate", "learning rate") > score("rate", "separate") > 0
    assert score("stop", "quit", also="stop leave") > score("top", "stop")
    assert score("zzz", "rate") == 0
