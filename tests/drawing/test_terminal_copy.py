"""What is sent in place of all that was written gives the same picture, by an emulator that is not ours."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyte.screens import Char
from wcwidth import wcswidth

from tui.drawing.pen import Pen, pen_after
from tui.drawing.terminal_copy import TerminalCopy

WIDTH, HEIGHT = 26, 4
CODES = ("", "0", "1", "38;2;1;2;3", "31", "4", "7", "0;1;33", "38;5;200;1", "39", "48;2;16;20;24", "44", "107", "49")
TEXTS = st.one_of(
    st.sampled_from(("ab", "a b", " " * 14, "x" + " " * 12, "猫", "a猫 b", "─┤", "e\u0301t", "━" * 8, " ")),
    st.text("ab ─猫", min_size=1, max_size=9),
)
SEGMENTS = st.lists(st.tuples(st.sampled_from(CODES), TEXTS), min_size=1, max_size=5)
BETWEEN = st.sampled_from(("", "", "", "\x1b[?2026h", "\x1b]2;title\x07", "\x1b[2J", "\x1b[6n", "\x1b[?25l"))
WRITES = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, 20), SEGMENTS, BETWEEN), max_size=8)


class _Terminal:
    def __init__(self) -> None:
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self._screen)

    def feed(self, data: str) -> None:
        self._stream.feed(data)

    def wide_at(self, row: int, column: int) -> bool:
        """Whether a character of two cells ends in that cell."""
        return 0 < column < WIDTH and self._screen.buffer[row][column].data == ""

    @property
    def picture(self) -> list[list[object]]:
        return [[_seen(self._screen.buffer[row][column]) for column in range(WIDTH)] for row in range(HEIGHT)]


def _seen(character: Char) -> object:
    """Of a space that nothing marks only the colour behind it is seen."""
    marked = character.reverse or character.underscore or character.strikethrough
    return character if character.data != " " or marked else character.bg


def _written(row: int, column: int, segments: list[tuple[str, str]]) -> tuple[str, int]:
    """As Textual writes: within the line. With the column where it ends."""
    out, end = [f"\x1b[{row + 1};{column + 1}H"], column
    for codes, text in segments:
        if end + wcswidth(text) > WIDTH - 1:
            break
        out.append(f"\x1b[{codes}m{text}")
        end += wcswidth(text)
    return "".join(out), end


@given(WRITES, st.booleans())
@example([(0, 0, [("7", "   ")], ""), (0, 0, [("0", "   ")], "")], True)
@example([(0, 0, [("", "a猫b")], ""), (0, 0, [("", "wxyz")], ""), (0, 0, [("", "a猫b")], "")], False)
@example([(1, 0, [("44", " " * 20)], ""), (1, 0, [("", " " * 20)], "")], True)
@example([(0, 0, [("", "ab")], "\x1b[2J"), (0, 0, [("", "ab")], "")], False)
def test_the_picture_is_the_same(writes: list[tuple[int, int, list[tuple[str, str]], str]], erases: bool) -> None:
    copy, plain, squeezed = TerminalCopy(WIDTH, HEIGHT, erases), _Terminal(), _Terminal()
    for row, column, segments, between in writes:
        data, end = _written(row, column, segments)
        if plain.wide_at(row, column) or plain.wide_at(row, end):
            continue  # emulators differ in what is left of half a character
        plain.feed(data + between)
        squeezed.feed(copy.changes(data + between))
        assert squeezed.picture == plain.picture


def test_what_is_there_already_is_not_sent_again() -> None:
    copy = TerminalCopy(WIDTH, HEIGHT)
    page = "".join(f"\x1b[{row + 1};1H\x1b[31mloss {row}\x1b[0m   of it\n" for row in range(HEIGHT - 1))
    assert copy.changes(page) != ""
    assert copy.changes(page) == ""
    changed = copy.changes(page.replace("loss 1", "loss 7"))
    assert changed == "\x1b[2;6H\x1b[0m\x1b[31m7\x1b[0m\x1b[4;1H"


@pytest.mark.parametrize("happens", ["\x1b[?1049h", "\x1b[2J", "\x1bc", "\x1b[3S", "\x08"])
def test_what_may_change_the_picture_makes_it_forget(happens: str) -> None:
    copy = TerminalCopy(WIDTH, HEIGHT)
    copy.changes("\x1b[1;1Hloss")
    assert happens in copy.changes(happens)
    assert "loss" in copy.changes("\x1b[1;1Hloss")


def test_another_size_makes_it_forget() -> None:
    copy = TerminalCopy(WIDTH, HEIGHT)
    copy.changes("\x1b[1;1Hloss")
    copy.resize(WIDTH, HEIGHT)
    assert "loss" in copy.changes("\x1b[1;1Hloss")


@pytest.mark.parametrize(
    ("codes", "pen"),
    [
        ("1;38;2;1;2;3;48;5;17", Pen("1", "38;2;1;2;3", "48;5;17")),
        ("4;97;103", Pen("4", "97", "103")),
        ("31;39", Pen("", "", "")),
        ("7;41;0;2", Pen("2", "", "")),
        ("21;53;49", Pen("21;53", "", "")),
    ],
)
def test_codes_are_taken_apart(codes: str, pen: Pen) -> None:
    assert pen_after(Pen(), codes) == pen


def test_a_new_line_on_the_last_row_scrolls_so_that_nothing_is_known_any_more() -> None:
    copy = TerminalCopy(WIDTH, HEIGHT)
    copy.changes("\x1b[1;1Habc")
    assert "abc" not in copy.changes("\x1b[1;1Habc")
    assert copy.changes(f"\x1b[{HEIGHT};1Hx\n").endswith("\n")
    assert "abc" in copy.changes("\x1b[1;1Habc")


def test_what_goes_through_as_it_is_has_its_pen_and_leaves_none() -> None:
    sent = TerminalCopy(WIDTH, HEIGHT).changes("\x1b[2;3H\x1b[44m\x1b[K\x1b[0m\x1b[1;1H\x1b[K")
    assert sent == "\x1b[2;3H\x1b[44m\x1b[K\x1b[0m\x1b[1;1H\x1b[K"
