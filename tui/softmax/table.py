"""The playground's tables as lines, in columns that all share: logits, what each softmax makes of them, its steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.contract.pairs import ENGINES_SOFTMAXES
from engine.contract.trace import DTYPES, ImplementationTrace, Mark, SoftmaxTrace
from engine.numerics.presets import PRESETS
from tui.drawing.numbers import LOST, MINUS, SIGN_WORDS, error_words, logit, marked, number
from tui.drawing.spans import Line, Run
from tui.softmax.sheet import Sheet

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


# While the engine has not answered yet.
NAMES: tuple[str, ...] = ENGINES_SOFTMAXES
_ROLES: dict[Mark, str] = {"": "text", "inf": "wrong", "nan": "wrong", "underflow": "unsure", "subnormal": "unsure"}
# Off by more than these many epsilon, or this much, is not what rounding does; as `softmax-tui softmax` judges.
_EPSILONS, _SMALL_ERROR = 64, 1e-6


def judged_right(error: float, trace: SoftmaxTrace) -> bool:
    """Whether an error against float64 is no more than rounding to the dtype does."""
    return error <= max(_EPSILONS * trace.smallest / trace.smallest_normal, _SMALL_ERROR)


def worst_words(trace: SoftmaxTrace, one: ImplementationTrace, row: int) -> str:
    """The largest error of a row; "lost" where a probability is that the dtype could have held."""
    kept = one.worst_kept(row)
    lost_most = not judged_right(one.row_errors[row], trace) and judged_right(kept, trace)
    return LOST if lost_most else error_words(kept)


def heading_line(columns: Columns, cursor: int) -> Line:
    """The classes by number, counted from 1 as the engine's sentences do."""
    runs = [Run(columns.hidden_words.ljust(LABEL)[:LABEL], "muted")]
    for column in columns.shown:
        role = "accent" if column == cursor else "muted"
        runs.append(Run(f"class {column + 1}".rjust(columns.cell), role))
    runs.append(Run(f"{'sum':>8}{'worst':>9}", "muted"))
    return tuple(runs)


def logit_lines(sheet: Sheet, columns: Columns) -> list[Line]:
    """The logits as typed, one line a row, with the cursor in one of them."""
    lines = []
    for row, logits in enumerate(sheet.rows):
        here = row == sheet.row
        label = f"{'▸' if here else ' '}row {row + 1}" if len(sheet.rows) > 1 else " logits"
        runs = [Run(label.ljust(LABEL), "accent" if here else "text")]
        for column in columns.shown:
            text = logit(logits[column], columns.cell - 2)
            at_cursor = here and column == sheet.column
            space = columns.cell - len(text) - 2
            runs += [Run(" " * (space + 1), "text"), Run(f" {text}", "cursor" if at_cursor else "text")]
        lines.append(tuple(runs))
    return lines


def implementation_lines(trace: SoftmaxTrace | None, sheet: Sheet, columns: Columns, selected: str) -> list[Line]:
    """One line an implementation: the probabilities of the row under the cursor, their sum, the worst error."""
    names = NAMES if trace is None else tuple(trace.implementations)
    lines = []
    for name in names:
        here = name == selected
        label = Run(f"{'▸' if here else ' '}{name}".ljust(LABEL)[:LABEL], "accent" if here else "text")
        if trace is None or sheet.row >= len(trace.logits):
            lines.append((label, *(Run("·".rjust(columns.cell), "muted") for _ in columns.shown)))
            continue
        one, row = trace.implementations[name], sheet.row
        cells = [run for column in columns.shown for run in _probability(trace, one, row, column, columns.cell)]
        role = "right" if judged_right(one.row_errors[row], trace) else "wrong"
        tail = [Run(number(one.sums[row], 7).rjust(8), "text"), Run(worst_words(trace, one, row).rjust(9), role)]
        lines.append((label, *cells, *tail))
    return lines


def _probability(trace: SoftmaxTrace, one: ImplementationTrace, row: int, column: int, width: int) -> Line:
    if column >= len(one.probabilities[row]):
        return (Run(" " * width, "text"),)
    wrong = one.first_bad is not None and not judged_right(one.errors[row][column], trace)
    mark = one.probability_marks[row][column]
    text = marked(one.probabilities[row][column], mark, width - 1, wrong)
    bad = one.first_bad
    if bad is not None and (bad.row, bad.column) == (row, column):
        return _cell(text, width, "first-bad")
    return _cell(text, width, "wrong" if wrong else _ROLES[mark])


def _cell(text: str, width: int, role: str) -> Line:
    return Run(" " * (width - len(text)), "text"), Run(text, role)


