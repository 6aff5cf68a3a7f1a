"""Images side by side as text, what they are and what they were taken for under each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from engine.contract.answers import Mistake
from engine.contract.events import DatasetInfo
from tui.cli.page import Page
from tui.drawing.palette import RGB
from tui.drawing.pixels import Blocks, DrawnRow, PixelStyle, drawn, fitting
from tui.drawing.tables import centred
from tui.drawing.wrapping import wrap

_LEAST_CELL = 24  # columns: "ankle boot → T-shirt" stands under the picture
_GAP = 4
_MOST_ROWS = 28


def drawable(style: str, page: Page) -> PixelStyle:
    """The style, or ascii where half blocks would have no colours, or nothing but ASCII arrives."""
    if style == "half" and page.colour and page.unicode:
        return "half"
    return "braille" if style == "braille" and page.unicode else "ascii"


def write_gallery(shown: Sequence[Mistake], info: DatasetInfo, style: PixelStyle, page: Page) -> None:
    """As many pictures on a line as the page is wide; only the captions where the inputs are no pictures."""
    across = max(1, (page.width + _GAP) // (_LEAST_CELL + _GAP))
    cell = min(page.width, (page.width + _GAP) // across - _GAP)
    for start in range(0, len(shown), across):
        group = shown[start : start + across]
        for rows in zip_longest(*(_picture(mistake, info, style, cell) for mistake in group)):
            texts = [_painted(row, page) if row else " " * cell for row in rows]
            page.raw((" " * _GAP).join(texts).rstrip() + "\n")
        pairs = [page.legible(_names(mistake, info.label_names)) for mistake in group]
        for words, options in ((pairs, "bold"), ([_figures(mistake) for mistake in group], "dim")):
            for texts_of_line in zip_longest(*(wrap(text, cell) for text in words), fillvalue=""):
                line = (" " * _GAP).join(centred(text, cell) for text in texts_of_line).rstrip()
                page.raw(page.styled(line, options) + "\n")
        page.line()


def _names(mistake: Mistake, names: tuple[str, ...]) -> str:
    return f"{names[mistake.true]} → {names[mistake.predicted]}"


def _figures(mistake: Mistake) -> str:
    if not mistake.is_scored:
        return f"#{mistake.index}"
    return f"#{mistake.index} p {mistake.probability:.2f} loss {mistake.loss:z.3g}"


def _picture(mistake: Mistake, info: DatasetInfo, style: PixelStyle, cell: int) -> list[DrawnRow]:
    """The rows of a picture in the middle of `cell` columns."""
    if not mistake.pixels:
        return []
    widest = min(cell, max(info.image_width, _LEAST_CELL))
    rows, columns = fitting(info.image_height, info.image_width, _MOST_ROWS, widest)
    left = (cell - columns) // 2
    margins = Blocks(" " * left, None, None), Blocks(" " * (cell - columns - left), None, None)
    picture = drawn(style, mistake.pixels, info.image_height, info.image_width, rows, columns)
    return [(margins[0], *row, margins[1]) for row in picture]


def _painted(row: DrawnRow, page: Page) -> str:
    return "".join(
        stretch.text
        if not page.colour or (stretch.foreground is None and stretch.background is None)
        else f"\x1b[{';'.join(_codes(stretch))}m{stretch.text}\x1b[0m"
        for stretch in row
    )


def _codes(stretch: Blocks) -> list[str]:
    def code(layer: int, color: RGB | None) -> list[str]:
        return [] if color is None else [f"{layer};2;{color[0]};{color[1]};{color[2]}"]

    return code(38, stretch.foreground) + code(48, stretch.background)
