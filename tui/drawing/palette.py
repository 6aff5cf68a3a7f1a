"""What colour each role has, in the panes and in what commands print: one table.

`None` is the terminal's own colour: in `MONO` signs alone tell things apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

RGB = tuple[int, int, int]
Palette = Mapping[str, RGB | None]

_BOLD, _DIM = "1", "2"
_RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN = "31", "32", "33", "34", "35", "36"


class Role(NamedTuple):
    """The colours on a dark and on a light background, and the SGR code where a command prints.

    The codes are of the terminal's own eight colours: those of the app would not fit every background.
    """

    dark: RGB
    light: RGB
    code: str


# Blue and orange carry the meaning throughout, because they stay apart for the colour-blind.
ROLES: Mapping[str, Role] = {
    "text": Role((222, 226, 230), (30, 34, 40), ""),
    "muted": Role((140, 149, 159), (100, 108, 118), _DIM),
    "axis": Role((140, 149, 159), (100, 108, 118), _DIM),
    "accent": Role((122, 201, 255), (0, 92, 160), _CYAN),
    "train-faint": Role((86, 112, 140), (112, 140, 172), _CYAN),
    "train": Role((92, 182, 255), (0, 98, 178), _CYAN),
    "validation": Role((255, 179, 71), (190, 90, 0), _YELLOW),
    "right": Role((120, 220, 160), (0, 120, 70), _GREEN),
    "wrong": Role((255, 138, 108), (190, 50, 10), _RED),
    "positive": Role((255, 140, 90), (200, 70, 10), _RED),
    "negative": Role((90, 165, 255), (0, 88, 180), _BLUE),
    "middle": Role((0, 0, 0), (255, 255, 255), ""),
    "heat-base": Role((24, 28, 34), (246, 247, 249), ""),
    "heat-right": Role((32, 84, 130), (150, 196, 240), _GREEN),
    "heat-wrong": Role((176, 74, 30), (255, 176, 130), _RED),
    "line-1": Role((92, 182, 255), (0, 98, 178), _CYAN),
    "line-2": Role((255, 179, 71), (190, 90, 0), _YELLOW),
    "line-3": Role((105, 212, 160), (0, 122, 84), _GREEN),
    "line-4": Role((232, 132, 190), (168, 40, 120), _MAGENTA),
    "line-5": Role((240, 228, 96), (128, 112, 0), _BLUE),
    "line-6": Role((255, 120, 96), (200, 40, 20), _RED),
    "line-7": Role((170, 160, 255), (84, 70, 190), _DIM),
    "line-8": Role((190, 198, 206), (80, 86, 94), ""),
}

DARK: Palette = {name: role.dark for name, role in ROLES.items()}
LIGHT: Palette = {name: role.light for name, role in ROLES.items()}
MONO: Palette = dict.fromkeys(DARK)

# What a command can style: the roles, those that a pane emphasises besides, and how a run or a check stands.
STYLES: Mapping[str, str] = {
    **{name: role.code for name, role in ROLES.items()},
    **dict.fromkeys(("", "finished"), ""),
    **dict.fromkeys(("bold", "title"), _BOLD),
    "dim": _DIM,
    **dict.fromkeys(("red", "first-bad", "diverged", "failed", "damaged", "broken"), _RED),
    **dict.fromkeys(("green", "running", "ok"), _GREEN),
    **dict.fromkeys(("yellow", "unsure", "stopped", "interrupted", "note"), _YELLOW),
    **dict.fromkeys(("cyan", "cursor"), _CYAN),
}


def styled(text: str, style: str) -> str:
    """The text in a style of `STYLES`. An unknown one changes nothing: no command fails over a colour."""
    code = STYLES.get(style, "")
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def blended(base: RGB, top: RGB, share: float) -> RGB:
    """`base` with `share` (0…1) of `top` over it."""
    share = min(1.0, max(0.0, share))
    red, green, blue = (round(low + (high - low) * share) for low, high in zip(base, top, strict=True))
    return red, green, blue