def step_lines(trace: SoftmaxTrace, name: str, row: int, columns: Columns) -> list[Line]:
    """Every number on one implementation's way, for one row of logits, and how far off the end is."""
    one = trace.implementations[name]
    of_row = f", row {row + 1}" if len(trace.logits) > 1 else ""
    lines: list[Line] = [(Run(f" {name}{of_row}, step by step".ljust(columns.width), "title"),)]

    def add(label: str, cell: Callable[[int], Line], tail: str, tail_role: str = "text") -> None:
        cells = [run for column in columns.shown for run in cell(column)]
        lines.append((Run(f" {label}".ljust(LABEL), "muted"), *cells, Run(tail.rjust(TAIL - 1), tail_role)))

    def numbers(values: Sequence[float], marks: Sequence[Mark], step: str) -> Callable[[int], Line]:
        return lambda column: _stepping(values, marks, column, columns.cell, _is_first_bad(one, step, row, column))

    add("logits", numbers(trace.logits[row], trace.logit_marks[row], "logits"), f"as {trace.dtype}", "muted")
    if one.shift:
        shift = "first-bad" if _is_first_bad(one, "shift", row, -1) else "text"
        partition_role = "first-bad" if _is_first_bad(one, "partition", row, -1) else _ROLES[one.partition_marks[row]]
        add("− shift", numbers(one.shifted[row], one.shifted_marks[row], ""), f"− {number(one.shift[row], 9)}", shift)
        exponentials = numbers(one.exponentials[row], one.exponential_marks[row], "exponentials")
        add("exp", exponentials, f"Σ {marked(one.partition[row], one.partition_marks[row], 10)}", partition_role)
    probabilities = numbers(one.probabilities[row], one.probability_marks[row], "probabilities")
    add("÷ Σ" if one.shift else "probability", probabilities, f"sum {number(one.sums[row], 9)}")
    reference, exact = trace.reference[row], trace.exact[row]
    add("in float64", numbers(reference, [""] * len(reference), ""), "the right value", "muted")
    if trace.rounding:
        add("as typed", numbers(exact, [""] * len(exact), ""), "before rounding", "muted")
    worst = worst_words(trace, one, row)
    add("off by", lambda column: _error(one, row, column, columns.cell, trace), f"worst {worst}")
    width = LABEL + columns.cell * len(columns.shown) + TAIL - 1
    lines.append((Run(f" {definition(trace)}".ljust(width)[:width], "muted"),))
    return lines


def definition(trace: SoftmaxTrace) -> str:
    """What "off by" means, with the number that a difference is divided by where float64 says less."""
    return f"off by = |p − p64| ÷ max(p64, {number(trace.smallest_normal, 7)}), with p64 computed in float64"


def _is_first_bad(one: ImplementationTrace, step: str, row: int, column: int) -> bool:
    bad = one.first_bad
    return bad is not None and (bad.step, bad.row, bad.column) == (step, row, column)


def _stepping(values: Sequence[float], marks: Sequence[Mark], column: int, width: int, bad: bool) -> Line:
    text = marked(values[column], marks[column], width - 1)
    return _cell(text, width, "first-bad" if bad else _ROLES[marks[column]])


def _error(one: ImplementationTrace, row: int, column: int, width: int, trace: SoftmaxTrace) -> Line:
    error = one.errors[row][column]
    role = "muted" if judged_right(error, trace) else "wrong"
    return _cell(LOST if one.lost(row, column) else error_words(error), width, role)


_PRESETS_FROM = 1
_DTYPES_FROM = _PRESETS_FROM + len(PRESETS) + 2


def choice_lines(sheet: Sheet, trace: SoftmaxTrace | None) -> list[Line]:
    """Headings, choices with a mark at the one that is taken, and what the number type holds."""
    lines: list[Line] = [(Run("  presets", "title"),)]
    lines += [_choice(preset.title, preset is sheet.untouched) for preset in PRESETS]
    lines += [(), (Run("  number types", "title"),)]
    lines += [_choice(dtype, dtype == sheet.dtype) for dtype in DTYPES]
    lines.append(())
    if trace is not None:
        lines += [(Run(f"  {line}", "muted"),) for line in limits(trace)]
    return [*lines, (), *((Run(f"  {sign} {words}", "muted"),) for sign, words in SIGN_WORDS.items())]


def choice_at(y: int) -> tuple[str, int] | None:
    """What stands in line `y`: `("preset", index)`, `("dtype", index)`, or nothing to choose."""
    if _PRESETS_FROM <= y < _PRESETS_FROM + len(PRESETS):
        return "preset", y - _PRESETS_FROM
    if _DTYPES_FROM <= y < _DTYPES_FROM + len(DTYPES):
        return "dtype", y - _DTYPES_FROM
    return None


def _choice(text: str, taken: bool) -> Line:
    return (Run(f"{'▸' if taken else ' '} {text}", "accent" if taken else "text"),)


def limits(trace: SoftmaxTrace) -> list[str]:
    """What a number type holds, and the logits whose exp leaves it."""
    numbers = (("largest", trace.largest), ("smallest normal", trace.smallest_normal), ("smallest", trace.smallest))
    return [
        f"{name:<15} {number(value, 8):>8} = exp({math.log(value):.2f})".replace("(-", f"({MINUS}")
        for name, value in numbers
    ]
