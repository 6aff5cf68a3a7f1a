"""The app around the panes: keys, help, palette, themes, notices, and the engine's life."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed, WarmingUp
from engine.contract.events import DatasetInfo, EpochDone, MinibatchesDone, Started
from engine.contract.history import cells_of
from engine.contract.progress import Notice
from engine.contract.wire import Event
from tests.app.scripted_worker import READY, worker_that_says
from tests.train.script import screen_text, settled
from tui.app.app import SoftmaxApp
from tui.app.command_palette import TableOfCommands
from tui.app.key_bar import KeyBar
from tui.app.keys import Keys
from tui.app.notice_bar import NoticeBar
from tui.app.status_line import StatusLine
from tui.app.tab_bar import TabBar
from tui.pane.commands import COMMANDS, EVERYWHERE, PANES, PaneEntry, commands_of, shown_key
from tui.pane.confirm import Confirm

ROOT = Path(__file__).parents[2]
HOSTILE = "[/b] [red]\x1b[2J\x1b]0;title\x07 مرحبا \u202eabc 👩‍👩‍👧 \x00 " + "z\u0301\u0302\u0303\u0304\u0305"
DATASET = DatasetInfo(
    name=f"/tmp/{HOSTILE}/" + "long" * 30 + ".npz",
    train_size=512,
    validation_size=10,
    num_features=4,
    num_classes=2,
    image_height=2,
    image_width=2,
    label_names=(HOSTILE, "[/]"),
    checksum="c",
)
RUN: tuple[Event, ...] = (
    READY,
    Started(run_id="r0001", config=TrainConfig(), device="cpu", dataset=DATASET, minibatches_per_epoch=2, cell_width=1),
    MinibatchesDone(position=0, count=2, images=512, cells=cells_of([2.3, 2.1], 0, 1)),
    EpochDone(
        epoch=1,
        train_loss=2.2,
        train_accuracy=0.3,
        validation_loss=2.125,
        validation_accuracy=0.3,
        seconds=0.1,
        learning_rate=0.1,
    ),
)


@asynccontextmanager
async def opened(
    folder: Path, events: tuple[Event, ...] = (READY,), stderr: str = "", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], SoftmaxApp]]:
    app = SoftmaxApp(worker_that_says(folder / "starts", events, stderr))
    async with app.run_test(size=size) as pilot:
        await settled(pilot, lambda: app.active_pane != "")
        if READY in events:
            await settled(pilot, lambda: app.engine.ready is not None)
        yield pilot, app


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text().splitlines())


# Keys


async def test_every_pane_has_its_keys_its_help_its_palette_its_foot_and_its_command(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        others_first = (*PANES[1:], PANES[0])
        for entry in others_first:
            await brings_a_pane_to_the_front_and_the_focus_to_it(str(entry.number), pilot, app, entry)
            await the_palette_offers_what_the_keys_do(app, entry)
            await the_foot_of_80_columns_has_room_for_help_and_quit(pilot, entry)
            await c_copies_the_command_that_does_without_the_app(pilot, app, entry)
        for entry in others_first:
            await brings_a_pane_to_the_front_and_the_focus_to_it(f"f{entry.number}", pilot, app, entry)
        every_action_of_the_table_is_there_to_be_done(app)
        await pilot.resize_terminal(100, 120)
        for entry in PANES:
            await help_lists_every_command_of_the_pane_with_its_keys(pilot, app, entry)


async def brings_a_pane_to_the_front_and_the_focus_to_it(
    key: str, pilot: Pilot[None], app: SoftmaxApp, entry: PaneEntry
) -> None:
    assert app.active_pane != entry.id
    await pilot.press(key)
    await settled(pilot, lambda: app.active_pane == entry.id)
    assert app.pane.display, key
    assert sum(pane.display for pane in app.query("#panes > *")) == 1, key
    assert app.focused is not None, key
    assert app.pane in app.focused.ancestors_with_self, key
    assert app.query_one(KeyBar).typing == "", key


async def the_palette_offers_what_the_keys_do(app: SoftmaxApp, entry: PaneEntry) -> None:
    provider = TableOfCommands(app.screen)
    offered = [str(hit.text) async for hit in provider.discover()]
    actions = {command.action for where in (entry.id, EVERYWHERE) for command in commands_of(where)}
    assert len(offered) == len(actions), entry.id
    for command in commands_of(entry.id):
        assert any(text.startswith(command.help) for text in offered), entry.id
        assert [hit async for hit in provider.search(command.help)], entry.id


async def the_foot_of_80_columns_has_room_for_help_and_quit(pilot: Pilot[None], entry: PaneEntry) -> None:
    foot = screen_text(pilot).splitlines()[-1].rstrip()
    assert foot.endswith("ctrl+p find  ? keys  ctrl+q quit"), entry.id
    assert len(foot) <= 80, entry.id
    assert (" v view " in foot) == any(command.label == "view" for command in commands_of(entry.id))


async def c_copies_the_command_that_does_without_the_app(pilot: Pilot[None], app: SoftmaxApp, entry: PaneEntry) -> None:
    await pilot.press("c")
    await pilot.pause()
    assert app.clipboard.startswith("softmax-tui "), entry.id
    assert app.clipboard == app.pane.headless_command(), entry.id
    await pilot.press("escape")


def every_action_of_the_table_is_there_to_be_done(app: SoftmaxApp) -> None:
    for command in COMMANDS:
        owner = app if command.where == EVERYWHERE else app.query_one(f"#{command.where}")
        assert callable(getattr(owner, f"action_{command.action.split('(')[0]}", None)), command


async def help_lists_every_command_of_the_pane_with_its_keys(
    pilot: Pilot[None], app: SoftmaxApp, entry: PaneEntry
) -> None:
    await pilot.press(str(entry.number), "question_mark")
    await settled(pilot, lambda: isinstance(app.screen, Keys))
    shown = "".join(screen_text(pilot).split())
    for command in (*commands_of(entry.id), *commands_of(EVERYWHERE)):
        assert "".join(command.help.split()) in shown, entry.id
        assert "".join(", ".join(map(shown_key, command.keys)).split()) in shown, entry.id
    await pilot.press("escape")
    await pilot.pause()
    assert app.focused is not None, entry.id
    assert app.pane in app.focused.ancestors_with_self, entry.id


async def test_a_field_keeps_the_digits_and_lets_the_f_keys_through(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 40)) as (pilot, app):
        await settled(pilot, lambda: bool(app.query("Field")))
        assert app.focused is app.pane
        await pilot.press("h", "home", "enter")
        field = app.focused
        assert type(field).__name__ == "Entry"
        before = field.value  # type: ignore[union-attr]
        await pilot.press("end", "2", "question_mark")
        assert field.value == f"{before}2?"  # type: ignore[union-attr]
        assert app.active_pane == "train"
        assert "F2 Softmax" in app.query_one(TabBar).render().plain
        await pilot.press("f2")
        await pilot.pause()
        assert app.active_pane == "softmax"
        assert "2 Softmax" in app.query_one(TabBar).render().plain
        assert "F2" not in app.query_one(TabBar).render().plain


def test_a_key_means_one_thing_in_a_pane() -> None:
    for entry in PANES:
        keys = [key for where in (entry.id, EVERYWHERE) for command in commands_of(where) for key in command.keys]
        assert sorted(keys) == sorted(set(keys)), entry.id


async def test_help_can_be_scrolled_by_keys_where_it_is_longer_than_the_screen(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        await pilot.press("question_mark")
        await settled(pilot, lambda: isinstance(app.screen, Keys))
        before = screen_text(pilot)
        await pilot.press("end")
        await settled(pilot, lambda: "F1 to F7" in screen_text(pilot))
        assert screen_text(pilot) != before


async def test_what_is_chosen_in_the_palette_for_another_pane_is_done_there(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 40)) as (pilot, app):
        await pilot.press("2")
        await settled(pilot, lambda: app.active_pane == "softmax" and "ctrl+p find" in screen_text(pilot))
        await pilot.press("ctrl+p")
        await settled(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"trust")
        await settled(pilot, lambda: "can be trusted" in screen_text(pilot))
        await pilot.press("enter")
        await settled(pilot, lambda: app.active_pane == "decide")
        await settled(pilot, lambda: app.pane._view == "trust")  # type: ignore[attr-defined]


async def test_what_is_chosen_in_the_palette_is_done_in_the_pane(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        await pilot.press("ctrl+p")
        await settled(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"accuracy")
        await settled(pilot, lambda: "chart of the accuracy" in screen_text(pilot))
        assert not app.pane.board.layout_chosen.accuracy  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot, lambda: app.pane.board.layout_chosen.accuracy)  # type: ignore[attr-defined]


# Looks


async def test_themes_go_round_also_from_a_field(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 40)) as (pilot, app):
        seen = []
        for key in ("tab", "ctrl+t", "ctrl+t", "ctrl+t"):
            await settled(pilot, lambda: bool(app.query("Field")))
            await pilot.press(key)
            seen.append(app.theme)
        assert seen == ["softmax-dark", "softmax-light", "softmax-mono", "softmax-dark"]


async def test_without_colours_it_opens_in_the_theme_that_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(tmp_path) as (_, app):
        assert app.theme == "softmax-mono"


async def test_the_foot_says_how_to_find_something_also_while_something_is_typed(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        await settled(pilot, lambda: bool(app.query("Field")))
        await pilot.press("h", "enter")
        await settled(pilot, lambda: "typing a number" in screen_text(pilot).splitlines()[-1])
        assert "F1–F7 panes" in screen_text(pilot).splitlines()[-1]
        await pilot.resize_terminal(120, 40)
        await settled(pilot, lambda: "ctrl+p find  ctrl+q quit" in screen_text(pilot).splitlines()[-1])


# Mouse


async def test_what_the_bars_show_can_be_clicked(tmp_path: Path) -> None:
    async with opened(tmp_path, (READY, Notice("first"), Notice("second"))) as (pilot, app):
        await settled(pilot, lambda: len(app.query_one(NoticeBar).notices) == 2)
        await _click(pilot, "Softmax")
        assert app.active_pane == "softmax"
        await _click(pilot, "put away")
        assert app.query_one(NoticeBar).notices == ("second",)
        before = screen_text(pilot)
        await _click(pilot, " dtype ")
        await settled(pilot, lambda: screen_text(pilot) != before)
        await _click(pilot, "? keys")
        assert isinstance(app.screen, Keys)


async def _click(pilot: Pilot[None], text: str) -> None:
    """On the lowest line that shows a text, where it stands."""
    lines = screen_text(pilot).splitlines()
    y = max(y for y, line in enumerate(lines) if text in line)
    await pilot.click(offset=(lines[y].index(text) + 1, y))
    await pilot.pause()


# Notices and text from outside


async def test_a_notice_stays_until_it_is_put_away_and_the_next_takes_its_place(tmp_path: Path) -> None:
    events = (READY, Notice("no network: silhouettes instead"), Notice("second"), Notice("second"))
    async with opened(tmp_path, events) as (pilot, app):
        await settled(pilot, lambda: "1 more" in screen_text(pilot))
        await pilot.press("2", "ctrl+t", "1")
        assert "no network: silhouettes instead" in screen_text(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert "second" in screen_text(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert not app.query_one(NoticeBar).display


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.usefixtures("in_earnest")
async def test_text_from_outside_breaks_no_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    events = (*RUN, Notice(HOSTILE), WarmingUp(HOSTILE), Failed(0, HOSTILE))
    async with opened(tmp_path, events, stderr=HOSTILE * 3, size=size) as (pilot, app):
        await settled(pilot, lambda: app.live.state.epochs != ())
        for key in ("1", "2", "4", "x", "1"):
            await pilot.press(key)
            await pilot.pause()
            _assert_harmless(pilot, size)
        assert app.engine.pid is not None
        os.kill(app.engine.pid, signal.SIGKILL)
        await settled(pilot, lambda: app.engine.gone is not None)
        await settled(pilot, lambda: "ctrl+r restarts it" in _in_one_line(pilot))
        _assert_harmless(pilot, size)
        assert "\\x1b[2J" in _in_one_line(pilot)


def _in_one_line(pilot: Pilot[None]) -> str:
    return " ".join(screen_text(pilot).split())


def _assert_harmless(pilot: Pilot[None], size: tuple[int, int]) -> None:
    """Every line is as wide as the screen, and nothing in it is for the terminal to obey."""
    strips = pilot.app.screen._compositor.render_strips()
    assert [strip.cell_length for strip in strips] == [size[0]] * size[1]
    text = "".join(strip.text for strip in strips)
    assert not [character for character in text if character in "\x1b\x07\x00\u202e\u200d"]


async def test_a_long_name_of_the_data_leaves_room_for_what_the_engine_does(tmp_path: Path) -> None:
    async with opened(tmp_path, RUN) as (pilot, app):
        await settled(pilot, lambda: app.live.state.epochs != ())
        status = app.query_one(StatusLine)
        await settled(pilot, lambda: "engine ready" in status.render().plain)
        assert "run r0001 running" in status.render().plain
        assert "longlong" in status.render().plain


# The engine's life


async def test_what_the_engine_is_warming_up_with_is_said(tmp_path: Path) -> None:
    async with opened(tmp_path, (WarmingUp("importing torch"),)) as (pilot, _app):
        await settled(pilot, lambda: "engine: importing torch…" in screen_text(pilot))


@pytest.mark.usefixtures("in_earnest")
async def test_a_dead_engine_is_told_of_with_its_last_words_and_everything_stays(tmp_path: Path) -> None:
    words = "".join(f"line {number}\n" for number in range(12)) + "MemoryError: [/b] out\n"
    async with opened(tmp_path, RUN, stderr=words) as (pilot, app):
        await settled(pilot, lambda: app.live.state.epochs != ())
        assert app.engine.pid is not None
        os.kill(app.engine.pid, signal.SIGKILL)
        await settled(pilot, lambda: app.query_one(NoticeBar).notices != ())
        shown = _in_one_line(pilot)
        assert "killed by SIGKILL" in shown
        assert "ctrl+r restarts it" in shown
        assert "r0001" in shown
        assert "MemoryError: [/b] out" in shown
        assert "line 11" in shown
        assert "line 7" not in shown  # the last five are enough
        assert "2.125" in shown  # the figures of the run
        assert len(app.live.state.losses) == 2


@pytest.mark.usefixtures("in_earnest")
async def test_ctrl_r_starts_a_dead_engine_again_and_only_a_dead_one(tmp_path: Path) -> None:
    async with opened(tmp_path, RUN) as (pilot, app):
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert starts(tmp_path) == 1
        first = app.engine.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await settled(pilot, lambda: app.engine.gone is not None)
        await settled(pilot, lambda: app.query_one(NoticeBar).display)
        await pilot.press("ctrl+r")
        await settled(pilot, lambda: app.engine.ready is not None)
        assert app.engine.gone is None
        assert app.engine.pid != first
        assert starts(tmp_path) == 2
        assert not app.query_one(NoticeBar).display
        await settled(pilot, lambda: "engine ready" in screen_text(pilot))


@pytest.mark.usefixtures("in_earnest")
async def test_restarting_leaves_other_notices_where_they_are(tmp_path: Path) -> None:
    async with opened(tmp_path, (READY, Notice("unread"))) as (pilot, app):
        await settled(pilot, lambda: app.query_one(NoticeBar).notices == ("unread",))
        assert app.engine.pid is not None
        os.kill(app.engine.pid, signal.SIGKILL)
        await settled(pilot, lambda: len(app.query_one(NoticeBar).notices) == 2)
        await pilot.press("ctrl+r")
        await settled(pilot, lambda: app.engine.ready is not None)
        assert app.query_one(NoticeBar).notices == ("unread",)


async def test_leaving_is_asked_for_once_while_a_run_goes_on(tmp_path: Path) -> None:
    async with opened(tmp_path, RUN) as (pilot, app):
        await settled(pilot, lambda: app.live.state.status == "running")
        await pilot.press("ctrl+q")
        await settled(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, Confirm)
        assert app.is_running
        await pilot.press("ctrl+q")
        await settled(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("ctrl+q")
        await settled(pilot, lambda: app._exit)
    assert app.return_code == 0


async def test_keys_that_work_everywhere_break_nothing_under_the_help(tmp_path: Path) -> None:
    async with opened(tmp_path, RUN) as (pilot, app):
        for entry in PANES:
            await pilot.press("question_mark")
            await settled(pilot, lambda: isinstance(app.screen, Keys))
            await pilot.press(f"f{entry.number}", "ctrl+t", "ctrl+r", "c", "x")
            await pilot.press("escape")
            await settled(pilot, lambda: not isinstance(app.screen, Keys))
            assert app.active_pane == entry.id
            assert app.focused is not None
            assert app.pane in app.focused.ancestors_with_self


# The headless command


async def test_c_copies_nothing_where_a_field_is_wrong_and_says_its_line(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, app):
        form = app.pane.board.form.form_text  # type: ignore[attr-defined]
        form.texts["learning_rate"] = "[b]rubbish"
        await pilot.press("c")
        await pilot.pause()
        (said,) = app._notifications
        assert said.message.startswith("learning rate: found '[b]rubbish', expected a number")
        assert app.clipboard == ""
        form.texts["learning_rate"] = "0.5"
        await pilot.press("c")
        assert app.clipboard == "softmax-tui train --learning-rate 0.5"


# What is loaded


def test_the_app_with_all_its_panes_loads_neither_torch_nor_numpy(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from tui.app.app import SoftmaxApp
from tui.pane.commands import PANES

async def look():
    app = SoftmaxApp([sys.executable, "-S", "-c", "import sys; sys.stdin.read()"])
    async with app.run_test(size=(120, 40)) as pilot:
        for entry in PANES:
            await pilot.press(str(entry.number))
            await pilot.pause(0.3)
            assert app.active_pane == entry.id
            assert not getattr(app.focused, "typing_hint", "")
    loaded = {name.split(".")[0] for name in sys.modules}
    print(sorted(loaded & {"torch", "torchvision", "numpy", "sklearn", "safetensors", "plotext"}))

asyncio.run(look())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['plotext']", "plotext shows that charts were drawn"
