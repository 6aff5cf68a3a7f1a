"""One plain sentence about the first number that went wrong on the way through a softmax.

Reads a trace in the order in which it was computed: row by row, and in a row logits, shift, exponentials,
partition, probabilities. Sentences count rows and classes from 1.
"""

from __future__ import annotations

import math

from engine.contract.trace import FirstBad, ImplementationTrace, SoftmaxTrace
from engine.verdicts.figures import off_words

Finding = tuple[FirstBad, str]

# Off by more than this many epsilon is not what rounding the exponential, the sum and the quotient does.
_EPSILONS_OF_A_ROUNDED_SOFTMAX = 8
# float16 and bfloat16 keep so few digits that rounding alone is worth a sentence from here on.
_NOTABLE_ERROR = 0.01


def diagnose(given: SoftmaxTrace, steps: ImplementationTrace) -> Finding | None:
    """Where the first bad number stands and a sentence about it; None when nothing is wrong.

    `given` holds the logits, the reference and the limits of the dtype, `steps` what an implementation
    made of them.
    """
    checks = (_bad_logit, _bad_step, _bad_probability) if steps.shift else (_bad_logit, _bad_probability)
    for row in range(len(given.logits)):
        for check in checks:
            if finding := check(given, steps, row):
                return finding
    return None


def rounded_logits(given: SoftmaxTrace) -> str:
    """What rounding the logits to the dtype does to a probability before any softmax; "" where it is less than 1 %."""
    worst, where = 0.0, (0, 0)
    for row, errors in enumerate(given.rounding_errors):
        for column, error in enumerate(errors):
            if error > worst:
                worst, where = error, (row, column)
    if worst < _NOTABLE_ERROR:
        return ""
    row, column = where
    of_row, changed = _of_row(given, row), _most_changed(given, row)
    was, became = given.exact[row][column], given.reference[row][column]
    moved = "a probability above 0 is lost" if became == 0 else off_words(worst)
    return (
        f"{given.dtype} rounds the logit {given.typed[row][changed]:.12g}{of_row} to "
        f"{given.logits[row][changed]:.12g}. Rounding alone changes probability {column + 1}{of_row} from "
        f"{_short(was)} to {_short(became)} ({moved}), before any softmax"
    )


def _most_changed(given: SoftmaxTrace, row: int) -> int:
    pairs = zip(given.typed[row], given.logits[row], strict=True)
    changes = [abs(is_ - was) if is_ != was else 0.0 for was, is_ in pairs]  # −inf stays −inf
    return changes.index(max(changes))


def _bad_logit(given: SoftmaxTrace, _: ImplementationTrace, row: int) -> Finding | None:
    of_row = _of_row(given, row)
    for column, (typed, logit) in enumerate(zip(given.typed[row], given.logits[row], strict=True)):
        where = FirstBad("logits", row, column)
        if math.isnan(logit):
            return where, f"logit {column + 1}{of_row} is nan, so everything computed from this logit is nan"
        if logit == math.inf and math.isfinite(typed):
            return (
                where,
                f"the logit {typed:g} is larger than {_largest(given)}: inf before the first step",
            )
        if logit == math.inf:
            return where, f"logit {column + 1}{of_row} is inf, and inf − inf and inf/inf are nan"
    if max(given.logits[row]) == -math.inf:
        sentence = f"every logit{of_row} is −inf: no class has any probability, and 0/0 is nan"
        return FirstBad("logits", row, 0), sentence
    return None


def _bad_step(given: SoftmaxTrace, steps: ImplementationTrace, row: int) -> Finding | None:
    of_row, shifted = _of_row(given, row), steps.shifted[row]
    if not math.isfinite(steps.shift[row]):
        sentence = f"the maximum subtracted{of_row.replace('of', 'from')} is another row's {steps.shift[row]:g}"
        return FirstBad("shift", row, -1), f"{sentence}: the logits{of_row} are lost"
    for column, exponential in enumerate(steps.exponentials[row]):
        if math.isinf(exponential):
            sentence = f"{_exp(shifted[column])} is larger than {_largest(given)}: inf, and inf/inf is nan"
            return FirstBad("exponentials", row, column), sentence
    if math.isinf(steps.partition[row]):
        sentence = f"every exponential{of_row} fits, but their sum is larger than {_largest(given)}"
        return FirstBad("partition", row, -1), f"{sentence}: inf, and every probability 0"
    if steps.partition[row] == 0:
        sentence = f"every exponential{of_row} underflows to 0 (the largest is {_exp(max(shifted))}): 0/0 is nan"
        return FirstBad("exponentials", row, shifted.index(max(shifted))), sentence
    return None


