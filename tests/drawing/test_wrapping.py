"""Lines of text by the cells that they take."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.spans import text_of
from tui.drawing.wrapping import at_both_ends, wrap, wrapped

TEXTS = st.text(alphabet="ab é日本、。/-_\u0301", max_size=60)
WORDS = st.lists(st.text(alphabet="abcxyz-", min_size=1, max_size=8), max_size=12)


@given(TEXTS, st.integers(2, 30), st.integers(0, 12))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int, hang: int) -> None:
    lines = wrap(text, width, hang)
    assert lines
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(WORDS, st.integers(8, 40))
def test_words_that_fit_are_wrapped_as_textwrap_does(words: list[str], width: int) -> None:
    text = " ".join(words)
    assert wrap(text, width) == (textwrap.wrap(text, width, break_on_hyphens=False) or [""])


def test_a_line_may_end_between_wide_characters_but_not_before_a_closing_sign() -> None:
    assert wrap("日本語のラベルは二セルです。", 10) == ["日本語のラ", "ベルは二セ", "ルです。"]
    assert wrap("あいうえお。", 10) == ["あいうえ", "お。"]


def test_a_path_that_is_too_long_is_broken_after_a_separator() -> None:
    assert wrap("found /data/of/the/department/labels.npz here", 20, 2) == [
        "found /data/of/the/",
        "  department/",
        "  labels.npz here",
    ]


@pytest.mark.parametrize("width", [24, 40, 80])
def test_prose_of_the_panes_counts_cells(width: int) -> None:
    said = "混同が最も多いのは「コート」と「プルオーバー」です。 It is 日本語 with English."
    assert all(cell_len(text_of(line)) <= width for line in wrapped(said, width))
    both = at_both_ends("データセット", "text", "ラベル", width)
    assert sum(cell_len(run.text) for run in both) == width - 1


def test_what_stands_at_both_ends_is_never_closer_than_two_cells() -> None:
    for width in range(12, 30):
        line = at_both_ends("left end", "text", "right end", width)
        left, right = (run.text for run in line)
        assert left == " left end"
        assert right.startswith("  ") or not right.strip(), width
        assert cell_len(text_of(line)) <= width
