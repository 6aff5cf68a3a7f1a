"""How large pictures are of which so many are wanted in a room, and what their captions have."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textual.geometry import Size

from tui.drawing.pixels import fitting
from tui.widgets.picture_view import MARGIN

# How wide pictures may be drawn, the widest first: Fashion-MNIST as it is, and down to less than half.
PICTURE_COLUMNS = range(28, 11, -2)
CAPTION_LINES = 2
MOST_CAPTION_LINES = 3  # where the rows are there anyway


class Fit(NamedTuple):
    """How pictures share a room: `tile` is what each takes with its captions, all as (rows, columns)."""

    picture: tuple[int, int]
    tile: tuple[int, int]
    grid: tuple[int, int]


@lru_cache(maxsize=64)
def fit(shape: tuple[int, int], room: Size, wanted: int) -> Fit:
    """The largest pictures of which `wanted` fit; where so many never do, what covers most of the room."""
    fits = [_shared(fitting(*shape, columns, columns), room) for columns in PICTURE_COLUMNS]
    enough = next((one for one in fits if one.grid[0] * one.grid[1] >= wanted and _covered(one, room) > 0), None)
    return enough or max(fits, key=lambda one: _covered(one, room))


def _shared(picture: tuple[int, int], room: Size) -> Fit:
    """The room in as many equal tiles as hold a picture of that size."""
    rows, columns = picture[0] + CAPTION_LINES, picture[1] + MARGIN
    down, across = max(1, room.height // rows), max(1, room.width // columns)
    return Fit(picture, (max(rows, room.height // down), max(columns, room.width // across)), (down, across))


def _covered(fit: Fit, room: Size) -> int:
    """How much of the room pictures cover that are not cut off; the less they are, the fewer cells are cut."""
    rows, columns = fit.picture[0] + CAPTION_LINES, fit.picture[1] + MARGIN
    missing = max(0, rows - room.height) + max(0, columns - room.width)
    return -missing if missing else fit.grid[0] * fit.grid[1] * fit.picture[0] * fit.picture[1]
