"""What a person reads: lines on a stream, styled where the terminal can, in ASCII where it must, never too wide."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TextIO

from rich.cells import cell_len

from tui.drawing.chart_spec import ChartSpec
from tui.drawing.palette import styled
from tui.drawing.plain import plain
from tui.drawing.plot import chart_lines
from tui.drawing.signs import in_ascii, spelled_out
from tui.drawing.spans import Line, text_of
from tui.drawing.tables import fitted_table, table
from tui.drawing.wrapping import wrap

_WITHOUT_A_TERMINAL = 80
_MOST_COLUMNS = 120  # of prose: the eye loses longer lines
_LEAST_COLUMNS = 20


class Page:
    """Lines for a person. Control characters in a text never reach the terminal.

    `columns` is the width of the terminal, which no line exceeds; None where the stream is none, and then lines are as
    long as they are. `width` is that of prose and charts. `interactive` says whether the stream is a terminal that can
    move its cursor back.
    """

    def __init__(self, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._stream = stream or sys.stdout
        terminal = self._stream.isatty()
        self.interactive = terminal and environ.get("TERM", "dumb") != "dumb"
        self.colour = self.interactive and not environ.get("NO_COLOR")
        self.unicode = shows_unicode(self._stream, environ)
        self.columns = _columns(self._stream, environ) if terminal else None
        self.width = min(self.columns or _WITHOUT_A_TERMINAL, _MOST_COLUMNS)

    def line(self, text: str = "", style: str = "", hang: int | None = None) -> None:
        """A line in a style of `STYLES`; one that is too wide goes on below, after `hang` blanks or its own indent."""
        text = self.legible(text)
        for line in self._folded(text, len(text) - len(text.lstrip()) if hang is None else hang):
            self.raw(self.styled(line, style) + "\n")

    def drawn(self, *lines: Line) -> None:
        """Lines of a drawing; one that is wider than the terminal loses its colours and goes on below."""
        for line in lines:
            if self.columns is not None and sum(cell_len(text) for text, _ in line) > self.columns:
                self.line(text_of(line), hang=2)
                continue
            texts = [(text if self.unicode else in_ascii(text), role) for text, role in line]
            self.raw("".join(self.styled(text, role) for text, role in texts).rstrip() + "\n")

    def chart(self, spec: ChartSpec, width: int, height: int) -> list[Line]:
        """The chart as lines for `drawn`, of braille dots where the terminal has them."""
        return chart_lines(replace(spec, braille=self.unicode), width, height)

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        left: int = 1,
        *,
        heading: str = "dim",
        styles: Sequence[str] = (),
        keys: int = 1,
        blank: bool = True,
    ) -> None:
        """The rows under their header, each in its style, no wider than the terminal, and a blank line.

        The first `left` columns are flush left, the others flush right; the first `keys` say which row it is.
        """
        of_rows = (heading, *(styles or [""] * len(rows)))
        legible = [[self.legible(cell) for cell in row] for row in (header, *rows)]
        if self.columns is None:
            lines = list(enumerate(table(legible[0], legible[1:], left)))
        else:
            lines = list(fitted_table(legible[0], legible[1:], self.columns, left, keys))
        for row, text in lines:
            self.raw(self.styled(text, of_rows[row]) + "\n")
        if blank:
            self.line()

    def note(self, text: str) -> None:
        """What is to be known of what follows; nothing for ""."""
        if text:
            self.prose(text, "dim")

    def paragraph(self, text: str, style: str = "") -> None:
        """The text in lines, and a blank line."""
        self.prose(text, style)
        self.line()

    def prose(self, text: str, style: str = "", *, before: str = "") -> None:
        """The text in lines of the page's width, beside `before`."""
        text, before = self.legible(text), self.legible(before)
        for line in wrap(f"{before}{text}", self.width, len(before)):
            self.raw(self.styled(line, style) + "\n")

    def legible(self, text: str) -> str:
        """The text without control characters, and in characters that the terminal has."""
        return plain(text) if self.unicode else spelled_out(plain(text))

    def cut(self, text: str, width: int) -> str:
        """The text, legible, in at most `width` cells."""
        shown = plain(self.legible(text), width)
        return shown if self.unicode else in_ascii(shown)

    def styled(self, text: str, style: str) -> str:
        """A text that is `legible` already, in a style."""
        return styled(text, style) if self.colour else text

    def raw(self, text: str) -> None:
        """What is known to be safe to write, and written at once."""
        self._stream.write(text)
        self._stream.flush()

    def _folded(self, text: str, hang: int) -> Sequence[str]:
        return [text] if self.columns is None else wrap(text, self.columns, hang)


def shows_unicode(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether they also come through to the eye, where the stream is a terminal: tmux and screen may be in between."""
    encoding = getattr(stream, "encoding", None)  # a stand-in may have none
    return speaks_unicode(encoding, environ) and (not stream.isatty() or passes_unicode(environ))


def speaks_unicode(encoding: str | None, environ: Mapping[str, str]) -> bool:
    """Whether box drawing and arrows arrive: the stream encodes them, and no locale says otherwise.

    Python takes UTF-8 in the C locale; a terminal that was told LC_ALL=C need not.
    """
    if (encoding or "").lower().replace("-", "") != "utf8":
        return False
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return not locale or "utf8" in locale.lower().replace("-", "")


def _columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    """What COLUMNS says, else the terminal itself."""
    asked = environ.get("COLUMNS", "")
    columns = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 0
    if not columns:
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except OSError:  # a stream that only says it is one
            columns = 0
    return max(columns or _WITHOUT_A_TERMINAL, _LEAST_COLUMNS)


_SECONDS = 1.0  # that tmux has to answer; it takes a few milliseconds


def passes_unicode(environ: Mapping[str, str], ask: Callable[[], str] | None = None) -> bool:
    """False where tmux was attached, or screen started, in a locale without UTF-8: each such sign would be a `_`.

    The locale in here says little: Python itself takes UTF-8 in the C locale, and writes LC_CTYPE=C.UTF-8 into the
    environment. tmux is asked about its client; where it does not answer, and in screen, the other variables count.
    """
    if environ.get("TMUX"):
        answer = (ask or _asked_once)()
        if answer in ("0", "1"):
            return answer == "1"
    elif not environ.get("TERM", "").startswith(("screen", "tmux")):
        return True
    coerced = environ.get("LC_CTYPE") in ("C.UTF-8", "C.utf8", "UTF-8")
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "C")
    return "utf8" in locale.lower().replace("-", "")


@cache
def _asked_once() -> str:
    try:
        answer = subprocess.run(
            ["tmux", "display-message", "-p", "#{client_utf8}"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
