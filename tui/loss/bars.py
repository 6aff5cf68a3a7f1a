"""Where the time goes: times beside each other with their spread, and the definition's parts one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.loss_lab import LossesMeasured, LossMeasured, Phase, Spread
from engine.verdicts.figures import time_words
from tui.drawing.plain import padded
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table
from tui.loss.figures import ROLES, parts_words, range_words, ratio_words

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
