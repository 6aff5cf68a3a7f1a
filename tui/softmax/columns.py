"""Where the columns of the playground's tables stand: all of them share one arrangement."""

from __future__ import annotations

from dataclasses import dataclass

LABEL = 13  # cells; "▸log-sum-exp "
TAIL = 18  # cells, for the sum of a row, its worst error and a margin
LEAST_CELL, MOST_CELL = 9, 13


@dataclass(frozen=True)
class Columns:
    """Classes `first … first + count − 1` of `total`, each `cell` wide, between a label and a tail."""

    first: int
    count: int
    total: int
    cell: int

    @property
    def shown(self) -> range:
        """The classes that have a column."""
        return range(self.first, self.first + self.count)

    @property
    def width(self) -> int:
        """Of the whole table."""
        return LABEL + self.count * self.cell + TAIL

    @property
    def hidden_words(self) -> str:
        """Says which classes are shown where some are not, "" else; counted from 1."""
        if self.count == self.total:
            return ""
        return f" {self.first + 1}–{self.first + self.count} of {self.total}"

    def left_of(self, column: int) -> int:
        """The first cell of a class's column."""
        return LABEL + (column - self.first) * self.cell

    def at(self, x: int) -> int | None:
        """The class whose column covers cell `x`."""
        index = (x - LABEL) // self.cell
        return self.first + index if 0 <= index < self.count else None


def columns_for(width: int, total: int, cursor: int) -> Columns:
    """As many classes as fit into `width` cells, the one under the cursor among them."""
    room = max(LEAST_CELL, width - LABEL - TAIL)
    count = min(total, room // LEAST_CELL)
    first = max(0, min(cursor - count + 1, total - count))
    return Columns(first, count, total, min(MOST_CELL, room // count))
