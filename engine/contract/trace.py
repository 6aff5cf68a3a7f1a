"""Every number on the way from logits to probabilities, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from engine.contract.quantities import Count, Place, Text, expect

Dtype = Literal["float16", "bfloat16", "float32", "float64"]
DTYPES: tuple[Dtype, ...] = ("float16", "bfloat16", "float32", "float64")

# Of exponentials, partition and probabilities; typed and shifted logits are marked where inf or nan only.
# "underflow": became 0 though the true value is not. "subnormal": below the dtype's smallest normal number,
# kept with fewer digits.
Mark = Literal["", "inf", "nan", "underflow", "subnormal"]

Column = tuple[float, ...]  # (batch,)
Rows = tuple[tuple[float, ...], ...]  # (batch, classes)
MarkColumn = tuple[Mark, ...]
MarkRows = tuple[tuple[Mark, ...], ...]


def shape_of(rows: Sequence[Sequence[object]]) -> tuple[int, ...]:
    """The length of each row."""
    return tuple(map(len, rows))


# How `errors` are defined, for people and scripts.
RELATIVE_ERROR = "|p − float64's| / float64's; below the smallest normal number, divided by that number instead"


class FirstBad(Struct, frozen=True):
    """Where the first bad number stands, counted from 0; `column` is −1 for a number of the whole row."""

    step: Literal["logits", "shift", "exponentials", "partition", "probabilities"]
    row: Count
    column: Place


class ImplementationTrace(Struct, frozen=True, kw_only=True):
    """What one implementation of softmax made of the logits, each step rounded to the dtype.

    `probabilities` = `exponentials` / `partition`, where `exponentials` = exp(`shifted`) and
    `shifted` = logits − `shift`. log-sum-exp subtracts the row maximum, then the logarithm of the sum:
    its `shift` is the sum of both, its `partition` 1. An implementation that is not the engine's own has no
    steps: there the first four and their marks are empty.

    `errors` compares with the row-max softmax in float64 on the logits as rounded to the dtype:
    |p − reference| / max(reference, smallest normal number), nan where p or the reference is. Below the
    smallest normal number the dtype has fewer digits, down to none, and no implementation is blamed for it;
    the probability is still marked. One that is 0 though the reference is not is `lost`: no figure says how far off.

    `explanation` is one sentence about the first bad number, which stands at `first_bad`; "" and None when
    nothing is wrong.
    """

    shift: Column
    shifted: Rows
    shifted_marks: MarkRows
    exponentials: Rows
    exponential_marks: MarkRows
    partition: Column
    partition_marks: MarkColumn
    probabilities: Rows
    probability_marks: MarkRows
    sums: Column  # of the probabilities of a row as they are, added in float64
    finite: bool  # all probabilities are
    errors: Rows
    row_errors: Column  # the largest of each row
    max_relative_error: float  # the largest of all
    first_bad: FirstBad | None = None
    explanation: Text = ""

    def __post_init__(self) -> None:
        expect(self.probabilities != (), "rows of probabilities")
        shape = shape_of(self.probabilities)
        for rows in (self.probability_marks, self.errors):
            expect(shape_of(rows) == shape, "a mark and an error for each probability")
        for column in (self.sums, self.row_errors):
            expect(len(column) == len(shape), "a sum and an error for each row")
        # An implementation that is not the engine's own has no steps.
        steps = shape if self.shift else ()
        for rows in (self.shifted, self.shifted_marks, self.exponentials, self.exponential_marks):
            expect(shape_of(rows) == steps, "each step for each logit")
        by_row = (self.shift, self.partition, self.partition_marks)
        expect(shape_of(by_row) == (len(steps),) * 3, "each step for each row")
        if self.first_bad is not None:
            expect(self.first_bad.row < len(shape), "the first bad number in one of the rows")
            expect(self.first_bad.column < len(self.probabilities[self.first_bad.row]), "the first bad number in a row")

    def lost(self, row: int, column: int) -> bool:
        """Whether a probability above 0 became 0."""
        return self.probability_marks[row][column] == "underflow"

    def worst_kept(self, row: int) -> float:
        """The largest error of a row among the probabilities that are not lost; 0 where all are."""
        kept = [error for column, error in enumerate(self.errors[row]) if not self.lost(row, column)]
        return next((error for error in kept if error != error), max(kept, default=0.0))


class SoftmaxTrace(Struct, frozen=True, kw_only=True):
    """The same logits through several implementations, by their names, in their order."""

    dtype: Dtype
    largest: float
    smallest_normal: float
    smallest: float  # the smallest number above 0, a subnormal
    typed: Rows  # the logits in float64
    logits: Rows  # as rounded to the dtype
    logit_marks: MarkRows
    reference: Rows  # probabilities in float64 of the logits as rounded
    exact: Rows  # and of the logits as typed
    rounding_errors: Rows  # by how much the reference is off the exact ones: no softmax can be blamed for that
    rounding: Text  # one sentence about the logits that were rounded, "" where that moves no probability by 1 %
    implementations: dict[Text, ImplementationTrace]

    def __post_init__(self) -> None:
        shape = shape_of(self.typed)
        expect(shape != () and 0 not in shape, "rows of logits")
        for rows in (self.logits, self.logit_marks, self.reference, self.exact, self.rounding_errors):
            expect(shape_of(rows) == shape, "each figure for each logit")
        for trace in self.implementations.values():
            expect(shape_of(trace.probabilities) == shape, "a probability for each logit")
