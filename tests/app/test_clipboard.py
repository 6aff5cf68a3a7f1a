"""`c`: the command is copied, and stays on the screen whole, where the mouse can select it."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot

from tests.train.script import opened, screen_text, settled
from tui.app.clipboard import BY_TERMINAL, BY_TMUX, to_tmux
from tui.app.copied import CopiedCommand
from tui.train.pane import TrainPane

NEEDS_TMUX = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
LONG = "predictions of the second term/" * 6


async def copied(pilot: Pilot[None]) -> CopiedCommand:
    await pilot.press("c")
    await settled(pilot, lambda: isinstance(pilot.app.screen, CopiedCommand))
    assert isinstance(pilot.app.screen, CopiedCommand)
    return pilot.app.screen


def sent(screen: CopiedCommand) -> str:
    return str(screen.query_one("#sent").render())


async def test_without_tmux_the_text_goes_to_the_terminal_and_may_not_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as (pilot, _, _):
        written: list[str] = []
        assert pilot.app._driver is not None
        monkeypatch.setattr(pilot.app._driver, "write", written.append)
        screen = await copied(pilot)
        await settled(pilot, lambda: sent(screen) == BY_TERMINAL)
        assert f"\x1b]52;c;{base64.b64encode(b'softmax-tui train').decode()}\a" in written
        await pilot.press("c")
        await settled(pilot, lambda: len(pilot.app.screen_stack) == 1)


@pytest.mark.parametrize("size", [(80, 24), (50, 17), (120, 40)])
async def test_a_long_command_stands_whole_on_the_screen_and_the_mouse_selects_all_of_it(size: tuple[int, int]) -> None:
    async with opened(size) as (pilot, _, pane):
        assert isinstance(pane, TrainPane)
        pane.board.form.form_text.texts["dataset"] = LONG
        command = pane.headless_command()
        assert len(command) > size[0]
        screen = await copied(pilot)
        await settled(pilot, lambda: BY_TERMINAL.split()[0] in screen_text(pilot))
        shown = "".join(screen_text(pilot).split())
        assert "".join(command.split()) in shown
        field = screen.query_one("#command")
        await pilot.mouse_down(field, offset=(0, 0))
        await pilot.hover(field, offset=(field.size.width - 1, field.size.height - 1))
        await pilot.mouse_up(field, offset=(field.size.width - 1, field.size.height - 1))
        await pilot.pause()
        pilot.app._clipboard = ""
        await pilot.press("ctrl+c")
        await settled(pilot, lambda: pilot.app.clipboard == command)
        await pilot.click(screen, offset=Offset(0, 0)) if field.region.y > 3 else await pilot.press("escape")
        await settled(pilot, lambda: len(pilot.app.screen_stack) == 1)


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A tmux of the test's own, in whose window the app takes itself to run; the words that speak to it."""
    socket = f"/tmp/tmux-test-{os.getpid()}"  # not pytest's folder: a socket's path is under 104 bytes
    words = ["tmux", "-S", socket, "-f", "/dev/null"]
    subprocess.run([*words, "new-session", "-d", "cat"], check=True)
    monkeypatch.setenv("TMUX", f"{socket},1,0")
    yield words
    subprocess.run([*words, "kill-server"], check=True)
    Path(socket).unlink(missing_ok=True)


def buffer(tmux: list[str]) -> str:
    return subprocess.run([*tmux, "show-buffer"], capture_output=True, text=True, check=True).stdout


@NEEDS_TMUX
async def test_in_tmux_the_text_is_in_its_buffer_and_no_sequence_is_sent(
    tmux: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as (pilot, _, _):
        written: list[str] = []
        assert pilot.app._driver is not None
        monkeypatch.setattr(pilot.app._driver, "write", written.append)
        screen = await copied(pilot)
        await settled(pilot, lambda: sent(screen) == BY_TMUX)
        assert buffer(tmux) == "softmax-tui train" == pilot.app.clipboard
        assert not [text for text in written if "\x1b]52" in text]


def tmux_that(folder: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


async def test_a_tmux_that_does_not_take_the_text_is_named_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmux_that(tmp_path, "echo no server running >&2; exit 1", monkeypatch)
    assert await to_tmux("a") == "tmux rejected the text: no server running. Select the command with the mouse."
    tmux_that(tmp_path, "exec sleep 60", monkeypatch)
    monkeypatch.setattr("tui.app.clipboard._SECONDS", 0.2)
    assert "no answer within 0.2 s" in await asyncio.wait_for(to_tmux("a"), 10)
    monkeypatch.setattr("tui.app.clipboard._SECONDS", 10)
    for said in ("load-buffer: unknown option -- w", "usage: load-buffer [-b buffer-name] path"):
        old = f'case "$*" in *-w*) echo "{said}" >&2; exit 1;; esac; cat > {tmp_path}/buffer'
        tmux_that(tmp_path, old, monkeypatch)
        assert await to_tmux(f"for tmux 3.1: {said}") == BY_TMUX
        assert (tmp_path / "buffer").read_text() == f"for tmux 3.1: {said}"
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert "No such file" in await to_tmux("a")
