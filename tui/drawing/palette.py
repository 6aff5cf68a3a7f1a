"""What colour each role has. `None` is the terminal's own: in `MONO` signs alone tell things apart."""

from __future__ import annotations

from collections.abc import Mapping

RGB = tuple[int, int, int]
Palette = Mapping[str, RGB | None]

# Blue and orange carry the meaning throughout, because they stay apart for the colour-blind.
DARK: Palette = {
    "text": (222, 226, 230),
    "muted": (140, 149, 159),
    "axis": (140, 149, 159),
    "accent": (122, 201, 255),
    "train-faint": (86, 112, 140),
    "train": (92, 182, 255),
    "validation": (255, 179, 71),
    "right": (120, 220, 160),
    "wrong": (255, 138, 108),
    "positive": (255, 140, 90),
    "negative": (90, 165, 255),
    "middle": (0, 0, 0),
    "heat-base": (24, 28, 34),
    "heat-right": (32, 84, 130),
    "heat-wrong": (176, 74, 30),
    "line-1": (92, 182, 255),
    "line-2": (255, 179, 71),
    "line-3": (105, 212, 160),
    "line-4": (232, 132, 190),
    "line-5": (240, 228, 96),
    "line-6": (255, 120, 96),
    "line-7": (170, 160, 255),
    "line-8": (190, 198, 206),
}

LIGHT: Palette = {
    "text": (30, 34, 40),
    "muted": (100, 108, 118),
    "axis": (100, 108, 118),
    "accent": (0, 92, 160),
    "train-faint": (112, 140, 172),
    "train": (0, 98, 178),
    "validation": (190, 90, 0),
    "right": (0, 120, 70),
    "wrong": (190, 50, 10),
    "positive": (200, 70, 10),
    "negative": (0, 88, 180),
    "middle": (255, 255, 255),
    "heat-base": (246, 247, 249),
    "heat-right": (150, 196, 240),
    "heat-wrong": (255, 176, 130),
    "line-1": (0, 98, 178),
    "line-2": (190, 90, 0),
    "line-3": (0, 122, 84),
    "line-4": (168, 40, 120),
    "line-5": (128, 112, 0),
    "line-6": (200, 40, 20),
    "line-7": (84, 70, 190),
    "line-8": (80, 86, 94),
}

MONO: Palette = dict.fromkeys(DARK)


def blended(base: RGB, top: RGB, share: float) -> RGB:
    """`base` with `share` (0…1) of `top` over it."""
    share = min(1.0, max(0.0, share))
    red, green, blue = (round(low + (high - low) * share) for low, high in zip(base, top, strict=True))
    return red, green, blue
