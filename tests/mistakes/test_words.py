"""What stands under an image of the gallery."""

from array import array

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.contract.answers import ExampleShown, SmallestChange
from tests.mistakes.scripted import mistake
from tui.mistakes.change_words import change_words
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


@pytest.mark.parametrize(("levels", "size"), [(0.4, "less than 1"), (1.0, "at most 1"), (12.6, "at most 13")])
def test_a_change_is_said_in_grey_levels_a_pixel(levels: float, size: str) -> None:
    each = array("f", [0.1] * 15 + [-levels]).tobytes()
    change = SmallestChange(predicted=1, norm=0.1, share=0.02, levels=each, pixels=bytes(16))
    zeros = (0.0,) * 3
    shown = ExampleShown(
        request=0,
        example=mistake(0, 0, 2),
        logits=zeros,
        gradient=zeros,
        bias=zeros,
        evidence=bytes(2 * len(each)),
        change=change,
    )
    assert change_words(shown, NAMES) == (
        f"A change of {size} of 255 grey levels a pixel makes the model say ankle boot (2.0% of the image's norm)."
    )
    assert change_words(replace(shown, change=None), NAMES).startswith("No change of the pixels")
