"""The losses of a run in a bounded number of cells that keep its shape.

A cell stands for a fixed stretch of minibatches, decided by the length of the run alone. Whatever way the stream of
losses is cut into events, a minibatch lands in the same cell, so that merging events changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from engine.contract.quantities import Count

MOST_CELLS = 4096


class LossCell(Struct, frozen=True, array_like=True):
    """The losses of the minibatches `index * width … (index + 1) * width` seen so far.

    `count` of them were finite, `non_finite` were not. `total`, `low` and `high` are of the finite ones.
    """

    index: Count
    count: Count
    non_finite: Count
    total: float
    low: float
    high: float
    last: float

    @property
    def mean(self) -> float:
        """The mean of the finite losses, nan where there is none."""
        return self.total / self.count if self.count else math.nan


def cell_width(minibatches: int) -> int:
    """How many minibatches share a cell in a run of that many.

    A power of two, so that the cells of a run that goes on for longer are made of whole cells of the shorter one.
    """
    width = 1
    while width * MOST_CELLS < minibatches:
        width *= 2
    return width


def cells_of(losses: Sequence[float], position: int, width: int) -> tuple[LossCell, ...]:
    """The losses of consecutive minibatches, the first of which is number `position` of the run, as cells."""
    cells = []
    start = 0
    while start < len(losses):
        index = (position + start) // width
        end = min(len(losses), (index + 1) * width - position)
        cells.append(_cell(index, losses[start:end]))
        start = end
    return tuple(cells)


def joined(left: tuple[LossCell, ...], right: tuple[LossCell, ...]) -> tuple[LossCell, ...]:
    """Two runs of cells, the second following the first, as one."""
    if left and right and left[-1].index == right[0].index:
        return (*left[:-1], _merged(left[-1], right[0]), *right[1:])
    return left + right


def without_after(cells: Iterable[LossCell], position: int, width: int) -> tuple[LossCell, ...]:
    """The cells that hold nothing of minibatch number `position` or later."""
    return tuple(cell for cell in cells if (cell.index + 1) * width <= position)


def in_cells_of(cells: Iterable[LossCell], width: int, new_width: int) -> tuple[LossCell, ...]:
    """Losses in cells of `width` minibatches as cells of `new_width`.

    Exact where the new width is a multiple. Else a cell cannot be taken apart: it counts wholly where its first
    minibatch lies, and the curve moves by less than the old width.
    """
    return tuple(
        replace(reduce(_merged, group), index=index)
        for index, group in groupby(cells, key=lambda cell: cell.index * width // new_width)
    )


def _cell(index: int, losses: Sequence[float]) -> LossCell:
    finite = [loss for loss in losses if math.isfinite(loss)]
    return LossCell(
        index=index,
        count=len(finite),
        non_finite=len(losses) - len(finite),
        total=_sum(finite),
        low=min(finite, default=math.inf),
        high=max(finite, default=-math.inf),
        last=losses[-1],
    )


def _sum(losses: Sequence[float]) -> float:
    """Exact; infinite where it is too large for a float, as adding one by one has it."""
    try:
        return math.fsum(losses)
    except OverflowError:
        return sum(losses)


def _merged(left: LossCell, right: LossCell) -> LossCell:
    return LossCell(
        index=left.index,
        count=left.count + right.count,
        non_finite=left.non_finite + right.non_finite,
        total=left.total + right.total,
        low=min(left.low, right.low),
        high=max(left.high, right.high),
        last=right.last,
    )