def _bad_probability(given: SoftmaxTrace, steps: ImplementationTrace, row: int) -> Finding | None:
    """A probability that is no number, else the one of the row that is furthest off, if far enough."""
    of_row, probabilities, errors = _of_row(given, row), steps.probabilities[row], steps.errors[row]
    for column, probability in enumerate(probabilities):
        if not math.isfinite(probability):
            sentence = f"probability {column + 1}{of_row} is {probability:g}"
            return FirstBad("probabilities", row, column), sentence
    worst = max(range(len(errors)), key=errors.__getitem__)
    epsilon = given.smallest / given.smallest_normal
    rounded = _EPSILONS_OF_A_ROUNDED_SOFTMAX * epsilon
    mark = steps.exponential_marks[row][worst] if steps.shift else ""
    if mark and errors[worst] > rounded and _underflow(steps, row, worst) > rounded:
        return FirstBad("exponentials", row, worst), _lost_digits(given, steps, row, worst)
    if errors[worst] < _NOTABLE_ERROR:
        return None
    if steps.shift:
        digits = math.floor(-math.log10(epsilon))
        sentence = f"{given.dtype} keeps {digits} digits, so by rounding alone probability {worst + 1}{of_row} is"
    else:
        found, expected = _short(probabilities[worst]), _short(given.reference[row][worst])
        sentence = f"probability {worst + 1}{of_row} is {found} instead of {expected}:"
    return FirstBad("probabilities", row, worst), f"{sentence} {off_words(errors[worst])}"


def _underflow(steps: ImplementationTrace, row: int, column: int) -> float:
    """How far the exponential, or the sum of them all, is from that of the shifted logits as they were rounded."""
    found, expected = steps.exponentials[row], [math.exp(shifted) for shifted in steps.shifted[row]]
    pairs = ((found[column], expected[column]), (sum(found), sum(expected)))
    return max(abs(is_ - should) / should if should else float(is_ != should) for is_, should in pairs)


def _lost_digits(given: SoftmaxTrace, steps: ImplementationTrace, row: int, column: int) -> str:
    exponential, exp = steps.exponentials[row][column], _exp(steps.shifted[row][column])
    if exponential == 0:
        lost = _short(given.reference[row][column])
        return f"{exp} underflows to 0 in {given.dtype}: a probability of {lost} becomes 0"
    multiple = round(exponential / given.smallest)
    kept = f"{multiple:,} times the smallest number" if multiple > 1 else "the smallest number"
    if 1 < multiple < 1000:
        kept = f"only {kept}"
    although = ", although the row sums to 1" if abs(steps.sums[row] - 1) < _NOTABLE_ERROR else ""
    return f"{exp} is subnormal in {given.dtype}, {kept}: {off_words(steps.errors[row][column])}{although}"


def _of_row(given: SoftmaxTrace, row: int) -> str:
    return f" of row {row + 1}" if len(given.logits) > 1 else ""


def _largest(given: SoftmaxTrace) -> str:
    return f"{given.dtype}'s largest {_short(given.largest)}"


def _exp(exponent: float) -> str:
    """As in "exp(100) = 2.7e43", also where no float holds the value."""
    if abs(exponent) > 1e6:
        return f"exp({exponent:g})"
    power = math.floor(exponent / math.log(10))
    mantissa = math.exp(exponent - power * math.log(10))
    if -4 < power < 5:
        value = _short(math.exp(exponent))
    else:
        value = f"{mantissa:.1f}e{power}" if mantissa < 9.95 else f"1.0e{power + 1}"
    return f"exp({exponent:.6g}) = {value}"


def _short(number: float) -> str:
    """Two digits, or five where that is no longer: "3.4e38", "65504", "0"."""
    return f"{number:.5g}" if number == 0 or 1e-3 <= abs(number) < 1e5 else f"{number:.1e}".replace("e+", "e")
