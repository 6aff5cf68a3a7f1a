"""One batch through each loss: a table with what is bad about it marked, and where the time goes as bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

from engine.contract.loss_lab import LAB_LOSSES, LossesMeasured, LossMeasured, LossQuestion, Phase, Spread
from engine.verdicts.figures import bytes_words, time_words
from engine.verdicts.loss_figures import gradient_right, right
from tui.drawing.numbers import five_digits
from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table
from tui.drawing.wrapping import wrapped
from tui.loss.figures import ROLES, error_words, parts_words, range_words, ratio_figure, ratio_words

_ROOM_FOR_QUARTILES = 100  # columns
_BROKEN, _WRONG = "!", "≠"
_OFF = "gradient off"


def batch_words(question: LossQuestion) -> str:
    """ "256 × 10 float32, smoothing 0.1"."""
    soft = f", smoothing {question.smoothing:g}" if question.smoothing else ""
    soft += f", mixed {question.mixing:g}" if question.mixing else ""
    return f"{question.batch_size:,} × {question.num_classes:,} {question.dtype}{soft}"


def table_lines(measured: LossesMeasured, width: int, with_gradient: bool) -> list[Line]:
    """What was measured on which batch, the heads of the columns, and a line for each loss.

    `with_gradient` has time and memory of value and gradient, not of the value alone.
    """
    head, *body = _fitting(measured, width, with_gradient)
    times = head.index(_OFF) + len(_OFF)  # from here on nothing can be wrong
    lines = [_heading(measured, width), (Run(f" {head}", "muted"),)]
    for one, text in zip(measured.losses, body, strict=True):
        bad = bool(_sign(one, measured)) or not gradient_right(one, measured)
        name = len(one.loss)
        judged = Run(text[name:times], "wrong" if bad else "text")
        lines.append((Run(f" {text[:name]}", ROLES[one.loss]), judged, Run(text[times:], "text")))
    return lines


def _fitting(measured: LossesMeasured, width: int, with_gradient: bool) -> list[str]:
    """The heads and the rows, with as many quartiles as there is room for."""
    time = "time w. grad" if with_gradient else "time"
    most = width >= _ROOM_FOR_QUARTILES
    for of_times, of_ratios in ((most, True), (False, True), (False, False)):
        header = ("loss", "value", _OFF, time, *(("quartiles",) if of_times else ()), "times indexing", "memory")
        lines = table(header, [_row(one, measured, with_gradient, of_times, of_ratios) for one in measured.losses])
        if max(map(len, lines)) < width:
            break
    return lines


def empty_table(question: LossQuestion | None, yours: str) -> list[Line]:
    """The table before anything was measured."""
    batch = f"{batch_words(question)}: " if question is not None else ""
    names = (*LAB_LOSSES, "yours") if yours else LAB_LOSSES
    return [
        (Run(f" {batch}not measured yet", "muted"),),
        (Run(f" {'loss':<16}value  gradient off  time  times indexing  memory", "muted"),),
        *((Run(f" {name:<16}", ROLES[name]), Run("–", "muted")) for name in names),
    ]


def yours_lines(verdict: str, width: int) -> list[Line]:
    """What has to be said of a user's own loss, below the table; without one how to put it there."""
    said = wrapped(verdict or "softmax-tui --mine FILE.py puts your cross_entropy here", width - 16, "muted")
    return [(Run(f" {name:<15}", ROLES["yours"]), *line) for name, line in zip_longest(("yours",), said, fillvalue="")]


def _heading(measured: LossesMeasured, width: int) -> Line:
    threads = measured.question.threads
    said = (
        f"{batch_words(measured.question)}, {measured.rounds} rounds, {threads} thread{'s' if threads > 1 else ''}; "
        f"float64 says {five_digits(measured.value)}"
    )
    signs = {_sign(one, measured) for one in measured.losses}
    if not all(gradient_right(one, measured) for one in measured.losses):
        signs.add(_WRONG)
    words = {_BROKEN: "! nan or inf", _WRONG: "≠ wrong"}
    legend = "  ".join(word for sign, word in words.items() if sign in signs)
    room = max(0, width - 2 - len(legend) - 2)
    return Run(f" {plain(said, room):<{room}}  ", "title"), Run(legend, "wrong")


def _sign(one: LossMeasured, measured: LossesMeasured) -> str:
    if not math.isfinite(one.value):
        return _BROKEN
    return "" if right(one, measured) else _WRONG


