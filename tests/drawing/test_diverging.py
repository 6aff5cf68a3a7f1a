"""Few colours still tell the sign of a value."""

import colorsys

import pytest
from rich.color import Color, ColorSystem

from tui.drawing.diverging import STEPS, UNKNOWN, signed_table, two_hues
from tui.drawing.palette import DARK, LIGHT, RGB, Palette
from tui.drawing.pixels import signed_shades


def hues(palette: Palette) -> tuple[RGB, RGB, RGB]:
    negative, middle, positive = (palette[role] for role in ("negative", "middle", "positive"))
    assert negative is not None
    assert middle is not None
    assert positive is not None
    return negative, middle, positive


def hue(color: RGB) -> float:
    red, green, blue = (value / 255 for value in color)
    return 360 * colorsys.rgb_to_hls(red, green, blue)[0]


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_each_of_the_256_colours_asked_for_is_one_of_them_and_orange_or_blue(palette: Palette) -> None:
    table = signed_table(hues(palette), "256")
    for color in table:
        shown = Color.from_rgb(*color).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
        assert tuple(shown) == color or color == UNKNOWN
    for step in range(STEPS // 4, STEPS + 1):
        assert 20 <= hue(table[step]) <= 40, "orange"
        assert 200 <= hue(table[-step]) <= 220, "blue"
        assert table[-step] == table[step][::-1]


def test_the_stronger_a_value_the_further_its_colour_is_from_the_middle() -> None:
    for palette, sign in ((DARK, 1), (LIGHT, -1)):
        sums = [sign * sum(color) for color in signed_table(hues(palette), "256")[: STEPS + 1]]
        assert sums == sorted(sums)
        assert len(set(sums)) == 5


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_both_of_16_colours_are_among_them(palette: Palette) -> None:
    below, _, above = two_hues(hues(palette))
    for color in (below, above):
        downgraded = Color.from_rgb(*color).downgrade(ColorSystem.STANDARD)
        assert tuple(downgraded.get_truecolor()) != (0, 0, 0)
    numbers = [Color.from_rgb(*color).downgrade(ColorSystem.STANDARD).number for color in (below, above)]
    assert numbers == [12 if palette is DARK else 4, 3]


def test_with_16_colours_density_tells_the_strength() -> None:
    below, middle, above = two_hues(hues(DARK))
    (row,) = signed_shades([-1.0, -0.5, 0.0, 0.25, 1.0, float("nan")], 1, 6, 1.0, 1, 6, hues(DARK))
    assert row == (
        ("█", below, middle),
        ("▒", below, middle),
        (" ", None, middle),
        ("░", above, middle),
        ("█", above, middle),
        ("?", None, middle),
    )
