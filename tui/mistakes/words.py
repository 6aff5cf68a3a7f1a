"""What the pane of mistakes looks at, in a line; what it shows, in a sentence; and what to try next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.cells import cell_len

from engine.contract.answers import Mistake, MistakesShown
from engine.contract.commands import ShowMistakes, SortKey
from tui.drawing.album import Album
from tui.drawing.confusions import ConfusedPair, filtered, name_of, pair_words, suspects
from tui.drawing.spans import Run

_FIGURES = 16  # cells: from here on probabilities have a decimal place

_ORDERS: dict[tuple[SortKey, bool], str] = {
    ("loss", True): "largest loss first",
    ("loss", False): "smallest loss first",
    ("confidence", True): "most confident first",
    ("confidence", False): "least confident first",
    ("margin", True): "largest margin first",
    ("margin", False): "smallest margin first",
    ("index", True): "by index, last first",
    ("index", False): "by index",
}


def order_words(question: ShowMistakes, is_scored: bool = True) -> str:
    """The order of the pictures, such as "largest loss first"; without probabilities it is by index."""
    return _ORDERS[(question.sort, question.descending) if is_scored else ("index", False)]


def filter_words(question: ShowMistakes, names: Sequence[str]) -> str:
    """`Shirt → Coat`; "all" where nothing is filtered."""
    if question.suspected:
        return "suspected label errors"
    if question.true is None and question.predicted is None:
        return "all"
    sides = ("any" if label is None else name_of(names, label, 14) for label in (question.true, question.predicted))
    return " → ".join(sides)


def moment_words(head: MistakesShown) -> str:
    """How far the model had been trained by the time it was asked."""
    epochs = f"after {head.epoch} epoch{'' if head.epoch == 1 else 's'}"
    return f"{epochs}, {head.minibatch:,} minibatches" if head.minibatch else epochs


def place_words(album: Album, cursor: int) -> str:
    """`3 of 1,710`."""
    return f"{cursor + 1:,} of {album.matching:,}" if album.matching else "none"


def caption_lines(image: Mistake, names: Sequence[str], lines: int, width: int) -> list[Run]:
    """What stands under an image in `lines` (2 or 3) of `width` cells: its classes, then what the model says.

    Names too long for one line have two. Where no line is left then, the loss is not said.
    """
    sure = f"{image.probability:.0%}" if width < _FIGURES else f"{image.probability:.1%}"
    numbers = Run(f"{sure} loss {image.loss:.3g}" if image.is_scored else f"#{image.index:,}", "muted")
    if image.true == image.predicted:
        return [Run(name_of(names, image.true, width), "right"), numbers]
    words = pair_words(names, image.true, image.predicted, width)
    true, predicted = name_of(names, image.true, width - 2), name_of(names, image.predicted, width)
    if words == f"{true} → {predicted}":
        return [Run(words, "text"), numbers]
    first = Run(f"{true} →", "text")
    if lines > 2:
        return [first, Run(predicted, "text"), numbers]
    room = width - cell_len(predicted) - 1
    return [first, Run(f"{predicted} {sure}" if len(sure) <= room and image.is_scored else predicted, "text")]


def finding(album: Album) -> str:
    """One sentence computed from what is shown."""
    head, question = album.head, album.question
    if head is None or question is None:
        return ""
    names = head.dataset.label_names
    if question.suspected:
        return suspects(head.confusion, album.matching, album.at(0), names)
    return filtered(head.confusion, names, question.true, question.predicted)


def following_pair(pairs: Sequence[ConfusedPair], question: ShowMistakes) -> ConfusedPair | None:
    """The pair after the one that is looked at, the first one at the end or where none is."""
    if not pairs:
        return None
    places = [number for number, pair in enumerate(pairs) if pair[:2] == (question.true, question.predicted)]
    return pairs[(places[0] + 1) % len(pairs)] if places else pairs[0]


def mistakes_command(question: ShowMistakes, limit: int, style: str) -> str:
    """The command line that prints the same images."""
    words = ["softmax-tui", "mistakes", *([question.run_id] if question.run_id else [])]
    words += ["--limit", str(limit), "--sort", question.sort]
    words += [] if question.descending else ["--ascending"]
    words += ["--suspected"] if question.suspected else []
    for flag, label in (("--true", question.true), ("--predicted", question.predicted)):
        words += [] if label is None else [flag, str(label)]
    words += [] if style == "ascii" else ["--style", style]
    words += [] if question.part == "validation" else ["--part", question.part]
    return shlex.join(words)