def _row(
    one: LossMeasured, measured: LossesMeasured, with_gradient: bool, of_times: bool, of_ratios: bool
) -> tuple[str, ...]:
    """With the quartiles of the times and of the ratios, or with the medians alone."""
    spread, ratio = (one.gradient_spread, one.gradient_relative) if with_gradient else (one.spread, one.relative)
    off = "" if gradient_right(one, measured) else _BROKEN if not math.isfinite(one.gradient_error) else _WRONG
    return (
        one.loss,
        _sign(one, measured) + five_digits(one.value),
        off + error_words(one.gradient_error),
        time_words(spread.median),
        *((range_words(spread),) if of_times else ()),
        ratio_words(ratio) if of_ratios else ratio_figure(ratio.median),
        bytes_words(one.gradient_peak_bytes if with_gradient else one.peak_bytes),
    )


_NAME = 15
_PART_ROLES = ("line-8", "line-4", "line-2", "line-7", "line-3")


def relative_lines(measured: LossesMeasured, width: int, with_gradient: bool) -> list[Line]:
    """A bar for each loss: full to the first quartile, shaded to the third, with a stroke at the median."""
    spreads = {one.loss: one.gradient_relative if with_gradient else one.relative for one in measured.losses}
    what = "with gradient" if with_gradient else "value alone"
    heading = f" times as long as indexing, {what}   █ quartile 1  ┃ median  ▒ quartile 3"
    limit = max((spread.high for spread in spreads.values()), default=1.0) or 1.0
    tail = max(len(ratio_words(spread)) for spread in spreads.values())
    room = max(4, width - _NAME - tail - 4)
    lines: list[Line] = [(Run(padded(heading, width), "muted"),)]
    for name, spread in spreads.items():
        bar = _whiskers(spread, limit, room)
        lines.append(
            (
                Run(f" {name:<{_NAME}}", "text"),
                Run(bar, ROLES[name]),
                Run(f" {ratio_words(spread):>{tail}}", "text"),
            )
        )
    return lines


def phase_lines(losses: Sequence[LossMeasured], width: int) -> list[Line]:
    """The parts of each loss, each beginning where the one before it ends: stacked bars to one scale, unfolded.

    Beside each its median and quartiles, the numbers that it computes, and how many of them are multiplied by 0. Under
    them is said that they were repeated one by one, and so do not add up to the whole.
    """
    phases = [phase for one in losses for phase in one.phases]
    names = max(len(_named(phase)) for phase in phases)
    head, *figures = table(("time", "quartiles", "numbers", "× 0"), [_phase_row(phase) for phase in phases], left=0)
    room = max(4, width - names - len(head) - 5)
    whole = max(sum(phase.seconds.median for phase in one.phases) for one in losses) or 1.0
    lines: list[Line] = []
    for one in losses:
        lines.append((Run(padded(f" where the time of {one.loss} goes", names + room + 4) + head, "muted"),))
        begun = 0.0
        for index, phase in enumerate(one.phases):
            begun, start = begun + phase.seconds.median, min(room - 1, round(begun / whole * room))
            bar = " " * start + "█" * max(1, round(begun / whole * room) - start)
            role = _PART_ROLES[index % len(_PART_ROLES)]
            lines.append(
                (
                    Run(f" {_named(phase):<{names}} ", "text"),
                    Run(f"{bar:<{room}}", role),
                    Run(f"  {figures.pop(0)}", "text"),
                )
            )
        lines.append((Run(f" {parts_words(one)}", "muted"),))
    return lines


def _named(phase: Phase) -> str:
    """Of the true class alone: so say the numbers beside it. What is computed before the loss is no part of it."""
    name = phase.name.removesuffix(" of the true class")
    return name if phase.of_loss else f"({name} before)"


def _phase_row(phase: Phase) -> tuple[str, ...]:
    return (
        time_words(phase.seconds.median),
        range_words(phase.seconds),
        f"{phase.operations:,}",
        f"{phase.times_zero:,}" if phase.times_zero else "none",
    )


def _whiskers(spread: Spread, limit: float, room: int) -> str:
    low, median, high = (min(room, max(0, round(value / limit * room))) for value in _ends(spread))
    cells = ["█"] * low + ["▒"] * (high - low) + [" "] * (room - max(low, high))
    cells[min(room - 1, max(0, median - 1))] = "┃" if high > low else "█"
    return "".join(cells)[:room]


def _ends(spread: Spread) -> tuple[float, float, float]:
    return spread.low, spread.median, spread.high
