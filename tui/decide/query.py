"""What the pane Decide looks at, and what has to be asked for it. Knows neither Textual nor the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as with_

from engine.contract.answers import DecisionShown, ImagesShown, Mistake, SetsShown, ThresholdMoved
from engine.contract.commands import Command, MoveThreshold, ShowDecision, ShowImages
from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import CostsView, Decision, Flip
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, JudgedPart
from engine.contract.stories import story_of
from engine.contract.wire import Reply
from engine.processes.client import EngineGone
from tui.decide.monitor_query import MonitorAnswer
from tui.decide.own_answer import OwnAnswer
from tui.decide.scenario import CostChoice, Scenario, with_number
from tui.decide.sets_query import SetsAnswer
from tui.decide.words import View
from tui.drawing.album import MOST_KEPT, most_a_page
from tui.pane.engine_link import refusal_of


class DecideQuery:
    """The decision about a source, and the images that flip."""

    def __init__(self) -> None:
        self.question = Scenario()
        self.names: tuple[str, ...] = ()  # of the classes, empty while nobody knows them
        self.shown: DecisionShown | None = None
        self.answered_question: Scenario | None = None
        self.view: View = "threshold"  # that is in front
        self.sets = SetsAnswer()
        self.monitor = MonitorAnswer(lambda: max(0, self.positive))
        # Of the views with a question of their own.
        self.own: dict[View, OwnAnswer[Any, Any]] = {"sets": self.sets, "monitor": self.monitor}
        self.refusal = ""
        self.kind: int | None = None  # which of the kinds of flips is looked at, None for all
        self.cursor = 0  # of the images that flipped
        self.capacity = 8  # how many images are seen at once
        self.wants_images = False  # whether anybody sees them
        self.images: dict[int, Mistake] = {}
        self.moment = 0  # counts the models that images have come from
        self._typing = False  # whether the last change of the costs was typed, a character of many
        self._stale = False
        self._before: list[CostChoice] = []  # for undo
        self._matrix: tuple[object, CostMatrix] | None = None
        self._flipped: tuple[CostsView, int | None, tuple[tuple[int, Flip], ...]] | None = None

    # What is looked at

    def look_at(
        self,
        source: str,
        dataset: DatasetInfo | None,
        members: tuple[str, ...] = (),
        part: JudgedPart = "validation",
    ) -> None:
        """Another source or part. The class and the costs that were chosen stay where the classes are the same."""
        question = replace(self.question, source=source, members=members, part=part)
        if _same_sources(question, self.question):
            return
        if dataset is None or dataset.label_names != self.names:
            of_classes = question.costs.rows is not None or question.costs == self._usual_costs
            costs = CostChoice() if of_classes else question.costs
            question = replace(question, positive=None, costs=costs)
            self._before.clear()
            self.names = ()
        self.question, self.refusal = question, ""
        self.shown = self.answered_question = None
        for own in self.own.values():
            own.forget()
        self.images, self.kind, self.cursor = {}, None, 0
        self.moment += 1

    def refresh(self) -> None:
        """The model has moved on, or the engine is another one."""
        self._stale, self.refusal = True, ""
        for own in self.own.values():
            own.refusal = ""

    def change(self, question: Scenario) -> None:
        """Asks another question, unless it is the same."""
        if question != self.question:
            self.question, self.refusal = question, ""
            for own in self.own.values():
                own.refusal = ""

    def change_costs(self, costs: CostChoice, typing: bool = False) -> None:
        """What is typed character by character is one change, for undo."""
        if costs != self.question.costs:
            if not (typing and self._typing):
                self._before.append(self.question.costs)
            self._typing = typing
            self.change(replace(self.question, costs=costs))

    def type_number(self, name: str, value: float) -> None:
        """What stands in the field of that name now: a price, or another number of the question."""
        costs = self.question.costs
        if name == "miss":
            self.change_costs(costs.with_prices(value, costs.false_alarm), typing=True)
        elif name == "false_alarm":
            self.change_costs(costs.with_prices(costs.miss, value), typing=True)
        else:
            self.change(with_number(self.question, name, value))

    def ask_own(self, view: View, question: Command) -> None:
        """Asks another question of a view that has its own."""
        own = self.own[view]
        own.question, own.refusal, self.refusal = question, "", ""

    def undo_costs(self) -> bool:
        """Takes the last change of the costs back; False where there is none."""
        if not self._before:
            return False
        self._typing = False
        self.change(replace(self.question, costs=self._before.pop()))
        return True

    def next_positive(self, step: int) -> None:
        """The class so many on is the one to find."""
        if self.classes:
            self.choose_positive((self.positive + step) % self.classes)

    def choose_positive(self, positive: int) -> None:
        """This class is the one to find."""
        self.change(replace(self.question, positive=positive))

    def choose_kind(self, kind: int | None) -> None:
        """Looks at the flips of this kind, None for all."""
        self.kind, self.cursor = kind, 0

    def move_cursor(self, cursor: int) -> None:
        """To another of the images of the view in front."""
        if self.view == "sets":
            self.sets.cursor = cursor
        else:
            self.cursor = cursor

    # What is known of it

    @property
    def decision(self) -> Decision | None:
        """The last answer."""
        return self.shown.decision if self.shown is not None else None

    @property
    def dataset(self) -> DatasetInfo | None:
        """That of the last answer."""
        return self.shown.dataset if self.shown is not None else None

    @property
    def refused_here(self) -> str:
        """Why the engine will not answer what the view in front asks, "" where it will."""
        own = self.own.get(self.view)
        return self.refusal or (own.refusal if own is not None else "")

    @property
    def settled(self) -> bool:
        """Whether what is shown answers the question as it is now."""
        return self.answered_question == self.question and not self._stale

    @property
    def classes(self) -> int:
        """How many there are, 0 while nobody knows."""
        return len(self.names)

    @property
    def positive(self) -> int:
        """The class in question; that of the story by default, -1 while nobody knows the classes."""
        if self.question.positive is not None:
            return self.question.positive
        return story_of(self.names).positive if self.names else -1

    @property
    def _usual_costs(self) -> CostChoice:
        """The costs of the story, two prices while nobody knows the classes."""
        return CostChoice(preset=story_of(self.names).costs) if self.names else CostChoice()

    @property
    def matrix(self) -> CostMatrix | None:
        """The costs as they are now, whether or not anything has been decided by them yet."""
        if not self.names:
            return None
        made_from = (self.question.costs, self.names, self.positive)
        if self._matrix is None or self._matrix[0] != made_from:
            label = self.names[self.positive]
            self._matrix = (made_from, self.question.costs.matrix(self.classes, self.positive, label))
        return self._matrix[1]

    @property
    def flipped(self) -> Sequence[tuple[int, Flip]]:
        """The images of the kind that is looked at, by number, each with its flip."""
        if self.shown is None:
            return ()
        costs = self.shown.decision.costs
        if self._flipped is None or self._flipped[0] is not costs or self._flipped[1] != self.kind:
            flips = zip(costs.flipped, costs.kinds, strict=True)
            chosen = tuple((index, costs.flips[kind]) for index, kind in flips if self.kind in (None, kind))
            self._flipped = (costs, self.kind, chosen)
        return self._flipped[2]

    # What has to be asked

    def next_command(self) -> Command | None:
        """None where all that is looked at is there, or was refused."""
        if not self.question.source or self.refusal:
            return None
        if not self.settled:
            fresh = self._stale or self.shown is None or not _same_sources(self.question, self.answered_question)
            self._stale = False
            if not fresh and _but_for_numbers(self.question) == _but_for_numbers(self.answered_question):
                asked = self.question
                return MoveThreshold(threshold=asked.threshold, prevalence=asked.prevalence, referral=asked.referral)
            return self._decision_wanted(fresh)
        own = self.own.get(self.view)
        if own is not None and (wanted := own.wanted()) is not None:
            return wanted  # type: ignore[no-any-return]
        return self._images_wanted() if self.wants_images else None

    def _decision_wanted(self, fresh: bool) -> ShowDecision:
        question, matrix = self.question, self.matrix
        # Before the first answer nobody knows the classes: the engine takes the class and the costs of their story.
        known = question.costs != self._usual_costs and matrix is not None
        return ShowDecision(
            source=question.source,
            members=question.members,
            positive=question.positive,
            threshold=question.threshold,
            prevalence=question.prevalence,
            costs=matrix if known else None,
            referral=question.referral,
            fresh=fresh,
            part=question.part,
        )

    def _images_wanted(self) -> ShowImages | None:
        if self.view == "sets":
            cursor, indices = self.sets.cursor, [one.index for one in self.sets.images]
        else:
            cursor, indices = self.cursor, [index for index, _ in self.flipped]
        near = indices[max(0, cursor - self.capacity) : cursor + 2 * self.capacity]
        lacking = [index for index in near if index not in self.images]
        return ShowImages(indices=tuple(lacking[: most_a_page(self.dataset)])) if lacking else None

    def answered(self, question: Scenario, command: Command, reply: Reply) -> None:
        """Takes in the reply to a command that was made for `question`.

        Raises:
            InputError: it is about other classes than the decision.
        """
        if not _same_sources(question, self.question):
            return
        if isinstance(reply, ImagesShown):
            if len(self.images) > MOST_KEPT:
                self.images.clear()
            self.images.update((image.index, image) for image in reply.images)
        elif isinstance(reply, DecisionShown) and isinstance(command, ShowDecision):
            self._take(question, command, reply)
        elif isinstance(reply, ThresholdMoved) and self.shown is not None:
            before = self.shown.decision
            trust = with_(before.trust, abstention=reply.abstention)
            self.shown = with_(self.shown, decision=with_(before, threshold=reply.threshold, trust=trust))
            self.answered_question = question
        else:
            if isinstance(reply, SetsShown) and len(reply.sets.classes) != self.classes:
                raise InputError(f"sets: found {len(reply.sets.classes)} classes, expected {self.classes}")
            any(own.take(command, reply) for own in self.own.values())

    def _take(self, question: Scenario, command: ShowDecision, reply: DecisionShown) -> None:
        if command.fresh:
            for own in self.own.values():
                own.ask_again()
            self.images.clear()
            self.moment += 1
        known, self.shown, self.names = bool(self.names), reply, reply.decision.label_names
        if not known and self.question.costs == CostChoice():
            self.question = replace(self.question, costs=self._usual_costs)
        # The first answer, before which nobody knew the classes, may be about the story's costs instead.
        self.answered_question = question if command.costs is not None else replace(question, costs=self._usual_costs)
        if self.kind is not None and self.kind >= len(reply.decision.costs.flips):
            self.kind = None
        self.cursor = max(0, min(self.cursor, len(self.flipped) - 1))

    def refused(self, question: Scenario, error: InputError | EngineGone) -> None:
        """The engine will not answer; it is not asked again before something changes."""
        if question != self.question:
            return
        own = self.own.get(self.view)
        if own is not None and self.settled and isinstance(error, InputError):
            own.refusal = refusal_of(error)  # the other views have their answers
        else:
            self.refusal = refusal_of(error)


def _but_for_numbers(question: Scenario | None) -> Scenario | None:
    """The question without what `MoveThreshold` changes."""
    usual = Scenario()
    return question and replace(
        question, threshold=usual.threshold, prevalence=usual.prevalence, referral=usual.referral
    )


def _same_sources(one: Scenario, other: Scenario | None) -> bool:
    return other is not None and (one.source, one.members, one.part) == (other.source, other.members, other.part)
