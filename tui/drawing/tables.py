"""Tables of text, aligned by the cells that characters take on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui.drawing.plain import padded, plain


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, gap: str = "  ") -> list[str]:
    """The header and the rows as lines; the first `left` columns are flush left, the others flush right."""
    widths = [max(cell_len(plain(row[column])) for row in (header, *rows)) for column in range(len(header))]
    return [
        gap.join(
            padded(text, width, right=column >= left)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (header, *rows)
    ]


def centred(text: str, width: int) -> str:
    """A text in the middle of so many cells, cut where it is longer."""
    text = plain(text, width)
    return padded(" " * ((width - cell_len(text)) // 2) + text, width)
