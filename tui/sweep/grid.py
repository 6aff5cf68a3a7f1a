"""A grid of two swept settings: a figure in every cell, and the sentence of the one under the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.verdicts.sweep_sentence import point_named, value_words
from tui.sweep.state import SweepState
from tui.sweep.table import (
    difference_words,
    effect_words,
    live_comparisons,
    live_summaries,
    loss_words,
)


@dataclass(frozen=True)
class GridCell:
    """`share` is how good it is: 1 the lowest loss there is, 0 the highest; None where there is no figure."""

    text: str
    share: float | None
    sentence: str


@dataclass(frozen=True)
class Grid:
    """Rows are the first setting's values, columns the second's."""

    corner: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[GridCell, ...], ...]


def grid_of(sweep: SweepState) -> Grid | None:
    """The mean validation loss of each pair so far; None where no grid was swept."""
    config = sweep.config
    if config is None or not config.second_parameter:
        return None
    known = {one.values: one for one in live_summaries(sweep)}
    found = live_comparisons(sweep)
    losses = [one.validation_loss for one in known.values() if one.seeds]
    names = [name.replace("_", " ") for name in config.parameters]

    def cell(point: tuple[int | float, ...]) -> GridCell:
        where = point_named(config, point)
        one = known.get(point)
        if one is None:
            begun = any(values == point for values, _ in sweep.members)
            return GridCell("...", None, f"{'not all seeds have ended' if begun else 'not begun yet'}: {where}")
        if not one.seeds:
            return GridCell("!div", None, f"{one.diverged} diverged: {where}")
        # The figures first: where there is little room the cursor says which pair it is.
        said = f"validation {loss_words(one.validation_loss)}"
        said += f", {one.validation_accuracy:.1%}"
        compared = found.get(point)
        if compared is not None and not compared.reference and not one.diverged:
            said += f", {difference_words(compared)}"
        if one.diverged:
            said += f", {one.diverged} diverged"
        elif effect := effect_words(compared):
            said += f" ({effect})"
        said += f": {where}"
        sign = "!" if one.diverged else ""
        return GridCell(f"{sign}{_short(one.validation_loss)}", _share(one.validation_loss, losses), said)

    return Grid(
        corner=f"{names[0]} \\ {names[1]}",
        rows=tuple(value_words(config.values).values()),
        columns=tuple(value_words(config.second_values).values()),
        cells=tuple(tuple(cell((first, second)) for second in config.second_values) for first in config.values),
    )


def _short(loss: float) -> str:
    return f"{loss:.3f}" if loss < 100 else f"{loss:.2g}"


def _share(loss: float, losses: Sequence[float]) -> float:
    """On the scale of logarithms, because one bad pair would make all others look alike."""
    low, high = min(losses), max(losses)
    if low <= 0 or not math.isfinite(high) or high <= low:
        return 1.0
    return 1.0 - math.log(loss / low) / math.log(high / low)
