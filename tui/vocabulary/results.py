"""What the engine has told of the vocabulary: figures by method and size, and how far training has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as with_

from engine.contract.vocabulary import METHODS, Method, VocabularyQuestion
from engine.contract.vocabulary_events import (
    VocabularyEvaluated,
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyRefused,
    VocabularyStarted,
    VocabularyText,
    VocabularyTrained,
)


def of_measuring(question: VocabularyQuestion) -> VocabularyQuestion:
    """The question without what matters to training alone."""
    nothing = VocabularyQuestion()
    return with_(question, steps=nothing.steps, batch_size=nothing.batch_size, learning_rate=nothing.learning_rate)


@dataclass(frozen=True)
class Race:
    """The methods trained against each other, at one size."""

    question: VocabularyQuestion
    words: int
    told: Mapping[Method, tuple[VocabularyEvaluated, ...]] = field(default_factory=dict)
    trained: Mapping[Method, VocabularyTrained] = field(default_factory=dict)
    refused: str = ""
    notices: tuple[str, ...] = ()  # on the phrase

    @property
    def whole(self) -> bool:
        """Whether every method has come to its end."""
        return bool(self.told) and self.trained.keys() == self.told.keys()


@dataclass(frozen=True)
class Results:
    """`measured` is of the settings `question`; it begins anew where another question is asked. `text` is its text.

    `earlier` is the last race that came to its end: it is shown again where the next is stopped before its own.
    """

    question: VocabularyQuestion | None = None
    text: VocabularyText | None = None
    measured: Mapping[tuple[int, Method], VocabularyMeasured] = field(default_factory=dict)
    race: Race | None = None
    earlier: Race | None = None
    ended: VocabularyFinished | None = None

    def after(self, event: VocabularyEvent) -> Results:
        """What is known once this was told too."""
        if isinstance(event, VocabularyStarted):
            return self._begun(event)
        if isinstance(event, VocabularyMeasured):
            return replace(self, measured={**self.measured, (event.vocabulary_size, event.method): event})
        if isinstance(event, VocabularyFinished):
            stopped = event.status == "stopped" and self.race is not None and not self.race.whole
            return replace(self, ended=event, race=self.earlier or self.race if stopped else self.race)
        race = self.race
        if race is None:
            return self
        if isinstance(event, VocabularyEvaluated):
            told = (*race.told.get(event.method, ()), event)
            race = replace(race, told={**race.told, event.method: told})
        elif isinstance(event, VocabularyTrained):
            race = replace(race, trained={**race.trained, event.method: event})
        elif isinstance(event, VocabularyRefused):
            race = replace(race, refused=event.reason)
        return replace(self, race=race)

    def of(self, question: VocabularyQuestion) -> tuple[VocabularyMeasured, ...]:
        """All that was measured with these settings, sizes ascending, methods in their order."""
        if self.question is None or self.question != of_measuring(question):
            return ()
        return tuple(sorted(self.measured.values(), key=lambda one: (one.vocabulary_size, METHODS.index(one.method))))

    def _begun(self, event: VocabularyStarted) -> Results:
        question = of_measuring(event.plan.question)
        measured = self.measured if question == self.question else {}
        race = self.race
        earlier = race if race is not None and race.whole else self.earlier
        if event.plan.train:
            race = Race(event.plan.question, event.plan.sizes[0], notices=event.notices)
        return Results(question, event.text, measured, race, earlier)
