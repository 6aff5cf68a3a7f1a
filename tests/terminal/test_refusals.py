"""Where there is no terminal to draw on the app says so in one line and writes nothing else."""

import os
import pty
import subprocess
import sys

import pytest

from tests.terminal.terminal import Terminal

APP = [sys.executable, "-m", "tui.cli.main"]


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_stream_that_is_no_terminal_is_named(name: str) -> None:
    own, theirs = pty.openpty()
    streams = {"stdin": theirs, "stdout": theirs, "stderr": subprocess.PIPE}
    streams[name] = subprocess.DEVNULL if name == "stdin" else subprocess.PIPE
    try:
        done = subprocess.run(APP, env={**os.environ, "TERM": "xterm"}, timeout=60, check=False, **streams)
    finally:
        os.close(theirs)
        os.close(own)
    assert done.returncode == 2
    assert not done.stdout
    # stdin is looked at first, then stdout, then stderr, which is a pipe here in any case.
    assert done.stderr.decode().splitlines() == [
        f"softmax-tui: the app: found {name}, which is no terminal, expected a terminal; see softmax-tui --help"
    ]


@pytest.mark.parametrize(
    ("arguments", "term", "line"),
    [
        ([], "dumb", "found TERM=dumb, expected a terminal that can move its cursor"),
        (["--engine-command", " "], "xterm", "--engine-command: found nothing, expected a command"),
        (["--engine-command", "ssh 'box"], "xterm", "no closing quotation"),
        (["--engine-command", "ssh box", "--store", "here"], "xterm", "found --store=here beside the command"),
        (["--store", ""], "xterm", "--store: found '', expected a folder"),
    ],
)
def test_what_it_cannot_start_with_is_said_in_one_line(arguments: list[str], term: str, line: str) -> None:
    terminal = Terminal([*APP, *arguments], {**os.environ, "TERM": term, "COLUMNS": "200"})
    try:
        assert terminal.leave() == 2
        said = terminal.output.decode()
        assert line in said
        assert said.count("\n") == 1
        assert "\x1b" not in said
    finally:
        terminal.close()
