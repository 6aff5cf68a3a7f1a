"""What the terminal's description says that it can do."""

from __future__ import annotations


def fills_what_it_erases() -> bool:
    """Whether erased cells get the colour of the pen, as `bce` and `ech` of terminfo say; False where nobody knows."""
    try:
        import curses
    except ImportError:
        return False
    try:
        curses.setupterm()
    except (curses.error, OSError, ValueError):
        return False
    return curses.tigetflag("bce") > 0 and curses.tigetstr("ech") is not None
