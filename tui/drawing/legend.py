"""The line above a chart: what is shown, which sign stands for which curve, and what runs along the axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.cells import cell_len

from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run

# For lines that were given no mark of their own and are drawn without braille.
SPARE_MARKS = "*+x%@&=~"


class LegendEntry(Protocol):
    """What the legend needs to know of a curve; `spare` is its mark without braille where `mark` is ""."""

    @property
    def label(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def mark(self) -> str: ...
    @property
    def spare(self) -> str: ...


def mark_of(entry: LegendEntry, index: int, braille: bool) -> str:
    """The one character that stands for curve number `index`; none for a line of braille that was given none."""
    mark = plain(entry.mark, 1) or {"faint": "·", "cloud": "·", "marks": "●"}.get(entry.style, "")
    return mark or ("" if braille else entry.spare or SPARE_MARKS[index % len(SPARE_MARKS)])


def heading(
    y_label: str, x_label: str, entries: Sequence[LegendEntry], width: int, most: int, braille: bool
) -> list[Line]:
    """At most `most` lines of exactly `width` cells. Entries that find no room are counted at the end."""
    start = " " + plain(y_label, width // 3)
    end = plain(x_label, width // 3)
    end = f" {end} → " if end else ""
    named = [_entry(entry, index, braille) for index, entry in enumerate(entries) if entry.label]
    widest = max(map(_width, named), default=0)  # what a line may have to leave blank before the next
    room = most * (width - cell_len(start)) - (most - 1) * widest - cell_len(end)
    if len(named) > 1 and sum(map(_width, named)) > room:  # then rather all of them in short
        named = [_entry(entry, index, braille, short=True) for index, entry in enumerate(entries) if entry.label]
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


def _entry(entry: LegendEntry, index: int, braille: bool, short: bool = False) -> Line:
    label, sample = plain(entry.label, 24), _sample(entry, index, braille)
    if short:
        sample = mark_of(entry, index, braille) or "─"
    return (Run(f"  {sample} ", entry.role), Run(label, "text"))


def _width(line: Line) -> int:
    return sum(cell_len(run.text) for run in line)


def _sample(entry: LegendEntry, index: int, braille: bool) -> str:
    mark = mark_of(entry, index, braille)
    if entry.style == "marks":
        return mark
    if entry.style in ("faint", "cloud") or not braille:
        return mark * 2
    return f"─{mark}─" if mark else "──"
