"""What a person reads: lines on a stream, styled where the terminal can, in ASCII where it must."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TextIO

from rich.cells import cell_len

from tui.drawing.plain import plain
from tui.drawing.tables import table

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_ASCII = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "—": "-",
        "·": "|",
        "→": ">",
        "×": "x",
        "…": "~",
        "²": "2",
        "━": "=",
        "─": "-",
        "↓": "_",
        "’": "'",
    }
)
_MOST_COLUMNS = 120


class Page:
    """Lines for a person. Control characters in a text never reach the terminal.

    `width` is in cells, `interactive` says whether the stream is a terminal that can move its cursor back.
    """

    def __init__(self, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._stream = stream or sys.stdout
        terminal = self._stream.isatty()
        self.interactive = terminal and environ.get("TERM", "dumb") != "dumb"
        self.colour = self.interactive and not environ.get("NO_COLOR")
        self.unicode = speaks_unicode(self._stream.encoding, environ)
        self.width = min(shutil.get_terminal_size().columns, _MOST_COLUMNS) if terminal else 80

    def line(self, text: str = "", style: str = "") -> None:
        """A line. `style` is bold, dim, red, green, yellow or cyan."""
        self.raw(self.styled(self.legible(text), style) + "\n")

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> None:
        """The rows under their header, as `tables.table` aligns them, and a blank line."""
        for index, line in enumerate(table(header, rows, left)):
            self.line(line, "" if index else "dim")
        self.line()

    def paragraph(self, text: str, style: str = "") -> None:
        """The text in lines, and a blank line."""
        for line in wrapped(text, self.width):
            self.line(line, style)
        self.line()

    def legible(self, text: str) -> str:
        """The text without control characters, and in characters that the terminal has, cell for cell."""
        text = plain(text)
        if self.unicode or text.isascii():
            return text
        return "".join(c if c.isascii() else "?" * cell_len(c) for c in text.translate(_ASCII))

    def styled(self, text: str, style: str) -> str:
        """A text that is `legible` already, in a style."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and self.colour else text

    def raw(self, text: str) -> None:
        """What is known to be safe to write, and written at once."""
        self._stream.write(text)
        self._stream.flush()


def speaks_unicode(encoding: str | None, environ: Mapping[str, str]) -> bool:
    """Whether box drawing and arrows arrive: the stream encodes them, and no locale says otherwise.

    Python takes UTF-8 in the C locale; a terminal that was told LC_ALL=C need not.
    """
    if (encoding or "").lower().replace("-", "") != "utf8":
        return False
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return not locale or "utf8" in locale.lower().replace("-", "")


def wrapped(text: str, width: int) -> Sequence[str]:
    """One line at least; words stay whole."""
    return wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
