"""The logits that are played with: rows × classes, a cursor, a number type. Every change gives a new sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from engine.contract.trace import DTYPES, Dtype, Rows
from engine.numerics.presets import PRESETS, Preset

MOST_ROWS = 4
LEAST_CLASSES, MOST_CLASSES = 2, 10


@dataclass(frozen=True)
class Sheet:
    """`rows` is `(batch, classes)`; the cursor counts from 0; `preset` is the last one taken, −1 for none."""

    rows: Rows = ((2.0, 1.0, 0.1),)
    dtype: Dtype = "float32"
    row: int = 0
    column: int = 0
    preset: int = -1

    @property
    def classes(self) -> int:
        """How many logits a row has."""
        return len(self.rows[0])

    @property
    def logit(self) -> float:
        """The one under the cursor."""
        return self.rows[self.row][self.column]

    @property
    def untouched(self) -> Preset | None:
        """The preset whose logits and number type these still are."""
        if self.preset < 0:
            return None
        preset = PRESETS[self.preset]
        return preset if (preset.rows, preset.dtype) == (self.rows, self.dtype) else None

    def at(self, row: int, column: int) -> Sheet:
        """With the cursor there, or at the nearest cell there is."""
        row, column = max(0, min(row, len(self.rows) - 1)), max(0, min(column, self.classes - 1))
        return replace(self, row=row, column=column)

    def with_logit(self, value: float) -> Sheet:
        """With another number under the cursor."""
        cells = [list(row) for row in self.rows]
        cells[self.row][self.column] = value
        return replace(self, rows=tuple(map(tuple, cells)))

    def stepped(self, by: float) -> Sheet:
        """With `by` added to the logit under the cursor, without the noise that −102.03 + 1 has."""
        value = self.logit + by
        return self.with_logit(round(value, 10) if math.isfinite(value) else value)

    def with_row(self) -> Sheet:
        """With a copy of the row under the cursor below it; itself where there are enough."""
        if len(self.rows) == MOST_ROWS:
            return self
        rows = (*self.rows[: self.row + 1], *self.rows[self.row :])
        return replace(self, rows=rows).at(self.row + 1, self.column)

    def without_row(self) -> Sheet:
        """Without the row under the cursor; itself where it is the only one."""
        if len(self.rows) == 1:
            return self
        rows = (*self.rows[: self.row], *self.rows[self.row + 1 :])
        return replace(self, rows=rows, row=0).at(self.row, self.column)

    def with_class(self) -> Sheet:
        """With a logit of 0 in every row after the class under the cursor; itself where there are enough."""
        if self.classes == MOST_CLASSES:
            return self
        after = self.column + 1
        rows = tuple((*row[:after], 0.0, *row[after:]) for row in self.rows)
        return replace(self, rows=rows, column=after)

    def without_class(self) -> Sheet:
        """Without the class under the cursor; itself where there are no more than two."""
        if self.classes == LEAST_CLASSES:
            return self
        rows = tuple((*row[: self.column], *row[self.column + 1 :]) for row in self.rows)
        return replace(self, rows=rows, column=0).at(self.row, self.column)

    def with_preset(self, index: int) -> Sheet:
        """The preset of that number, with its number type."""
        preset = PRESETS[index]
        return Sheet(preset.rows, preset.dtype, preset=index)

    def with_next_preset(self) -> Sheet:
        """The preset after the last one taken, round and round."""
        return self.with_preset((self.preset + 1) % len(PRESETS))

    def with_next_dtype(self) -> Sheet:
        """The same logits in the next number type."""
        return replace(self, dtype=DTYPES[(DTYPES.index(self.dtype) + 1) % len(DTYPES)])
