"""Text in lines of so many cells, or at both ends of one. A wide character, a Chinese one for instance, takes two."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run

_AFTER_WHICH_A_WORD_BREAKS = "/|,;:=_-"
_CLOSING = "、。，．：；！？）」』】〉》〕］｝"  # stays with the character before it
_BLANKS = re.compile(r"( +)")


def wrap(text: str, width: int, hang: int = 0) -> list[str]:
    """The text in lines of at most `width` cells, one line at least; all but the first begin with `hang` blanks.

    Blanks at the beginning stay. Words stay whole. A word that is wider than a line is broken after a sign such as
    `/`, else anywhere, and nothing of it is lost. Between wide characters a line may end anywhere.
    """
    width = max(2, width)  # a wide character needs as much
    hang = min(hang, width - max(2, width // 4))
    lines, line, used, begun = [], "", 0, False
    for blanks, word in _words(text.rstrip()):
        room = width - used - len(blanks)
        if begun and cell_len(word) > room and cell_len(word) <= width - hang:
            lines.append(line)
            line, used, blanks = " " * hang, hang, ""
        while cell_len(word) > (room := width - used - len(blanks)):
            if room < 2 or (begun and room < width // 4):
                lines += [line] if begun else []
                line, used, blanks, begun = " " * hang, hang, "", False
                continue
            first = _start(word, room)
            lines.append(line + blanks + first)
            line, used, blanks, word, begun = " " * hang, hang, "", word[len(first) :], False
        if word:
            line, used, begun = line + blanks + word, used + len(blanks) + cell_len(word), True
    return [*lines, line] if begun or not lines else lines


def _words(text: str) -> Iterator[tuple[str, str]]:
    """What stays on one line, with the blanks before it; a wide character is a word of its own."""
    blanks = ""
    for piece in _BLANKS.split(text):
        if not piece or piece.isspace():
            blanks = piece or blanks
            continue
        for word in _unbroken(piece):
            yield blanks, word
            blanks = ""


def _unbroken(piece: str) -> Iterator[str]:
    if piece.isascii():
        yield piece
        return
    word = ""
    for before, character in zip(f" {piece}", piece, strict=False):
        narrow = cell_len(character) == 0 or (cell_len(character) < 2 and cell_len(before) < 2)
        if word and not narrow and character not in _CLOSING:
            yield word
            word = ""
        word += character
    yield word


def _start(word: str, room: int) -> str:
    """As much of a word as `room` cells hold, up to a sign after which a word breaks, where the second half has one."""
    end = used = 0
    while used + cell_len(word[end]) <= room:
        used += cell_len(word[end])
        end += 1
    sign = max((word.rfind(sign, end // 2, end) for sign in _AFTER_WHICH_A_WORD_BREAKS), default=-1)
    return word[: sign + 1] if sign >= 0 else word[:end]


def wrapped(text: str, width: int, role: str = "text") -> list[Line]:
    """One line at least; a word with hyphens stays whole."""
    return [(Run(f" {line}", role),) for line in wrap(plain(text), max(20, width - 2))]


def at_both_ends(left: str, role: str, right: str, width: int) -> Line:
    """Left and right at the ends of a line; the right gives way."""
    room = max(0, width - 2)
    left = plain(left, room)
    beside = room - cell_len(left)
    return Run(f" {left}", role), Run(padded(plain(right, max(0, beside - 2)), beside, right=True), "muted")
