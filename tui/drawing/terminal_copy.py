"""A copy of what a terminal shows, so that a line carries only the cells that change.

It reads what is written for the terminal: places, colours and text. Everything else goes through as it is, and what
could change the picture in a way that is not known here makes the copy forget it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from rich.cells import cell_len

from tui.drawing.pen import Pen, pen_after

_TOKEN = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<pen>[\d;]*)m"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<mode>\x1b\[[?>=<][\d;]*\$?[a-zA-Z])"
    r"|(?P<other>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[^@-~]*[@-~]?|\x1b.?|[\x00-\x1f\x7f])"
)
_HARMLESS = re.compile(r"\x07|\x1b\[6n|\x1b\](?:0|2|22|52);.*", re.DOTALL)  # bell, question, title, pointer, clipboard
_OTHER_SCREEN = re.compile(r"\x1b\[\?(?:1049|1047|47)")
_GAP = 4  # unchanged cells of the same pen: to jump over them costs as much as to write them
_LEAST_ERASED = 10  # spaces: fewer are written

Cell = tuple[str, Pen]
_Row = list[Cell | None]  # None: nobody knows
_FURTHER = ""  # stands in the cell behind a character of two


class TerminalCopy:
    """Of `width` × `height` cells, of which nothing is known at first.

    `erases` is whether the terminal fills what it erases with the colour of the pen.
    """

    def __init__(self, width: int, height: int, erases: bool = False) -> None:
        self.erases = erases
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Another size; a terminal may move what it shows then."""
        self._width, self._height = width, height
        self._row = self._column = 0
        self._pen = Pen()
        self.forget()

    def forget(self) -> None:
        """Nothing is known of what is shown: whatever is written next is sent."""
        self._shown: list[_Row] = [[None] * self._width for _ in range(self._height)]
        self._wanted: list[_Row] = [list(row) for row in self._shown]
        self._touched: set[int] = set()

    def changes(self, data: str) -> str:
        """What has to be sent, where `data` was to be."""
        out: list[str] = []
        for token in _TOKEN.finditer(data):
            kind, sequence = token.lastgroup, token[0]
            if kind == "text":
                self._write(sequence)
            elif kind == "pen":
                self._pen = pen_after(self._pen, token["pen"])
            elif kind == "column":
                self._row, self._column = int(token["row"]) - 1, int(token["column"]) - 1
            elif sequence == "\n" and self._row < self._height - 1:  # on the last line it would scroll
                self._row, self._column = self._row + 1, 0
            else:
                out += self._changed()
                if _is_harmless(sequence, kind):
                    out.append(sequence)
                else:  # it may mean the pen, and the place
                    pen = self._pen.after(Pen())
                    out += (self._place(), pen, sequence, "\x1b[0m" if pen else "")
                    self.forget()
        return "".join((*out, *self._changed()))

    def _write(self, text: str) -> None:
        if not 0 <= self._row < self._height:
            return
        row, start = self._wanted[self._row], self._column
        self._column += cell_len(text)
        cells = list(_cells(text, self._pen))[: max(0, self._width - start)]
        end = start + len(cells)
        if row[start:end] != cells:
            for edge in (start, end):
                if edge < self._width and _is_further(row[edge]):
                    row[edge - 1] = row[edge] = None  # half of a character of two cells is written over
            row[start:end] = cells
            self._touched.add(self._row)

    def _changed(self) -> Iterator[str]:
        """The cells that differ, and then the place where writing has ended."""
        pen: Pen | None = None
        for number in sorted(self._touched):
            wanted, at = self._wanted[number], -1
            for start, end in self._stretches(number):
                at, first = start, f"\x1b[{number + 1};{start + 1}H" if at < 0 else f"\x1b[{start - at}C"
                yield first
                for (blank, wanted_pen), group in groupby(wanted[start:end], key=_look):
                    text = "".join(cell[0] for cell in group if cell is not None)
                    if pen is None or not (blank and wanted_pen == pen.on_spaces and not pen.marks_spaces):
                        yield wanted_pen.after(pen) if pen is not None else f"\x1b[0m{wanted_pen.after(Pen())}"
                        pen = wanted_pen
                    erased = self.erases and blank and len(text) >= _LEAST_ERASED and not pen.marks_spaces
                    yield f"\x1b[{len(text)}X\x1b[{len(text)}C" if erased else text
                at = end
            self._shown[number] = list(wanted)
        self._touched.clear()
        if pen is not None:
            yield f"\x1b[0m{self._place()}"

    def _place(self) -> str:
        return f"\x1b[{self._row + 1};{self._column + 1}H"

    def _stretches(self, number: int) -> Iterator[tuple[int, int]]:
        """Where a row is to be written anew: what differs, with short gaps of the same pen between."""
        shown, wanted = self._shown[number], self._wanted[number]
        start = end = -1
        for column, cell in enumerate(wanted):
            if cell is None or cell == shown[column]:
                continue
            first = column - 1 if _is_further(cell) else column  # a character of two cells is written whole
            if start < 0:
                start = first
            elif first > end and (first - end > _GAP or not _one_pen(wanted[end - 1 : first + 1])):
                yield start, end
                start = first
            end = column + 1
            while end < len(wanted) and _is_further(wanted[end]):
                end += 1
        if start >= 0:
            yield start, end


def _is_harmless(sequence: str, kind: str | None) -> bool:
    return not _OTHER_SCREEN.match(sequence) if kind == "mode" else _HARMLESS.fullmatch(sequence) is not None


def _cells(text: str, pen: Pen) -> Iterator[Cell]:
    """One for each cell; what takes none belongs to the character before."""
    blank = (" ", pen.on_spaces)
    if text.isascii():
        yield from (blank if character == " " else (character, pen) for character in text)
        return
    held = ""
    for character in text:
        if cell_len(character):
            if held:
                yield from _of_character(held, pen, blank)
            held = ""
        held += character
    yield from _of_character(held, pen, blank)


def _of_character(character: str, pen: Pen, blank: Cell) -> list[Cell]:
    if character == " ":
        return [blank]
    width = cell_len(character[0])
    return [(character, pen), *[(_FURTHER, pen)] * (width - 1)] if width else []


def _is_further(cell: Cell | None) -> bool:
    return cell is not None and cell[0] == _FURTHER


def _look(cell: Cell | None) -> tuple[bool, Pen]:
    """What is written in one go."""
    assert cell is not None
    return cell[0] == " ", cell[1]


def _one_pen(cells: _Row) -> bool:
    return len({None if cell is None or _is_further(cell) else cell[1] for cell in cells}) == 1 and cells[0] is not None
