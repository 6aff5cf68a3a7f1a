"""A matrix of counts can be read, on a small screen and on paper."""

from rich.cells import cell_len

from tui.drawing.matrix import cell_sentence, digits_of, matrix_lines, view_of
from tui.drawing.signs import in_ascii


def shown(counts: list[list[int]], labels: list[str], width: int) -> str:
    view = view_of(labels, digits_of(counts), width, len(counts) + 1, (0, 0), (0, 0))
    return "\n".join("".join(cell.text for cell in line) for line in matrix_lines(counts, labels, view))


NAMES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
COUNTS = [[10 * row + column + (900 if row == column else 0) for column in range(10)] for row in range(10)]


def test_ten_classes_fit_into_eighty_columns() -> None:
    view = view_of(NAMES, 3, 78, 20, (0, 0), (0, 0))
    assert (view.rows, view.columns) == (10, 10)
    lines = matrix_lines(COUNTS, NAMES, view)
    assert all(sum(cell_len(cell.text) for cell in line) <= 78 for line in lines)
    assert lines[4][5].text.split() == ["34"]
    assert (lines[4][5].row, lines[4][5].column) == (3, 4)


def test_chinese_labels_take_two_cells_each_and_keep_the_columns_in_line() -> None:
    labels = ["外套", "运动鞋", "T恤", "ankle boot", "日本語のラベル、長い"]
    counts = [[11 * row + column for column in range(5)] for row in range(5)]
    for width in (40, 60, 100):
        lines = matrix_lines(counts, labels, view_of(labels, 2, width, 20, (0, 0), (0, 0)))
        assert len({tuple(cell_len(cell.text) for cell in line) for line in lines}) == 1
        assert all(sum(cell_len(cell.text) for cell in line) <= width for line in lines)
        assert "…" not in "".join(cell.text for cell in lines[0][1:])  # a sign would cost one of few letters


def test_zeros_step_back_so_that_errors_stand_out() -> None:
    assert "·" in shown([[5, 0], [1, 4]], ["a", "b"], 40)
    assert in_ascii(shown([[5, 0], [1, 4]], ["a", "b"], 40)).isascii()


def test_the_view_follows_the_cursor_and_moves_no_further_than_it_must() -> None:
    labels = [f"class {index}" for index in range(100)]
    view = view_of(labels, 2, 40, 11, (50, 70), (45, 0))
    assert view.top <= 50 < view.top + view.rows
    assert view.left <= 70 < view.left + view.columns
    assert view.top == 45
    assert view.left == 70 - view.columns + 1


def test_shares_are_of_the_true_class() -> None:
    view = view_of(["a", "b"], 1, 40, 5, (0, 0), (0, 0))
    lines = matrix_lines([[3, 1], [0, 0]], ["a", "b"], view)
    assert [cell.share for cell in lines[1]] == [None, 0.75, 0.25]
    assert [cell.share for cell in lines[2]] == [None, 0.0, 0.0]


def test_a_cell_is_told_in_a_sentence() -> None:
    assert cell_sentence([[90, 10], [0, 1000]], ["Shirt", "Coat"], 0, 1) == "Shirt taken for Coat: 10 of 100 (10.0 %)"
    assert cell_sentence([[90, 10], [0, 1000]], ["Shirt", "Coat"], 1, 1) == "Coat recognised: 1,000 of 1,000 (100.0 %)"
    assert cell_sentence([], [], 0, 0) == ""


def test_labels_are_not_obeyed() -> None:
    assert "\x1b" not in shown([[1, 0], [0, 1]], ["\x1b[2J", "\n"], 40)


def test_a_blank_stands_between_the_names_over_two_columns() -> None:
    view = view_of(NAMES, 3, 60, 20, (0, 0), (0, 0))
    heads = [cell.text for cell in matrix_lines(COUNTS, NAMES, view)[0][1:]]
    assert all(head.endswith(" ") and len(head) == view.cell for head in heads)
    assert heads[2] == "Pull "
