"""Bars say what they show in words and numbers as well."""

import math

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.bars import Bar, bar_lines
from tui.drawing.signs import in_ascii
from tui.drawing.spans import text_of


def shown(bars: list[Bar], width: int, limit: float | None = None) -> list[str]:
    return [text_of(line) for line in bar_lines(bars, width, len(bars), limit)]


def test_a_distribution_has_its_labels_values_and_marks() -> None:
    rows = shown([Bar("Shirt", 0.5, "true"), Bar("Coat", 0.25, "said"), Bar("Bag", 0.0)], 41, 1.0)
    assert [row.split()[0] for row in rows] == ["Shirt", "Coat", "Bag"]
    assert "0.5000 true" in rows[0]
    assert "0.2500 said" in rows[1]
    assert (rows[0].count("█"), rows[1].count("█")) == (10, 5)
    assert "█" not in rows[2]


def test_what_is_not_zero_is_never_drawn_as_nothing() -> None:
    assert "▏" in shown([Bar("a", 1e-9)], 40, 1.0)[0]
    assert "." in in_ascii(shown([Bar("a", 1e-9)], 40, 1.0)[0].split("0.0")[0])


def test_signed_values_grow_to_both_sides_of_a_middle() -> None:
    left, right = map(in_ascii, shown([Bar("p", -0.5), Bar("q", 0.5)], 60))
    assert left.index("|") == right.index("|")
    assert left.index("#") < left.index("|")
    assert right.index("#") > right.index("|")
    assert left.count("#") == right.count("#")


def test_values_that_are_not_finite_are_named_and_have_no_bar() -> None:
    rows = shown([Bar("a", math.nan), Bar("b", math.inf), Bar("c", 1.0)], 40)
    assert "nan" in rows[0]
    assert "inf" in rows[1]
    assert "█" not in rows[0] + rows[1]


def test_what_finds_no_room_is_counted() -> None:
    lines = bar_lines([Bar(str(index), 0.1) for index in range(100)], 40, 8)
    assert len(lines) == 8
    assert "93 more" in lines[-1][0].text


def test_labels_are_not_obeyed() -> None:
    assert "\x1b" not in shown([Bar("\x1b[2J[/]", 1.0, "\n")], 40)[0]


@given(
    st.lists(st.builds(Bar, st.text(max_size=20), st.floats(), st.text(max_size=6)), max_size=8),
    st.integers(1, 80),
    st.integers(1, 10),
)
def test_every_size_is_filled_exactly(bars: list[Bar], width: int, height: int) -> None:
    lines = bar_lines(bars, width, height)
    assert len(lines) <= height
    assert all(sum(cell_len(run.text) for run in line) == width for line in lines)
