"""The tour: what the session has seen, and the way from an exercise that is answered to the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tui.pane.commands import EVERYWHERE
from tui.pane.exercises import EXERCISES, SUB_QUESTIONS
from tui.pane.hints import Hint, Offer, Press, registered

# The sub-questions that each pane answers, in the order of the exercises.
SHOWS: Mapping[str, tuple[str, ...]] = {
    exercise.pane: tuple(question.id for question in exercise.questions) for exercise in EXERCISES
}
_ASKS = {
    "softmax": "what does a logit of 100 do to softmax?",
    "loss": "where does cross-entropy by its definition fail?",
    "decide": "is the most likely label always the right answer?",
    "vocabulary": "what goes wrong with a large vocabulary?",
    "sweep": "what do learning rate and batch size change?",
}
GO_ON: Mapping[str, Hint] = {
    exercise.pane: registered(
        EVERYWHERE,
        exercise.pane,
        f"the pane in front has nothing left to answer, and exercise {exercise.number} is the first that is open",
        f"{{do}}, exercise {exercise.number}: {_ASKS[exercise.pane]}",
        Press(f"show_pane('{exercise.pane}')"),
    )
    for exercise in EXERCISES
}


@dataclass
class Tour:
    """What the session has seen: `answers` by the ids of their sub-questions, and `panes` that were in front."""

    answers: set[str] = field(default_factory=set)
    panes: set[str] = field(default_factory=set)

    def add(self, answers: Iterable[str]) -> None:
        """These were on the screen, too.

        Raises:
            ValueError: for what no exercise asks.
        """
        answers = frozenset(answers)
        if unknown := answers - SUB_QUESTIONS:
            raise ValueError(f"no sub-question of an exercise: {', '.join(sorted(unknown))}")
        self.answers |= answers

    @property
    def words(self) -> str:
        """ "3 of 11 answers seen"."""
        return f"{len(self.answers)} of {len(SUB_QUESTIONS)} answers seen"

    def open_in(self, pane_id: str) -> list[str]:
        """The sub-questions whose answers that pane has not shown yet."""
        return [question for question in SHOWS.get(pane_id, ()) if question not in self.answers]

    def onward(self, pane_id: str) -> Offer | None:
        """The way to the next exercise; None where the pane in front has answers to show, or all were seen."""
        if self.open_in(pane_id):
            return None
        following = next((other for other in SHOWS if self.open_in(other)), None)
        return GO_ON[following].offer() if following is not None else None
