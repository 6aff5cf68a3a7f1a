"""What reaches the terminal: no control characters, no colours where none are wanted, ASCII where it must be."""

import io

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.contract.config import TrainConfig
from engine.contract.progress import Progress
from engine.contract.run_state import RunState
from tui.cli.live import LiveLine, clock
from tui.cli.page import Page


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
def test_the_locale_decides_between_ascii_and_the_rest_and_lines_keep_their_width(
    locale: dict[str, str], unicode: bool
) -> None:
    stream = Pipe()
    Page(stream, locale).line("a → b · −1 ━ 日本 é")
    line = stream.getvalue()[:-1]
    assert line.isascii() != unicode
    assert cell_len(line) == cell_len("a → b · −1 ━ 日本 é")


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
