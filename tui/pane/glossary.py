"""The words of the screens that a reader of the book's section 4.4 cannot know: a sentence each, with its section."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tui.pane.commands import PANES

_EVERYWHERE = "all"


@dataclass(frozen=True)
class Word:
    """`book` is the section of Dive into Deep Learning that has it, "" for none. `panes` show it, by their ids.

    `also` has other spellings, under which it is found too.
    """

    term: str
    also: tuple[str, ...]
    book: str
    panes: tuple[str, ...]
    text: str

    def has(self, letters: str) -> bool:
        """Whether somebody who types these letters may mean it."""
        told = " ".join((self.term, *self.also, self.book, self.text)).casefold()
        return all(part in told for part in letters.casefold().split())

    def is_called(self, letters: str) -> bool:
        """Whether a spelling begins with these letters."""
        return any(name.casefold().startswith(letters.casefold().strip()) for name in (self.term, *self.also))


@cache
def glossary() -> tuple[Word, ...]:
    """All words, as `glossary.txt` has them, one a line."""
    lines = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
    return tuple(_word(line) for line in lines if line and not line.startswith("#"))


def words_for(pane: str, letters: str = "") -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words of a pane that fit the letters, and those of the others; what is called so goes first."""
    fitting = [word for word in glossary() if word.has(letters)]
    fitting.sort(key=lambda word: (not word.is_called(letters), word.term.casefold()))
    here = tuple(word for word in fitting if pane in word.panes)
    return here, tuple(word for word in fitting if pane not in word.panes)


def _word(line: str) -> Word:
    term, also, book, panes, text = (part.strip() for part in line.split(" ; ", 4))
    shown = tuple(pane.id for pane in PANES) if panes == _EVERYWHERE else tuple(panes.split())
    return Word(term, tuple(filter(None, also.split(", "))), book, shown, text)
