"""The signs of this program in ASCII, for a terminal that has nothing else: one table for the app and the commands."""

from __future__ import annotations

from rich.cells import cell_len

from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run

# Each takes one cell, as does what stands for it: a drawing keeps its shape.
_CELL_FOR_CELL = str.maketrans(
    "−–—·×÷≠±µΣ…’←↑→↓▸▶●○◆■▲▼─━│┃┊┤┬└┼█▓▒░▌▀▁▂▃▄▅▆▇",
    "---.x/#~uS~'<^>v>>oo#o^v-=||:|-++##=.#^_.-=+*%",
)
# In a sentence there is room for what reads better.
_IN_A_SENTENCE = str.maketrans(
    {"…": "...", "→": "->", "←": "<-", "±": "+-", "≤": "<=", "≥": ">=", "≠": "!=", "²": "^2", "“": '"', "”": '"'}
)


def in_ascii(text: str) -> str:
    """A drawn text in ASCII, as wide as it was; a letter that is no sign of the program's becomes `?`."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in text.translate(_CELL_FOR_CELL))


def spelled_out(text: str) -> str:
    """A sentence or a name in ASCII, before it is laid out; other letters are backslash escapes, and so stay apart."""
    return text if text.isascii() else plain(text.translate(_IN_A_SENTENCE).translate(_CELL_FOR_CELL), ascii_only=True)


def spelled(text: str, ascii_only: bool) -> str:
    """The text as it is, or in ASCII with as many cells."""
    return in_ascii(text) if ascii_only else text


def spelled_line(line: Line, ascii_only: bool) -> Line:
    return tuple(Run(spelled(run.text, ascii_only), run.role) for run in line)
