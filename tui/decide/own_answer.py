"""A question that one view alone asks, about what was decided. Knows neither Textual nor the engine."""

from __future__ import annotations

from typing import Generic, TypeVar

from engine.contract.commands import Question
from engine.contract.wire import Reply

AskedT = TypeVar("AskedT", bound=Question)
ShownT = TypeVar("ShownT", bound=Reply)


class OwnAnswer(Generic[AskedT, ShownT]):
    """`question` is as the keys have left it, `shown` the last answer, which may be to the question before."""

    def __init__(self, question: AskedT, answer: type[ShownT]) -> None:
        self.question = question
        self.shown: ShownT | None = None
        self.refusal = ""  # why the engine will not answer; it is not asked again before something changes
        self._answer = answer
        self._answered: AskedT | None = None

    @property
    def settled(self) -> bool:
        """Whether what is shown answers the question as it is now."""
        return self._answered == self.question

    def wanted(self) -> AskedT | None:
        """The question, unless it is answered."""
        return self.question if not self.settled and not self.refusal else None

    def take(self, question: object, reply: Reply) -> bool:
        """Takes in the reply to `question`; False where it answers no question of this view."""
        if not isinstance(reply, self._answer) or not isinstance(question, type(self.question)):
            return False
        self.shown, self._answered = reply, question
        return True

    def ask_again(self) -> None:
        """Something else has been decided: the answer is shown until there is a new one."""
        self._answered, self.refusal = None, ""

    def forget(self) -> None:
        """Another source is looked at."""
        self.shown = self._answered = None
        self.refusal = ""
