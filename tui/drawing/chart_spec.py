"""What a chart shows, as data: its curves, its axes, and how its places are called."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tui.drawing.curves import Cell
from tui.drawing.square import Range

SHARE, LOSS = (0.0, 1.0), (0.0, math.inf)  # what a share and a loss cannot leave

Style = Literal["cloud", "faint", "line", "marks"]


@dataclass(frozen=True)
class Series:
    """One curve: `cloud` scatters dots, `faint` fills its range with them, `line` joins its means, `marks` sets `mark`
    at each.

    `mark` on a `line` is set along it, so that lines can be told apart without colour; `spare` is the
    sign of a line that has none where there is no braille. `cells` ascend in x. `called` is the curve's name where its
    values are read off and the legend does not have it; a curve with neither is not, nor one that is not to be `read`.
    """

    label: str
    cells: tuple[Cell, ...]
    style: Style = "line"
    role: str = "line-1"
    mark: str = ""
    spare: str = ""
    called: str = ""
    read: bool = True

    @property
    def name(self) -> str:
        """What it is called where its values are read off; "" where they are not."""
        return (self.called or self.label) if self.read else ""


@dataclass(frozen=True)
class ChartSpec:
    """What a chart shows. A range left out is that of the data; `empty` is said where there is nothing to draw.

    A linear y axis goes beyond a bound of `y_within` only as far as the data do. With `robust`, a few curves that lie
    far above the others do not squeeze them: they are marked at the upper edge.

    Ticks are `(value, label)` pairs, for an axis that is not to scale or has places with names; without them round
    numbers are chosen. `x_words` names a place where values are read off; without it the place is a number of
    `x_label`. Without `braille` each line is drawn with a sign of its own.
    """

    series: tuple[Series, ...]
    x_label: str = ""
    y_label: str = ""
    y_log: bool = False
    x_range: Range | None = None
    y_range: Range | None = None
    y_within: Range = (-math.inf, math.inf)
    robust: bool = False
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()
    x_words: Callable[[float], str] | None = None
    empty: str = "nothing to draw yet"
    braille: bool = True
