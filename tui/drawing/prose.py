"""Text as lines: wrapped, or at both ends of one."""

from __future__ import annotations

import textwrap

from tui.drawing.plain import padded, plain
from tui.drawing.runs import Line, Run


def wrapped(text: str, width: int, role: str = "text") -> list[Line]:
    """One line at least; a word with hyphens stays whole."""
    lines = textwrap.wrap(plain(text), max(20, width - 2), break_on_hyphens=False) or [""]
    return [(Run(f" {line}", role),) for line in lines]


def at_both_ends(left: str, role: str, right: str, width: int) -> Line:
    """Left and right at the ends of a line; the right gives way."""
    room = max(0, width - 2)
    left = plain(left, room)
    right = plain(right, max(0, room - len(left) - 2))
    return Run(f" {left}", role), Run(padded(right, room - len(left), right=True), "muted")
