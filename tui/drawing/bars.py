"""Horizontal bars with label, value and a word beside them: a distribution, or signed values around zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run

EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Bar:
    """One bar. `mark` is a word or sign at its end, such as `true`; `role` colours bar and mark."""

    label: str
    value: float
    mark: str = ""
    role: str = "line-1"


def bar_lines(bars: Sequence[Bar], width: int, height: int, limit: float | None = None) -> list[Line]:
    """At most `height` lines of exactly `width` cells.

    A bar as long as there is room stands for `limit`, which defaults to the greatest magnitude. Where values are
    negative, bars grow to both sides of a middle. What finds no room is counted on the last line.
    """
    if width <= 0 or height <= 0 or not bars:
        return []
    shown = bars if len(bars) <= height else bars[: height - 1]
    limit = (
        limit if limit is not None else max((abs(bar.value) for bar in bars if math.isfinite(bar.value)), default=1.0)
    )
    names = min(max(cell_len(plain(bar.label, 24)) for bar in shown) if shown else 0, max(4, width // 3))
    marks = max((cell_len(plain(bar.mark, 16)) for bar in shown), default=0)
    room = width - names - marks - (1 if marks else 0) - 11
    if room < 4:
        marks, room = 0, width - names - 11
    signed = any(bar.value < 0 for bar in bars)
    lines = [_line(bar, width, names, marks, max(0, room), limit, signed) for bar in shown]
    if len(shown) < len(bars):
        rest = f"{len(bars) - len(shown)} more"
        lines.append((Run(padded(f" {rest}", width), "muted"),))
    return lines


def _line(bar: Bar, width: int, names: int, marks: int, room: int, limit: float, signed: bool) -> Line:
    length = _signed_bar if signed else _bar
    share = bar.value / limit if limit > 0 and math.isfinite(bar.value) else 0.0
    runs = [
        Run(padded(bar.label, names) + " ", "text"),
        Run(length(share, room), bar.role),
        Run(f" {_number(bar.value):>9}", "text"),
    ]
    if marks:
        runs.append(Run(" " + padded(bar.mark, marks), bar.role))
    used = sum(cell_len(run.text) for run in runs)
    if used > width:
        return (Run(padded("".join(run.text for run in runs), width), "text"),)
    return (*runs, Run(" " * (width - used), "text"))


def _number(value: float) -> str:
    """A value in at most nine characters."""
    if not math.isfinite(value):
        return str(value)
    if value == 0 or 1e-4 <= abs(value) < 1000:
        return f"{value:.4f}"
    return f"{value:.1e}"


def _bar(share: float, room: int) -> str:
    share = min(1.0, max(0.0, share))
    eighths = round(share * room * 8)
    whole, part = divmod(eighths, 8)
    # What is not zero is never drawn as nothing.
    text = "█" * whole + (EIGHTHS[part] if part else "") if eighths or share == 0 else EIGHTHS[1]
    return text.ljust(room)


def _signed_bar(share: float, room: int) -> str:
    side = (room - 1) // 2
    cells = round(min(1.0, abs(share)) * side)
    left, right = ("█" * cells, "") if share < 0 else ("", "█" * cells)
    return (left.rjust(side) + "│" + right.ljust(side)).ljust(room)[: max(0, room)]
