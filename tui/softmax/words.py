"""What is to be seen in the playground, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from engine.contract.pairs import YOURS
from engine.contract.trace import ImplementationTrace, SoftmaxTrace
from engine.verdicts.figures import is_factor, off_words
from engine.verdicts.naming import listed
from tui.drawing.numbers import MINUS, SIGN_WORDS, error_words, marked, number, with_minus
from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run, text_of
from tui.softmax.table import judged_right

# Said of an implementation that did nothing wrong.
_HOW = {
    "naive": "takes exp of the logits directly. No logit here is too large or too small for exp.",
    "global-max": "subtracts the largest logit of all rows first. No row here lies far below that logit.",
    "row-max": "subtracts the maximum of the row first, so the largest exponential is exactly 1.",
    "log-sum-exp": "subtracts the maximum and the logarithm of the sum, so exp gives the probability.",
}
_LARGE = 100.0  # the input that the exercise names


def first_wrong(trace: SoftmaxTrace) -> str:
    """The first implementation that has something wrong, else the first of all."""
    wrong = [name for name, one in trace.implementations.items() if one.first_bad is not None]
    return wrong[0] if wrong else next(iter(trace.implementations))


def explanation(trace: SoftmaxTrace, name: str, judged: str = "") -> str:
    """The engine's sentence about the first bad number, or how the implementation avoids one.

    Of a user's own it is `judged`: what is said of it wherever it was tried, and names the slip.
    """
    one = trace.implementations[name]
    if name == YOURS and judged:
        return f"{name}: {judged}."
    if one.explanation:
        return f"{name}: {plain(with_minus(one.explanation))}."
    return f"{name}: {_HOW.get(name, 'right for these logits.')}"


def answered(trace: SoftmaxTrace, row: int) -> frozenset[str]:
    """Which sub-questions of exercise 1 a row of logits answers, with what each implementation makes of it."""
    largest = max(trace.logits[row])
    fixes = [trace.implementations[name] for name in ("row-max", "log-sum-exp") if name in trace.implementations]
    broke = not judged_right(trace.implementations["naive"].row_errors[row], trace)
    fixed = broke and any(judged_right(one.row_errors[row], trace) for one in fixes)
    met = (("1a", largest >= _LARGE), ("1b", largest <= -_LARGE), ("1c", fixed))
    return frozenset(question for question, seen in met if seen)


def verdict(trace: SoftmaxTrace) -> str:
    """What rounding the logits did, which implementations are wrong, and whether that is seen without comparing."""
    return f"{plain(with_minus(trace.rounding))}. {_compared(trace)}" if trace.rounding else _compared(trace)


def _compared(trace: SoftmaxTrace) -> str:
    wrong = {name: one for name, one in trace.implementations.items() if one.first_bad is not None}
    count = len(trace.implementations)
    if not wrong:
        each = [one.worst_kept(row) for one in trace.implementations.values() for row in range(len(one.errors))]
        of = "float64 on the rounded logits" if trace.rounding else "float64"
        return f"All {_counted(count)} agree with {of}: the worst error is {error_words(max(each))}."
    loud = [name for name, one in wrong.items() if not one.finite]
    silent = [_silently(name, one) for name, one in wrong.items() if one.finite]
    if len(loud) == count:
        return f"All {_counted(count)} give nan: no shift helps for these logits."
    said = [f"{listed(loud)} give{'s' if len(loud) == 1 else ''} nan."] if loud else []
    if silent:
        said.append(f"Wrong without a nan: {listed(silent)}.")
    if loud and not silent:
        right = [name for name in trace.implementations if name not in wrong]
        said[0] = f"{said[0][:-1]}; {listed(right)} {'is' if len(right) == 1 else 'are'} right."
    return " ".join(said)


def _silently(name: str, one: ImplementationTrace) -> str:
    errors = one.row_errors
    worst = max(range(len(errors)), key=errors.__getitem__)
    of_row = f" in row {worst + 1}" if len(errors) > 1 else ""
    lost = [column for column, error in enumerate(one.errors[worst]) if one.lost(worst, column)]
    if lost and errors[worst] > one.worst_kept(worst):
        return f"{name} sums to {one.sums[worst]:.3g}{of_row} but loses probability {lost[0] + 1}"
    verb = "gives a number" if is_factor(errors[worst]) else "is"
    return f"{name} sums to {one.sums[worst]:.3g}{of_row} but {verb} {off_words(errors[worst])}"


def where_it_holds(trace: SoftmaxTrace, offsets: Sequence[float], errors: Mapping[str, Sequence[float]]) -> str:
    """Between which offsets the implementations that break anywhere are right; "" where none breaks."""
    said = []
    for name, values in errors.items():
        holds = [judged_right(error, trace) for error in values]
        if all(holds):
            continue
        span = _longest(holds)
        said.append(f"{name} {'nowhere' if span is None else _between(offsets, *span)}")
    return f"Right at these offsets: {', '.join(said)}." if said else ""


def _between(offsets: Sequence[float], start: int, end: int) -> str:
    low, high = (f"{offsets[index]:.0f}".replace("-", MINUS) for index in (start, end))
    if start == 0:
        return f"up to {high}"
    return f"from {low} up" if end == len(offsets) - 1 else f"{low} to {high}"


def _longest(flags: Sequence[bool]) -> tuple[int, int] | None:
    """First and last index of the longest stretch of what is true."""
    best, start = None, None
    for index, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            if best is None or index - 1 - start > best[1] - best[0]:
                best = (start, index - 1)
            start = None
    return best


def legend(lines: Sequence[Line], trace: SoftmaxTrace | None = None, width: int = 0) -> str:
    """What the signs that occur in these lines mean; with a `trace`, what "worst" means where `width` has the room."""
    text = "".join(map(text_of, lines))
    said = [f"{sign} {words}" for sign, words in SIGN_WORDS.items() if sign in text]
    if trace is not None:
        worst = f"worst = |p − p64| ÷ max(p64, {number(trace.smallest_normal, 7)})"
        if cell_len("   ".join([*said, worst])) < width:
            said.append(worst)
    return "   ".join(said)


def way_of_one(trace: SoftmaxTrace, name: str, row: int, column: int, width: int) -> Line:
    """How one probability came about: logit, shifted, exponential, quotient, and what is right.

    One line of at most `width` cells, if that is 68 or more.
    """
    one = trace.implementations[name]
    bad = one.first_bad

    def role(step: str, column: int, otherwise: str = "text") -> str:
        is_bad = bad is not None and (bad.step, bad.row, bad.column) == (step, row, column)
        return "first-bad" if is_bad else otherwise

    logit = number(trace.logits[row][column], 7)
    runs = [Run(f" class {column + 1}: ", "muted"), Run(logit, role("logits", column))]
    if one.shift:
        shift, exponential = one.shift[row], one.exponentials[row][column]
        if shift != 0:
            taken = number(shift, 7)
            taken = f"({taken})" if shift < 0 else taken
            runs += [Run(" − ", "muted"), Run(taken, role("shift", -1))]
            runs += [Run(" = ", "muted"), Run(number(one.shifted[row][column], 7), "text")]
        mark = one.exponential_marks[row][column]
        runs += [Run(" → exp ", "muted"), Run(marked(exponential, mark, 8), role("exponentials", column))]
        if mark == "subnormal" and (multiple := exponential / trace.smallest) < 1000:
            runs.append(Run(f" ({multiple:.0f} × the smallest)", "multiple"))
        partition = marked(one.partition[row], one.partition_marks[row], 8)
        runs += [Run(" → ÷ ", "muted"), Run(partition, role("partition", -1))]
    probability = marked(one.probabilities[row][column], one.probability_marks[row][column], 8)
    runs += [Run(" = ", "muted"), Run(probability, role("probabilities", column))]
    if not judged_right(one.errors[row][column], trace):
        runs.append(Run(f", not {number(trace.reference[row][column], 7)}", "wrong"))
    if sum(len(run.text) for run in runs) > width:
        runs = [run for run in runs if run.role != "multiple"]
    return tuple(run._replace(role="unsure") if run.role == "multiple" else run for run in runs)


def _counted(count: int) -> str:
    return {4: "four", 5: "five"}.get(count, str(count))
