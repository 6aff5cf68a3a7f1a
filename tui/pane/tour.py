"""The tour: after an exercise is answered, its pane offers the next one that is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.pane.commands import EVERYWHERE
from tui.pane.hints import Hint, Offer, Press, registered

# The answers that each pane shows, in the order of the exercises.
SHOWS: Mapping[str, tuple[str, ...]] = {
    "softmax": ("1a", "1b", "1c"),
    "loss": ("2a", "2b", "2c"),
    "decide": ("3a", "3b"),
    "vocabulary": ("4a", "4b"),
    "sweep": ("5a", "5b"),
}


def _to(pane_id: str, number: int, question: str) -> Hint:
    return registered(
        EVERYWHERE,
        pane_id,
        f"all answers of the pane in front were seen, and exercise {number} is the first that is open",
        f"{{do}}, exercise {number}: {question}",
        Press(f"show_pane('{pane_id}')"),
    )


GO_ON: Mapping[str, Hint] = {
    "softmax": _to("softmax", 1, "what does a logit of 100 do to softmax?"),
    "loss": _to("loss", 2, "what does cross-entropy by its definition cost, and where does it fail?"),
    "decide": _to("decide", 3, "is the most likely label always the right answer?"),
    "vocabulary": _to("vocabulary", 4, "what goes wrong with a large vocabulary?"),
    "sweep": _to("sweep", 5, "how do learning rate and batch size change the validation loss?"),
}


@dataclass
class Tour:
    """What the session has seen: `answers` by the number of their question, `panes` that were in front."""

    answers: set[str] = field(default_factory=set)
    panes: set[str] = field(default_factory=set)

    def open_in(self, pane_id: str) -> list[str]:
        """The questions whose answers that pane has not shown yet."""
        return [question for question in SHOWS.get(pane_id, ()) if question not in self.answers]

    def onward(self, pane_id: str) -> Offer | None:
        """The way to the next exercise; None where the pane in front has answers to show, or all were seen."""
        if self.open_in(pane_id):
            return None
        following = next((other for other in SHOWS if self.open_in(other)), None)
        return GO_ON[following].offer() if following is not None else None
