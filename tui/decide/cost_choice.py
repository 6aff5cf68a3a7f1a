"""Which costs are looked at in Decide: two prices, a ready-made matrix, one from a file, or one edited by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.contract.cost_matrix import (
    FALSE_ALARM,
    MISS,
    PRESET_NAMES,
    CostMatrix,
    CostRows,
    miss_and_false_alarm,
    preset,
)

EDITED = "costs edited by hand"


@dataclass(frozen=True)
class CostChoice:
    """`rows`, else the matrix called `preset`, else the two prices. `path` is the file whose `rows` are unchanged."""

    miss: float = MISS
    false_alarm: float = FALSE_ALARM
    preset: str = ""
    rows: CostRows | None = None
    title: str = ""
    path: str = ""

    @property
    def of_two_prices(self) -> bool:
        """Whether a miss and a false alarm are all that costs."""
        return not self.preset and self.rows is None

    @property
    def name(self) -> str:
        """What the key that goes through the presets calls it."""
        if self.rows is not None:
            return "edited" if not self.path else "file"
        return self.preset or "miss and false alarm"

    def matrix(self, classes: int, positive: int, label: str) -> CostMatrix:
        """The costs (classes, classes), where class `positive` is called `label`."""
        if self.rows is not None:
            return CostMatrix(title=self.title, rows=self.rows)
        if self.preset:
            return preset(self.preset, classes, positive, label)
        return miss_and_false_alarm(classes, positive, label, self.miss, self.false_alarm)

    def next_preset(self) -> CostChoice:
        """Two prices, then each ready-made matrix, around; what was read or edited is left behind."""
        names = ("", *PRESET_NAMES)
        place = names.index(self.preset) if self.rows is None else -1
        return replace(self, preset=names[(place + 1) % len(names)], rows=None, title="", path="")

    def with_prices(self, miss: float, false_alarm: float) -> CostChoice:
        """Two prices, in place of any matrix."""
        return CostChoice(miss=miss, false_alarm=false_alarm)

    def with_file(self, matrix: CostMatrix, path: str) -> CostChoice:
        """The matrix that was read from `path`."""
        return replace(self, preset="", rows=matrix.rows, title=matrix.title, path=path)

    def with_cell(self, matrix: CostMatrix, row: int, column: int, cost: float) -> CostChoice:
        """`matrix`, which is the one that is shown, with one other cost."""
        line = (*matrix.rows[row][:column], cost, *matrix.rows[row][column + 1 :])
        rows = (*matrix.rows[:row], line, *matrix.rows[row + 1 :])
        return replace(self, preset="", rows=rows, title=EDITED, path="")
