"""What stands under an image of the gallery."""

from rich.cells import cell_len

from tests.mistakes.scripted import mistake
from tui.mistakes.words import caption_lines

NAMES = ("sneaker", "ankle boot", "bag")


def captions(true: int, predicted: int, lines: int, width: int) -> list[str]:
    return [run.text for run in caption_lines(mistake(0, true, predicted), NAMES, lines, width)]


def test_names_have_one_line_where_they_fit_and_else_two() -> None:
    assert captions(0, 1, 2, 20) == ["sneaker → ankle boot", "75.0% loss 2.08"]
    assert captions(0, 1, 3, 14) == ["sneaker →", "ankle boot", "75% loss 2.08"]
    assert captions(0, 1, 2, 14) == ["sneaker →", "ankle boot 75%"]
    assert captions(0, 1, 2, 13) == ["sneaker →", "ankle boot"]
    assert captions(2, 2, 2, 14) == ["bag", "75% loss 2.08"]


def test_no_line_is_wider_than_its_room() -> None:
    for width in range(6, 24):
        for lines in (2, 3):
            shown = captions(1, 0, lines, width)
            assert len(shown) <= lines
            assert all(cell_len(line) <= width for line in shown[:1]), (width, shown)
