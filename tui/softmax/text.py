"""The trace of a softmax as a table that one reads from left to right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.trace import RELATIVE_ERROR, ImplementationTrace, Mark, SoftmaxTrace
from engine.verdicts.figures import factor_figure, is_factor, off_words
from tui.cli.page import Page
from tui.drawing.numbers import LOST, SIGNS, TIMES
from tui.softmax.table import judged_right

_LEGEND = {"!": "not finite", "↓": "underflow: truly above 0", "~": "subnormal: fewer digits"}
_HEADER = ("class", "logit ", "shifted ", "exponential ", "probability ", "relative error")
_LEAST = 12  # columns: all tables of a page line up


def write_trace(traced: SoftmaxTrace, page: Page, judged: str = "") -> None:
    """The numbers on the way of each implementation, marked where they break, then what each one is worth.

    `judged` is what is said of a user's own, wherever it was tried.
    """
    page.line(
        f"{traced.dtype}: largest {traced.largest:.3g}, smallest normal {traced.smallest_normal:.3g}, "
        f"smallest {traced.smallest:.3g}"
    )
    written = ""
    for row in range(len(traced.logits)):
        page.line()
        if _wide(page):
            page.line(_aligned(_HEADER), "bold")
        for name, one in traced.implementations.items():
            cells = _steps(traced, one, row)
            title = _title(traced, name, one, row)
            written += title + "".join("".join(line) for line in cells)
            page.line(title, "bold")
            _write_steps(cells, ["red" if math.isnan(float(error)) else "" for error in one.errors[row]], page)
    if signs := [sign for sign in _LEGEND if sign in written]:
        page.line("   ".join(f"{sign} {_LEGEND[sign]}" for sign in signs), "dim")
    page.prose(_definition(traced), "dim")
    page.line()
    _write_overview(traced, page)
    _write_rounding(traced, page)
    for name, one in traced.implementations.items():
        if one.explanation:
            page.prose(f"{name}: {one.explanation}", "bold")
    if judged:
        page.prose(f"yours, judged: {judged}", "bold")


def _write_overview(traced: SoftmaxTrace, page: Page) -> None:
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
    page.table(
        ("softmax", "verdict", "finite", "sum", "worst error", "lost"),
        rows,
        left=2,
        heading="bold",
        styles=["right" if row[1] == "right" else "wrong" for row in rows],
        blank=False,
    )


def _verdict(one: ImplementationTrace, traced: SoftmaxTrace) -> str:
    """A few roundings are every implementation's right; a thousandth is not."""
    if not one.finite:
        return "wrong (not finite)"
    if judged_right(one.max_relative_error, traced):
        return "right"
    kept = max(one.worst_kept(row) for row in range(len(one.errors)))
    if judged_right(kept, traced):
        return "wrong: lost"
    return f"wrong: {off_words(kept)}" if is_factor(kept) else f"wrong by {kept:.1%}"


def _title(traced: SoftmaxTrace, name: str, one: ImplementationTrace, row: int) -> str:
    of_many = f", row {row + 1}" if len(traced.logits) > 1 else ""
    if not one.shift:
        return f"{name}{of_many}: sum {one.sums[row]:.6g}"
    partition = _marked(one.partition[row], one.partition_marks[row]).strip()
    return f"{name}{of_many}: shift {one.shift[row]:.6g}, partition {partition}, sum {one.sums[row]:.6g}"


def _steps(traced: SoftmaxTrace, one: ImplementationTrace, row: int) -> list[tuple[str, ...]]:
    return [
        (
            str(index + 1),  # as the sentences and the pane count them
            f"{logit:z.8g}{SIGNS[traced.logit_marks[row][index]] or ' '}",
            _marked(one.shifted[row][index], one.shifted_marks[row][index]) if one.shifted else "",
            _marked(one.exponentials[row][index], one.exponential_marks[row][index]) if one.exponentials else "",
            _marked(one.probabilities[row][index], one.probability_marks[row][index]),
            LOST if one.lost(row, index) else _error(one.errors[row][index]),
        )
        for index, logit in enumerate(traced.logits[row])
    ]


def _write_steps(cells: Sequence[tuple[str, ...]], styles: Sequence[str], page: Page) -> None:
    """In columns that all tables of the page share; where those have no room, in a table of their own."""
    if not _wide(page):
        page.table(_HEADER, cells, left=0, styles=styles)
        return
    for line, style in zip(cells, styles, strict=True):
        page.line(_aligned(line), style)


def _aligned(cells: Sequence[str]) -> str:
    return "  ".join(text.rjust(_width(column)) for column, text in enumerate(cells))


def _wide(page: Page) -> bool:
    return page.columns is None or page.columns >= len(_aligned(_HEADER))


def _width(column: int) -> int:
    return max(_LEAST if column else 0, len(_HEADER[column]))


def _marked(value: float, mark: Mark) -> str:
    return f"{value:z.6g}{SIGNS[mark] or ' '}"


def _error(error: float) -> str:
    if is_factor(error):
        return f"{factor_figure(error)} {TIMES}"
    return "0" if error == 0 else f"{error:.1e}" if math.isfinite(error) else str(error)


def _definition(traced: SoftmaxTrace) -> str:
    marks = [mark for one in traced.implementations.values() for row in one.probability_marks for mark in row]
    lost = "; lost: a probability above 0 became 0" if "underflow" in marks else ""
    return f"relative error: {RELATIVE_ERROR} ({traced.smallest_normal:.3g}){lost}"


def _write_rounding(traced: SoftmaxTrace, page: Page) -> None:
    """What rounding the logits changes, apart from what a softmax does with them."""
    if traced.rounding:
        page.prose(f"logits: {traced.rounding}", "bold")
        return
    # A probability below the smallest normal number is measured by that number, which is no share of itself.
    shares = [
        error
        for errors, exact in zip(traced.rounding_errors, traced.exact, strict=True)
        for error, probability in zip(errors, exact, strict=True)
        if probability >= traced.smallest_normal
    ]
    worst = max(shares, default=0.0)
    if worst > 0:
        page.prose(
            f"logits: rounding to {traced.dtype} changes a probability by a relative {_error(worst)} at most", "dim"
        )
