"""The signs of this program in ASCII, for a terminal that has nothing else: one table for the app and the commands."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

from tui.drawing.plain import plain

# Each takes one cell, as does what stands for it: a drawing keeps its shape.
_CELL_FOR_CELL = str.maketrans(
    "−–—·×÷≠≈±µΣ…’←↑→↓▸▶●○◆■▲▼─━│┃┊┤┬└┼█▓▒░▀▁▂▃▄▅▆▇▏▎▍▌▋▊▉°",
    "---.x/#~~uS~'<^>v>>oo##^v-=||:|+++##=.^_.-=+*%..:||##o",
)
# In a sentence there is room for what reads better.
_IN_A_SENTENCE = str.maketrans(
    {"…": "...", "→": "->", "←": "<-", "±": "+-", "≤": "<=", "≥": ">=", "≠": "!=", "²": "^2", "“": '"', "”": '"'}
)


def in_ascii(text: str) -> str:
    """A drawn text in ASCII, as wide as it was; a letter loses its accents, and what has no such form becomes `?`."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else _bare(c) for c in text.translate(_CELL_FOR_CELL))


def spelled_out(text: str) -> str:
    """A sentence or a name in ASCII, before it is laid out; other letters are backslash escapes, and so stay apart."""
    signs = plain(text).translate(_IN_A_SENTENCE).translate(_CELL_FOR_CELL)
    return signs.encode("ascii", "backslashreplace").decode("ascii")


def _bare(letter: str) -> str:
    """As many ASCII characters as the letter has cells."""
    width = cell_len(letter)
    first = unicodedata.normalize("NFD", letter)[0]
    return first if width == 1 and first.isascii() else "?" * width
