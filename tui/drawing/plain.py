"""Text from outside (paths, label names, another program's lines) made harmless and one line long."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

# More marks than this on one letter are no script's spelling but an attempt to draw over the neighbours.
MOST_MARKS = 2
VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def plain(text: str, width: int | None = None) -> str:
    """`text` as one harmless line, cut to `width` cells where one is given.

    Control characters, escape sequences, line ends, bidirectional overrides, invisible characters and lone
    surrogates are shown as backslash escapes. A cut text ends in `…`. Wide characters count as two
    cells and are never halved. No markup is read.
    """
    if width is None:
        return "".join(_shown(text))
    if width <= 0:
        return ""
    kept: list[tuple[str, int]] = []
    used = 0
    # What takes no cell must not make a cheap answer dear: a line of `width` cells needs few characters.
    for piece in _shown(text[: 8 * width + 64]):
        cells = cell_len(piece)
        kept.append((piece, cells))
        used += cells
        if used > width:
            return _cut(kept, used, width)
    return "".join(piece for piece, _ in kept)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`plain(text, width)` filled with spaces to exactly `width` cells, on its left where `right` is set."""
    shown = plain(text, width)
    space = " " * (width - cell_len(shown))
    return space + shown if right else shown + space


def _shown(text: str) -> list[str]:
    pieces: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        if character in VARIATION_SELECTORS:
            continue  # They change the width of what stands before them, in some terminals only.
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MOST_MARKS:
            continue
        if unicodedata.category(character) == "Zs":
            pieces.append(" ")
        elif character.isprintable():
            pieces.append(character)
        else:
            pieces.append(character.encode("unicode_escape").decode("ascii"))
    return pieces


def _cut(kept: list[tuple[str, int]], used: int, width: int) -> str:
    while kept and used > width - 1:
        used -= kept.pop()[1]
    return "".join(piece for piece, _ in kept) + "…"
