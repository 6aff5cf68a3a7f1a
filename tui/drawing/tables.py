"""Tables of text, aligned by the cells that characters take on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from tui.drawing.plain import padded, plain
from tui.drawing.wrapping import wrap

Row = Sequence[str]


class TableLine(NamedTuple):
    """A line of a table, and which row it belongs to: 0 is the header, 1 the first row."""

    row: int
    text: str


def table(header: Row, rows: Sequence[Row], left: int = 1, gap: str = "  ") -> list[str]:
    """The header and the rows as lines; the first `left` columns are flush left, the others flush right."""
    whole = [[plain(text) for text in row] for row in (header, *rows)]
    return [line.text for line in _lines(whole, _natural(whole), left, gap)]


def fitted_table(header: Row, rows: Sequence[Row], width: int, left: int = 1, keys: int = 1) -> list[TableLine]:
    """The same in lines of at most `width` cells, with nothing left out.

    What is too wide gets, in this order, a header of several lines, wrapped text, gaps of one blank, and at last its
    columns below each other, where the first `keys` say again which row it is.
    """
    whole = [[plain(text) for text in row] for row in (header, *rows)]
    for gap in ("  ", " "):
        for most in (_natural(whole), _least(whole, 1), _least(whole, len(whole))):
            if (widths := _shared(_natural(whole), most, width - len(gap) * (len(header) - 1))) is not None:
                return list(_lines(whole, widths, left, gap))
    return list(_below_each_other(whole, width, left, keys))


def centred(text: str, width: int) -> str:
    """A text in the middle of so many cells, cut where it is longer."""
    text = plain(text, width)
    return padded(" " * ((width - cell_len(text)) // 2) + text, width)


def _natural(whole: Sequence[Row]) -> list[int]:
    return [max(map(cell_len, column)) for column in zip(*whole, strict=True)]


def _least(whole: Sequence[Row], wrapped: int) -> list[int]:
    """The least widths, where the cells of the first `wrapped` rows may be wrapped between words."""
    return [
        max(
            max(map(cell_len, text.split()), default=0) if row < wrapped else cell_len(text)
            for row, text in enumerate(column)
        )
        for column in zip(*whole, strict=True)
    ]


def _shared(natural: Sequence[int], least: Sequence[int], room: int) -> list[int] | None:
    """Widths that make up `room` at most: the widest column gives first. None where the least ones are too wide."""
    if sum(least) > room:
        return None
    widths = list(natural)
    while sum(widths) > room:
        widest = max((c for c in range(len(widths)) if widths[c] > least[c]), key=lambda c: widths[c] - least[c])
        widths[widest] -= 1
    return widths


def _lines(whole: Sequence[Row], widths: Sequence[int], left: int, gap: str) -> Iterator[TableLine]:
    for number, row in enumerate(whole):
        cells = [_wrapped(text, width) for text, width in zip(row, widths, strict=True)]
        for line in range(max(map(len, cells))):
            texts = []
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                # Words in several lines read from the left; the header stands over its figures.
                right = column >= left and (number == 0 or len(cell) == 1)
                texts.append(padded(cell[line] if line < len(cell) else "", width, right=right))
            yield TableLine(number, gap.join(texts).rstrip())


def _wrapped(text: str, width: int) -> list[str]:
    """A cell in lines; where its words alone fit, the blanks around them go."""
    text = text if cell_len(text) <= width else text.strip()
    return wrap(text, max(2, width)) if text else [""]


def _below_each_other(whole: Sequence[Row], width: int, left: int, keys: int) -> Iterator[TableLine]:
    """Parts with as many columns as there is room for, each behind the first `keys` columns."""
    keys = keys if sum(_least([row[:keys] for row in whole], len(whole))) + keys <= width // 2 else 1
    start = keys
    while start < len(whole[0]) or start == keys:
        end = start + 1
        while end < len(whole[0]) and _widths([[*row[:keys], *row[start : end + 1]] for row in whole], width):
            end += 1
        part = [[*row[:keys], *row[start:end]] for row in whole]
        if start > keys:
            yield TableLine(0, "")
        yield from _lines(part, _widths(part, width) or _broken(part, width), max(keys, left - start + keys), " ")
        start = end


def _widths(part: Sequence[Row], width: int) -> list[int] | None:
    return _shared(_natural(part), _least(part, len(part)), width - (len(part[0]) - 1))


def _broken(part: Sequence[Row], width: int) -> list[int]:
    """Widths for which words must be broken: each column has the same."""
    natural, room = _natural(part), width - (len(part[0]) - 1)
    share = max(2, room // len(natural))
    return _shared(natural, [min(one, share) for one in natural], room) or [share] * len(natural)
