"""Tables that stay within a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.tables import fitted_table, table

CELLS = st.text(alphabet="ab1. 日", max_size=14)
HEADER = ["learning rate", "batch size", "seeds", "train loss", "difference", "interval", "effect"]
ROWS = [
    ["0.03", "64", "3", "0.4312", "−0.0137", "−0.0150 to −0.0120", "lower, and more than luck can be"],
    ["0.3", "256", "3", "0.4312", "-", "-", "no difference that matters"],
]


@given(st.data(), st.integers(1, 8), st.integers(12, 90), st.integers(0, 3), st.integers(1, 2))
def test_no_table_is_wider_than_its_terminal_and_nothing_of_it_is_lost(
    data: st.DataObject, columns: int, width: int, left: int, keys: int
) -> None:
    header, *rows = data.draw(
        st.lists(st.lists(CELLS, min_size=columns, max_size=columns), min_size=1, max_size=5), label="rows"
    )
    lines = fitted_table(header, rows, width, left, min(keys, columns))
    assert all(cell_len(line.text) <= width for line in lines)
    for number, row in enumerate([header, *rows]):
        shown = "".join(line.text for line in lines if line.row == number)
        for character in set("".join(row)) - {" "}:
            assert shown.count(character) >= "".join(row).count(character)


def test_blanks_around_a_word_take_no_column_from_it() -> None:
    assert [line.text for line in fitted_table(["111日", "1日", " 1"], [], 13, 0)] == ["111日  1日  1"]


@pytest.mark.parametrize("width", [130, 200])
def test_a_table_with_room_is_as_it_was(width: int) -> None:
    assert [line.text for line in fitted_table(HEADER, ROWS, width, 0)] == table(HEADER, ROWS, 0)


def test_the_header_is_wrapped_before_any_figure() -> None:
    lines = [line.text for line in fitted_table(HEADER, ROWS, len(table(HEADER, ROWS, 0)[1]) - 4, 0)]
    assert lines[0].split()[0] == "learning"
    assert lines[1].split()[0] == "rate"
    assert sum("lower, and more than luck can be" in line for line in lines) == 1


def test_columns_below_each_other_say_again_which_row_they_are_of() -> None:
    lines = [line.text for line in fitted_table(HEADER, ROWS, 50, 0, keys=2) if line.row == 1]
    assert sum(line.startswith("0.03") and " 64" in line for line in lines) == 2


def test_chinese_labels_take_two_cells() -> None:
    lines = table(["class", "images"], [["外套", "12"], ["coat", "7"]])
    assert {cell_len(line) for line in lines} == {13}


def test_words_in_several_lines_are_read_from_the_left_and_the_header_stands_over_its_figures() -> None:
    lines = fitted_table(("name", "what it is"), [("a", "one two three four five six")], 20)
    assert [line.text for line in lines] == [
        "name      what it is",
        "a     one two three",
        "      four five six",
    ]


def test_columns_of_words_stay_flush_left_where_they_stand_below_others() -> None:
    header, row = ("key", "first words", "other words"), ("k", "aaaaaaaaaaaaaaa", "b")
    lines = [line.text for line in fitted_table(header, [row], 20, left=3)]
    assert lines[-2:] == ["key other words", "k   b"]
