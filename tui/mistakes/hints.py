"""What to try next in Mistakes, by what is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tui.drawing.album import Album
from tui.drawing.confusions import ConfusedPair, name_of
from tui.mistakes.words import following_pair
from tui.pane.hints import Offer, Press, registered
from tui.pane.tour import Tour

_hint = partial(registered, "mistakes")

PAIR = _hint(
    "pair",
    "all mistakes are in front",
    "{do} filters by {pair}. {suspects} shows labels that may be wrong.",
    Press("next_pair"),
)
SUSPECTS = _hint(
    "suspects",
    "a filter is on",
    "{do} shows labels that may be wrong. {next_pair} filters by {pair}, {clear_filter} clears the filter.",
    Press("suspects"),
)
NO_SUSPECTS = _hint(
    "no-suspects",
    "no label is suspected",
    "{do} filters by {pair}. {clear_filter} shows all mistakes.",
    Press("next_pair"),
)
JUDGE = _hint(
    "judge",
    "suspected labels are in front",
    "{do} enlarges the image. Judge the label for yourself.",
    Press("enlarge"),
)


def next_to_try(album: Album, pairs: Sequence[ConfusedPair], tour: Tour | None = None) -> Offer | None:
    """None where nothing is known yet, or there is no mistake."""
    head, question = album.head, album.question
    if head is None or question is None:
        return None
    pair = following_pair(pairs, question)
    if pair is None:
        return tour.onward("mistakes") if tour is not None else None
    names = head.dataset.label_names
    true, said = (name_of(names, label, 14) for label in pair[:2])
    words = f"{true} → {said} ({pair.images:,})"
    if question.true is not None or question.predicted is not None:
        return SUSPECTS.offer(pair=words)
    if question.suspected and not album.matching:
        return NO_SUSPECTS.offer(pair=words)
    if question.suspected:
        return (tour.onward("mistakes") if tour is not None else None) or JUDGE.offer()
    return PAIR.offer(pair=words)
