"""Text as lines: wrapped, or at both ends of one."""

from __future__ import annotations

from rich.cells import cell_len

from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import wrap


def wrapped(text: str, width: int, role: str = "text") -> list[Line]:
    """One line at least; a word with hyphens stays whole."""
    return [(Run(f" {line}", role),) for line in wrap(plain(text), max(20, width - 2))]


def at_both_ends(left: str, role: str, right: str, width: int) -> Line:
    """Left and right at the ends of a line; the right gives way."""
    room = max(0, width - 2)
    left = plain(left, room)
    beside = room - cell_len(left)
    return Run(f" {left}", role), Run(padded(plain(right, max(0, beside - 2)), beside, right=True), "muted")
