"""What is edited while a run is in front: the next run's settings, told apart from those of this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui.drawing.plain import plain

_SHORT = {"learning_rate": "rate", "batch_size": "batch"}


class Edit(NamedTuple):
    """A setting that the next run will have another value of than the run in front, which has `before`."""

    name: str
    label: str
    before: str
    text: str


def next_words(edits: Sequence[Edit], room: int) -> str:
    """ "next: rate 0.5, batch 64" in so many cells; "" where nothing was edited."""
    words = ", ".join(f"{_SHORT.get(edit.name, edit.label)} {edit.text}" for edit in edits)
    return plain(f"next: {words}", room) if edits else ""


def labels_of(edits: Sequence[Edit]) -> str:
    """The labels of more than one; of many the first."""
    labels = [edit.label for edit in edits]
    if len(labels) > 3:
        return f"{', '.join(labels[:2])} and {len(labels) - 2} more settings"
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def from_the_next_start(edits: Sequence[Edit], keys: str, of: str) -> str:
    """Said as soon as something is edited that cannot be taken up by what goes on; "" where nothing is.

    `keys` end it and start the next, "" while they would be typed; `of` is what goes on: "run", "sweep".
    """
    when = f"From the next start ({keys})" if keys else "From the next start"
    if len(edits) == 1:
        (edit,) = edits
        return f"{when}: {edit.label} {plain(edit.text, 24)}. This {of} keeps {plain(edit.before, 24)}."
    return f"{when}: {labels_of(edits)}. This {of} keeps its own." if edits else ""
