"""The line above a chart: what is shown, which sign stands for which curve, and what runs along the axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.cells import cell_len

from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run

ASCII_MARKS = {"●": "o", "○": "o", "◆": "#", "■": "#", "▲": "^", "▼": "v", "×": "x", "·": "."}
# For lines that were given no mark of their own where only ASCII can be drawn.
SPARE_MARKS = "*+x%@&=~"


class Entry(Protocol):
    """What the legend needs to know of a curve."""

    @property
    def label(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def mark(self) -> str: ...


def mark_of(mark: str, style: str, index: int, ascii_only: bool) -> str:
    """The one character that stands for curve number `index`, ASCII where asked for."""
    mark = plain(mark, 1) or {"faint": "·", "marks": "●"}.get(style, "")
    if not ascii_only:
        return mark
    mark = ASCII_MARKS.get(mark, mark)
    return mark if mark and mark.isascii() else SPARE_MARKS[index % len(SPARE_MARKS)]


def heading(
    y_label: str, x_label: str, entries: Sequence[Entry], width: int, most: int, ascii_only: bool
) -> list[Line]:
    """At most `most` lines of exactly `width` cells. Entries that find no room are counted at the end."""
    start = " " + plain(y_label, width // 3, ascii_only=ascii_only)
    end = plain(x_label, width // 3, ascii_only=ascii_only)
    end = f" {end} {'->' if ascii_only else '→'} " if end else ""
    named = [_entry(entry, index, ascii_only) for index, entry in enumerate(entries) if entry.label]
    lines: list[Line] = []
    while not lines or (named and len(lines) < most):
        last = len(lines) + 1 == most
        room = width - cell_len(start) - cell_len(end)
        runs = [Run(start, "text")]
        while named and _width(named[0]) + (len(f"  +{len(named) - 1}") if last and len(named) > 1 else 0) <= room:
            room -= _width(named[0])
            runs += named.pop(0)
        if last and named:
            rest = f"  +{len(named)}"[: max(0, room)]
            runs.append(Run(rest, "muted"))
            room -= len(rest)
        lines.append((*runs, Run(" " * max(0, room) + end, "axis")))
        start, end = " " * cell_len(start), ""
    return lines


def _entry(entry: Entry, index: int, ascii_only: bool) -> Line:
    label = plain(entry.label, 24, ascii_only=ascii_only)
    return (Run(f"  {_sample(entry, index, ascii_only)} ", entry.role), Run(label, "text"))


def _width(line: Line) -> int:
    return sum(cell_len(run.text) for run in line)


def _sample(entry: Entry, index: int, ascii_only: bool) -> str:
    mark = mark_of(entry.mark, entry.style, index, ascii_only)
    if entry.style == "marks":
        return mark
    if entry.style == "faint" or ascii_only:
        return mark * 2
    return f"─{mark}─" if mark else "──"
