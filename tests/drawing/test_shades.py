"""The shades of grids in each kind of terminal."""

import pytest
from rich.color import Color, ColorSystem

from tui.drawing.diverging import Depth
from tui.drawing.palette import DARK, LIGHT, MONO, RGB, Palette
from tui.drawing.shades import Hue, shaded

SHARES = [step / 20 for step in range(21)]
HUES: tuple[Hue, ...] = ("heat-right", "heat-wrong")


def luminance(color: RGB) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [part / 255 for part in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: RGB, other: RGB) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("depth", ["true", "256", "16"])
@pytest.mark.parametrize("hue", HUES)
def test_numbers_can_be_read_and_the_hue_is_never_another(palette: Palette, depth: Depth, hue: Hue) -> None:
    seen = set()
    for share in SHARES:
        shade = shaded(palette, hue, share, depth)
        assert shade is not None
        if shade.background is None:
            continue
        seen.add(shade.background)
        assert shade.text is not None
        if share:
            assert contrast(shade.text, shade.background) > 3
        red, green, blue = shade.background
        if max(shade.background) - min(shade.background) > 12:  # not a grey
            assert red <= green <= blue if hue == "heat-right" else red > green >= blue
            assert hue == "heat-right" or green > blue  # a red would be something that failed
        asked = Color.from_rgb(red, green, blue)
        if depth == "256":  # the terminal takes the nearest, which must be the same hue
            shown = asked.downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
            grey = len(set(shade.background)) == 1
            assert len(set(shown)) == 1 if grey else tuple(shown) == shade.background
        elif depth == "16":
            assert asked.downgrade(ColorSystem.STANDARD).number == {"heat-right": 4, "heat-wrong": 3}[hue]
    assert len(seen) == {"true": len(SHARES), "256": 4, "16": 1}[depth]


def test_a_palette_without_colours_has_no_shades() -> None:
    assert shaded(MONO, "heat-right", 0.5, "true") is None


def test_the_two_hues_of_a_terminal_differ() -> None:
    for depth in ("true", "256", "16"):
        right, wrong = (shaded(DARK, hue, 1.0, depth) for hue in HUES)  # type: ignore[arg-type]
        assert right is not None
        assert wrong is not None
        assert right.background != wrong.background
