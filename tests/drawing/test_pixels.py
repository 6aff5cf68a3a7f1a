"""Pictures keep what matters when they become characters."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.diverging import UNKNOWN
from tui.drawing.pixels import (
    PIXEL_STYLES,
    RAMP,
    DrawnRow,
    PixelStyle,
    drawn,
    fitting,
    largest,
    resized,
    signed_blocks,
    signed_signs,
)

BLUE, BLACK, RED = (0, 0, 255), (0, 0, 0), (255, 0, 0)


def text(rows: tuple[DrawnRow, ...]) -> list[str]:
    return ["".join(stretch.text for stretch in row) for row in rows]


def test_28_by_28_pixels_take_28_columns_and_14_rows() -> None:
    assert fitting(28, 28, 100, 28) == (14, 28)
    assert fitting(28, 28, 7, 100) == (7, 14)
    assert fitting(28, 28, 0, 100) == (0, 0)


def test_the_ramp_goes_from_blank_to_dense() -> None:
    pixels = bytes(round(255 * step / 9) for step in range(10))
    assert text(drawn("ascii", pixels, 1, 10, 1, 10)) == [RAMP]


def test_half_blocks_put_two_pixels_into_a_cell() -> None:
    (row,) = drawn("half", bytes([255, 0, 0, 0]), 2, 2, 1, 2)
    assert row == (("▀", (255, 255, 255), (0, 0, 0)), (" ", None, (0, 0, 0)))


def test_stretches_of_one_colour_are_one_stretch() -> None:
    (row,) = drawn("half", bytes(20), 2, 10, 1, 10)
    assert row == ((" " * 10, None, (0, 0, 0)),)


def test_braille_sets_the_dot_of_each_pixel() -> None:
    pixels = bytes([255, 0, 0, 0, 0, 0, 0, 255])
    assert text(drawn("braille", pixels, 4, 2, 1, 2 // 2)) == ["⢁"]


def test_braille_dithers_a_grey_to_half_the_dots() -> None:
    rows = text(drawn("braille", bytes([128] * 64), 8, 8, 2, 4))
    dots = sum((ord(character) - 0x2800).bit_count() for row in rows for character in row)
    assert dots == 32


def test_nothing_is_drawn_as_spaces_and_not_as_the_blank_braille_sign() -> None:
    assert text(drawn("braille", bytes(8), 4, 2, 1, 1)) == [" "]


def test_shrinking_averages_and_growing_repeats() -> None:
    assert resized(bytes([0, 100, 200, 100]), 2, 2, 1, 1) == [[100]]
    assert resized(bytes([1, 2, 3, 4]), 2, 2, 4, 4) == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]


def test_a_wrong_number_of_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2 × 3 pixels has 6 values, not 5"):
        drawn("ascii", bytes(5), 2, 3, 1, 3)


@given(
    st.sampled_from(PIXEL_STYLES),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(1, 30),
    st.integers(1, 50),
    st.data(),
)
def test_every_size_is_filled_exactly(
    style: PixelStyle, height: int, width: int, rows: int, columns: int, data: st.DataObject
) -> None:
    pixels = data.draw(st.binary(min_size=height * width, max_size=height * width))
    shown = text(drawn(style, pixels, height, width, rows, columns))
    assert len(shown) == rows
    assert all(cell_len(row) == columns for row in shown)


def test_signed_values_run_between_three_colours() -> None:
    (row,) = signed_blocks([-2.0, 0.0, 2.0, math.nan] * 2, 2, 4, 2.0, 1, 4, (BLUE, BLACK, RED))
    assert [stretch.background for stretch in row] == [BLUE, BLACK, RED, UNKNOWN]


def test_what_is_beyond_the_limit_is_as_strong_as_the_limit() -> None:
    (row,) = signed_blocks([9.0, 1.0], 2, 1, 1.0, 1, 1, (BLUE, BLACK, RED))
    assert row == ((" ", None, RED),)
    (row,) = signed_blocks([-9.0, -1.0], 2, 1, 1.0, 1, 1, (BLUE, BLACK, RED))
    assert row == ((" ", None, BLUE),)


def test_without_colour_signs_tell_sign_and_strength() -> None:
    values = [-1.0, -0.4, 0.0, 0.4, 1.0, math.inf]
    assert text(signed_signs(values, 1, 6, 1.0, 1, 6)) == ["=- +#?"]


def test_all_zeros_have_no_strength() -> None:
    assert text(signed_signs([0.0, 0.0], 1, 2, largest([0.0, math.nan]), 1, 2)) == ["  "]


def test_colours_are_drawn_in_half_blocks_and_as_greys_without_colour() -> None:
    red, white, black, blue = (255, 0, 0), (255, 255, 255), (0, 0, 0), (0, 0, 255)
    pixels = bytes([*red, *white, *black, *blue])
    (row,) = drawn("half", pixels, 2, 2, 1, 2)
    assert [(stretch.foreground, stretch.background) for stretch in row] == [(red, black), (white, blue)]
    transparent = bytes([*red, 9, *white, 9, *black, 9, *blue, 9])
    assert drawn("half", transparent, 2, 2, 1, 2) == (row,)
    assert text(drawn("ascii", pixels, 2, 2, 2, 2)) == ["-@", " ."]
    assert len(drawn("braille", pixels, 2, 2, 1, 1)) == 1
    with pytest.raises(ValueError, match="has 4 values, not 8"):
        drawn("half", bytes(8), 2, 2, 1, 2)
