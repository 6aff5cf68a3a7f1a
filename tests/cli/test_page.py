"""What reaches the terminal: no control characters, no colours where none are wanted, ASCII where it must be."""

import fcntl
import io
import json
import os
import pty
import re
import struct
import termios

import pyte
import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.contract.config import TrainConfig
from engine.contract.progress import Progress
from engine.contract.run_state import RunState
from tui.cli.json_lines import print_json
from tui.cli.live import LiveLine
from tui.cli.page import Page
from tui.drawing.progress import clock


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Pipe(Terminal):
    def isatty(self) -> bool:
        return False


COLOURS = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


@pytest.mark.parametrize("text", ["\x1b[2Jgone", "a\rb", "a\nb", "\x9b31m", "\u202eright to left", "\x07"])
def test_control_characters_are_shown_and_not_obeyed(text: str) -> None:
    stream = Terminal()
    Page(stream, COLOURS).line(text)
    written = stream.getvalue()
    assert written.endswith("\n")
    assert written[:-1].isprintable()


@pytest.mark.parametrize(
    ("stream", "environ", "coloured"),
    [
        (Terminal(), COLOURS, True),
        (Pipe(), COLOURS, False),
        (Terminal(), {**COLOURS, "NO_COLOR": "1"}, False),
        (Terminal(), {**COLOURS, "TERM": "dumb"}, False),
    ],
)
def test_colours_go_only_to_a_terminal_that_wants_them(
    stream: Terminal, environ: dict[str, str], coloured: bool
) -> None:
    Page(stream, environ).line("text", "red")
    assert ("\x1b[31m" in stream.getvalue()) == coloured


@pytest.mark.parametrize(
    ("locale", "unicode"),
    [
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "de_DE.ISO-8859-1", "LANG": "C.UTF-8"}, False),
        ({"LC_ALL": "", "LANG": "en_US.utf8"}, True),
        ({}, True),
    ],
)
def test_the_locale_decides_between_ascii_and_the_rest(locale: dict[str, str], unicode: bool) -> None:
    stream = Pipe()
    page = Page(stream, locale)
    page.line("a → b · −1 ━ 日本 é")
    assert stream.getvalue().isascii() != unicode
    assert "?" not in stream.getvalue()
    page.table(("class", "images"), [("日本", "12"), ("é", "7")])
    assert len({cell_len(line) for line in stream.getvalue().splitlines()[1:4]}) == 1


@pytest.mark.parametrize("columns", ["30", "80", "140"])
def test_no_line_is_wider_than_the_terminal(columns: str) -> None:
    stream = Terminal()
    page = Page(stream, {**COLOURS, "COLUMNS": columns})
    long = "softmax-tui: " + "found データ /a/path/that/goes/on/and/on.npz " * 6
    page.line(long, "red")
    page.prose(long, before="   note ")
    page.table(("name", "what"), [("日本語" * 10, long)])
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in stream.getvalue().splitlines()]
    assert max(map(cell_len, lines)) <= int(columns)
    assert "".join("".join(lines).split()).count("/a/path/that/goes/on/and/on.npz") >= 12


def test_what_goes_to_a_program_stays_one_line() -> None:
    stream = Pipe()
    Page(stream, {**COLOURS, "COLUMNS": "30"}).line("softmax-tui: " + "found " * 60)
    assert stream.getvalue().count("\n") == 1


def test_the_width_is_that_of_the_stream_itself() -> None:
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 61, 0, 0))
    with os.fdopen(theirs, "w") as stream:
        assert Page(stream, COLOURS).columns == 61
    os.close(own)


def test_json_has_escapes_where_the_locale_has_ascii_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for locale, written in (("C", '{"name":"\\u732b \\ud83d\\ude00"}'), ("C.UTF-8", '{"name":"猫 😀"}')):
        monkeypatch.setenv("LC_ALL", locale)
        print_json({"name": "猫 😀"})
        said = capsys.readouterr().out
        assert said == f"{written}\n"
        assert json.loads(said) == {"name": "猫 😀"}


def test_the_live_line_is_drawn_over_itself_ten_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("tui.cli.live.time.monotonic", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    live = LiveLine(stream)
    for step in range(100):  # one second
        now[0] = 100.0 + step / 100
        live.preparing(Progress("downloading", "mnist", step, 100, "bytes"))
    assert 9 <= stream.getvalue().count("\r") <= 10
    assert "\n" not in stream.getvalue()
    live.clear()
    assert stream.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize("columns", [20, 80])
def test_what_the_terminal_writes_for_ctrl_c_leaves_nothing_of_a_full_line(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    stream, screen = Terminal(), pyte.Screen(columns, 4)
    live = LiveLine(stream)
    live.preparing(Progress("downloading", "a dataset of a name that fills the line " * 3, 1, 100, "bytes"))
    stream.write("^C")
    live.clear()
    pyte.Stream(screen).feed(stream.getvalue())
    assert [line.strip() for line in screen.display] == [""] * 4


def test_there_is_no_live_line_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Pipe()
    live = LiveLine(stream)
    live.preparing(Progress("reading", "mnist", 1, None, "bytes"))
    live.clear()
    assert stream.getvalue() == ""


def test_what_cannot_say_how_far_it_is_counts_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("tui.cli.live.time.monotonic", lambda: now[0])
    live, starting = LiveLine(Pipe()), Progress("starting", "", 0, None, "")
    assert live.preparation_text(starting) == "starting …"
    now[0] = 103.4
    assert live.preparation_text(starting) == "starting … 3 s"
    assert live.preparation_text(Progress("reading", "mnist", 0, None, "")) == "reading mnist …"


def test_the_time_left_is_told_from_the_pace_so_far() -> None:
    live = LiveLine(Pipe())
    run = RunState(config=TrainConfig(epochs=4), minibatches_per_epoch=100)
    live.training_text(run, 1000.0)
    text = live.training_text(replace(run, position=100), 1010.0)
    assert "epoch 2 of 4" in text
    assert "25%" in text
    assert text.endswith("ETA 0:30")


def test_long_times_are_told_in_hours() -> None:
    assert [clock(7), clock(65), clock(3700)] == ["0:07", "1:05", "1:01:40"]
