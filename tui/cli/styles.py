"""What each role looks like on a terminal: one table for all commands."""

from __future__ import annotations

from collections.abc import Mapping

_BOLD, _DIM = "1", "2"
_RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN = "31", "32", "33", "34", "35", "36"

# SGR codes of the terminal's own eight colours: those of the app would not fit every background.
STYLES: Mapping[str, str] = {
    "": "",
    "bold": _BOLD,
    "dim": _DIM,
    "red": _RED,
    "green": _GREEN,
    "yellow": _YELLOW,
    "cyan": _CYAN,
    # What a drawing's runs play, as in `tui.drawing.palette`.
    "text": "",
    "title": _BOLD,
    "muted": _DIM,
    "axis": _DIM,
    "accent": _CYAN,
    "train-faint": _CYAN,
    "train": _CYAN,
    "validation": _YELLOW,
    "right": _GREEN,
    "wrong": _RED,
    "positive": _RED,
    "negative": _BLUE,
    "middle": "",
    "heat-base": "",
    "heat-right": _GREEN,
    "heat-wrong": _RED,
    "line-1": _CYAN,
    "line-2": _YELLOW,
    "line-3": _GREEN,
    "line-4": _MAGENTA,
    "line-5": _BLUE,
    "line-6": _RED,
    "line-7": _DIM,
    "line-8": "",
    "first-bad": _RED,
    "unsure": _YELLOW,
    "cursor": _CYAN,
    # How a run stands.
    "finished": "",
    "running": _GREEN,
    "stopped": _YELLOW,
    "interrupted": _YELLOW,
    "diverged": _RED,
    "failed": _RED,
    "damaged": _RED,
    # What a check found.
    "ok": _GREEN,
    "note": _YELLOW,
    "broken": _RED,
}


def styled(text: str, style: str) -> str:
    """The text in that style. An unknown one changes nothing: no command fails over a colour."""
    code = STYLES.get(style, "")
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text
