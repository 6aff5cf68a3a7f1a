"""Inside tmux and screen: braille where it comes through, ASCII where each sign would be a `_`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal
from tui.cli.page import passes_unicode

COERCED = {"LANG": "C", "LC_CTYPE": "C.UTF-8"}  # as Python leaves the environment in the C locale
IN_TMUX = {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}


@pytest.mark.parametrize(
    ("environ", "answer", "passes"),
    [
        ({"TERM": "xterm-256color"} | COERCED, "", True),  # a plain terminal: Python's own choice is right
        (IN_TMUX | COERCED, "0", False),
        (IN_TMUX | COERCED, "1", True),  # attached with UTF-8 from elsewhere
        (IN_TMUX | {"LANG": "C.UTF-8"}, "0", False),
        (IN_TMUX | COERCED, "", False),  # tmux too old to say
        (IN_TMUX | {"LANG": "de_DE.utf8"}, "", True),
        ({"TERM": "screen"} | COERCED, "", False),
        ({"TERM": "screen.xterm-256color", "LANG": "en_US.UTF-8"}, "", True),
        ({"TERM": "tmux-256color", "LANG": "en_US.UTF-8"}, "", True),  # by ssh from within tmux
        ({"TERM": "screen", "LC_ALL": "C", "LANG": "en_US.UTF-8"}, "", False),
        ({"TERM": "screen", "LC_CTYPE": "de_DE.UTF-8"}, "", True),
    ],
)
def test_tmux_is_asked_and_else_the_locale_counts(environ: dict[str, str], answer: str, passes: bool) -> None:
    assert passes_unicode(environ, lambda: answer) == passes


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
@pytest.mark.parametrize(("locale", "unicode"), [("C", False), ("C.UTF-8", True)])
def test_a_chart_in_tmux_is_drawn_with_what_comes_through(tmp_path: Path, locale: str, unicode: bool) -> None:
    unwanted = ("LC_ALL", "LC_CTYPE", "LANG", "TMUX", "NO_COLOR", "COLUMNS", "LINES")
    environ = {name: value for name, value in os.environ.items() if name not in unwanted}
    program = (
        "import sys; from tui.cli.page import Page; page = Page();"
        "page.line('unicode' if page.unicode else 'ASCII only'); page.line('\\u2840\\u28ff'); sys.stdin.read(1)"
    )
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null", "new-session"]
    terminal = Terminal([*tmux, sys.executable, "-c", program], environ | {"TERM": "xterm-256color", "LANG": locale})
    try:
        terminal.wait_for("unicode" if unicode else "ASCII only")
        end = time.monotonic() + 1
        while time.monotonic() < end and ("\u28ff".encode() in terminal.output) != unicode:
            terminal.read(0.05)
        assert ("\u28ff".encode() in terminal.output) == unicode
        assert b"__" not in terminal.output
        terminal.press("\n")
        terminal.leave()
    finally:
        terminal.close()
