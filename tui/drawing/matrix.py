"""A square matrix of counts as lines: numbers in cells, with how much each weighs in its row as shade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from tui.drawing.plain import padded, plain

Counts = Sequence[Sequence[int]]


class MatrixCell(NamedTuple):
    """Text of a fixed width. `share` (0…1) is the part of its row, `None` for labels and blanks."""

    text: str
    share: float | None
    row: int = -1
    column: int = -1


@dataclass(frozen=True)
class MatrixView:
    """Which part of a matrix fits into a room, and how wide its labels and cells are."""

    top: int
    left: int
    rows: int
    columns: int
    names: int
    cell: int


def digits_of(counts: Counts) -> int:
    """How many digits the greatest count has."""
    return len(str(max((max(row, default=0) for row in counts), default=0)))


def view_of(
    labels: Sequence[str], digits: int, width: int, height: int, cursor: tuple[int, int], corner: tuple[int, int]
) -> MatrixView:
    """The view that shows the cursor and moves least from the one with that top left `corner`.

    `width` and `height` are the room in characters, a row of which is the heading.
    """
    size = len(labels)
    names = min(max((cell_len(plain(label, 14)) for label in labels), default=1), max(3, width // 4))
    # As wide as there is room for, so that the labels above can be read, but never beyond need.
    cell = max(digits + 2, min(9, (width - names - 1) // max(1, size)))
    columns = max(1, min(size, (width - names - 1) // cell))
    rows = max(1, min(size, height - 1))
    return MatrixView(
        top=_scrolled(corner[0], rows, size, cursor[0]),
        left=_scrolled(corner[1], columns, size, cursor[1]),
        rows=rows,
        columns=columns,
        names=names,
        cell=cell,
    )


def matrix_lines(counts: Counts, labels: Sequence[str], view: MatrixView) -> list[list[MatrixCell]]:
    """The heading with the predicted labels, then a line for each true label."""
    across = range(view.left, view.left + view.columns)
    corner = padded("true\\said", view.names + 1)
    lines = [[MatrixCell(corner, None), *(MatrixCell(_head(labels[j], view.cell), None) for j in across)]]
    for i in range(view.top, view.top + view.rows):
        total = sum(counts[i])
        line = [MatrixCell(padded(labels[i], view.names) + " ", None)]
        for j in across:
            count = counts[i][j]
            text = f"{count or '·':>{view.cell - 1}} "
            line.append(MatrixCell(text, count / total if total else 0.0, i, j))
        lines.append(line)
    return lines


def cell_sentence(counts: Counts, labels: Sequence[str], row: int, column: int) -> str:
    """What one cell says: `Shirt taken for Coat: 123 of 1,000 (12.3 %)`. Empty where there is no such cell."""
    if not (0 <= row < len(counts) and 0 <= column < len(counts)):
        return ""
    count, total = counts[row][column], sum(counts[row])
    true, said = plain(labels[row], 24), plain(labels[column], 24)
    share = f" ({100 * count / total:.1f} %)" if total else ""
    what = f"{true} recognised" if row == column else f"{true} taken for {said}"
    return f"{what}: {count:,} of {total:,}{share}"


def _head(label: str, cell: int) -> str:
    """The start of a label. A sign for what was cut would cost one of its few letters."""
    shown = plain(label)
    return padded(set_cell_size(shown, min(cell_len(shown), cell - 1)).rstrip(), cell - 1, right=True) + " "


def _scrolled(start: int, shown: int, size: int, cursor: int) -> int:
    start = min(max(start, cursor - shown + 1), cursor)
    return max(0, min(start, size - shown))
