"""The trace of a softmax as a table that one reads from left to right."""

from __future__ import annotations

import math

from engine.contract.figures import factor_figure, is_factor, off_words
from engine.contract.trace import RELATIVE_ERROR, ImplementationTrace, Mark, SoftmaxTrace
from tui.cli.page import wrapped
from tui.cli.run_text import Styled
from tui.drawing.numbers import LOST, TIMES
from tui.drawing.tables import table

_SIGNS: dict[Mark, str] = {"": " ", "inf": "!", "nan": "!", "underflow": "↓", "subnormal": "~"}
_LEGEND = {"!": "not finite", "↓": "underflow: truly above 0", "~": "subnormal: fewer digits"}
_HEADER = ("class", "logit ", "shifted ", "exponential ", "probability ", "relative error")
_LEAST = 12  # columns: all tables of a page line up


def trace_lines(traced: SoftmaxTrace, width: int, judged: str = "") -> list[Styled]:
    """The numbers on the way of each implementation, marked where they break, then what each one is worth.

    `judged` is what is said of a user's own, wherever it was tried.
    """
    limits = (
        f"{traced.dtype}: largest {traced.largest:.3g}, smallest normal {traced.smallest_normal:.3g}, "
        f"smallest {traced.smallest:.3g}"
    )
    lines: list[Styled] = [(limits, "")]
    for row in range(len(traced.logits)):
        lines += [("", ""), (_header(), "bold")]
        for name, one in traced.implementations.items():
            lines += _steps(traced, name, one, row)
    signs = [sign for sign in _LEGEND if any(sign in line for line, _ in lines)]
    if signs:
        lines.append(("   ".join(f"{sign} {_LEGEND[sign]}" for sign in signs), "dim"))
    lines += [(line, "dim") for line in wrapped(_definition(traced), width)]
    lines += [("", ""), *_overview(traced)]
    lines += _rounding(traced, width)
    for name, one in traced.implementations.items():
        if one.explanation:
            lines += [(line, "bold") for line in wrapped(f"{name}: {one.explanation}", width)]
    if judged:
        lines += [(line, "bold") for line in wrapped(f"yours, judged: {judged}", width)]
    return lines


def _header() -> str:
    return "  ".join(text.rjust(_LEAST) if column else text for column, text in enumerate(_HEADER))


def _overview(traced: SoftmaxTrace) -> list[Styled]:
    rows = [
        (
            name,
            _verdict(one, traced),
            "yes" if one.finite else "no",
            " ".join(f"{total:.6g}" for total in one.sums[:4]) + (" …" if len(one.sums) > 4 else ""),
            _error(max(kept, key=lambda error: (error != error, error))),
            str(sum(mark == "underflow" for marks in one.probability_marks for mark in marks)),
        )
        for name, one in traced.implementations.items()
        for kept in [[one.worst_kept(row) for row in range(len(one.errors))]]
    ]
    header, *body = table(("softmax", "verdict", "finite", "sum", "worst error", "lost"), rows, left=2)
    styles = {"right": "green", "wrong": "red", "rounded": "yellow"}
    return [
        (header, "bold"),
        *((line, styles[row[1].split()[0].rstrip(":")]) for line, row in zip(body, rows, strict=True)),
    ]


def _verdict(one: ImplementationTrace, traced: SoftmaxTrace) -> str:
    """A few roundings are every implementation's right; a thousandth is not."""
    if not one.finite:
        return "wrong (not finite)"
    epsilon = traced.smallest / traced.smallest_normal
    if one.max_relative_error <= max(64 * epsilon, 1e-6):
        return "right"
    if one.max_relative_error <= 64 * epsilon:
        return "rounded"
    kept = max(one.worst_kept(row) for row in range(len(one.errors)))
    if kept <= max(64 * epsilon, 1e-6):
        return "wrong: lost"
    return f"wrong: {off_words(kept)}" if is_factor(kept) else f"wrong by {kept:.1%}"


def _steps(traced: SoftmaxTrace, name: str, one: ImplementationTrace, row: int) -> list[Styled]:
    of_many = f", row {row + 1}" if len(traced.logits) > 1 else ""
    title = f"{name}{of_many}: sum {one.sums[row]:.6g}"
    if one.shift:
        partition = _marked(one.partition[row], one.partition_marks[row]).strip()
        title = f"{name}{of_many}: shift {one.shift[row]:.6g}, partition {partition}, sum {one.sums[row]:.6g}"
    rows = [
        (
            str(index),
            f"{logit:z.8g}{_SIGNS[traced.logit_marks[row][index]]}",
            _marked(one.shifted[row][index], one.shifted_marks[row][index]) if one.shifted else "",
            _marked(one.exponentials[row][index], one.exponential_marks[row][index]) if one.exponentials else "",
            _marked(one.probabilities[row][index], one.probability_marks[row][index]),
            LOST if one.lost(row, index) else _error(one.errors[row][index]),
        )
        for index, logit in enumerate(traced.logits[row])
    ]
    broken = [math.isnan(float(value)) for value in one.errors[row]]
    return [
        (title, "bold"),
        *(
            ("  ".join(text.rjust(_width(column)) for column, text in enumerate(cells)), "red" if nan else "")
            for cells, nan in zip(rows, broken, strict=True)
        ),
    ]


def _width(column: int) -> int:
    return max(_LEAST if column else 0, len(_HEADER[column]))


def _marked(value: float, mark: Mark) -> str:
    return f"{value:z.6g}{_SIGNS[mark]}"


def _error(error: float) -> str:
    if is_factor(error):
        return f"{factor_figure(error)} {TIMES}"
    return "0" if error == 0 else f"{error:.1e}" if math.isfinite(error) else str(error)


def _definition(traced: SoftmaxTrace) -> str:
    marks = [mark for one in traced.implementations.values() for row in one.probability_marks for mark in row]
    lost = "; lost: a probability above 0 became 0" if "underflow" in marks else ""
    return f"relative error: {RELATIVE_ERROR} ({traced.smallest_normal:.3g}){lost}"


def _rounding(traced: SoftmaxTrace, width: int) -> list[Styled]:
    """What rounding the logits changes, apart from what a softmax does with them."""
    if traced.rounding:
        return [(line, "bold") for line in wrapped(f"logits: {traced.rounding}", width)]
    worst = max(max(row) for row in traced.rounding_errors)
    if not worst > 0:
        return []
    said = f"logits: rounding them to {traced.dtype} moves a probability by {_error(worst)} of it at most"
    return [(line, "dim") for line in wrapped(said, width)]
