"""Answers to what Decide asks: a source is judged once, and what does not depend on the question is kept."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from msgspec.structs import replace

from engine.analysis.conformal import Conformity, sets_view
from engine.analysis.costs import costs_view
from engine.analysis.decisions import decision_curve, threshold_view
from engine.analysis.evidence import Evidence
from engine.analysis.grouping import Grouping
from engine.analysis.groups import groups_view, thresholds_of_groups
from engine.analysis.mistakes import Predictions, check_index, described
from engine.analysis.trust import abstention, trust_view
from engine.contract.answers import DecisionShown, ImagesShown, MonitorShown, SetsShown, ThresholdMoved
from engine.contract.commands import MoveThreshold, ShowDecision, ShowImages, ShowMonitor, ShowSets
from engine.contract.conformal import SetMethod
from engine.contract.cost_matrix import CostMatrix
from engine.contract.decisions import CostsView, Decision, ThresholdView, TrustView
from engine.contract.errors import InputError
from engine.contract.events import JudgedPart
from engine.contract.groups import GroupsBy, GroupsView, GroupThresholds
from engine.contract.net_benefit import NetBenefitCurve
from engine.contract.progress import Notice, Progress
from engine.contract.stories import story_of, usual_costs
from engine.jobs.judged_model import Judged, judged, predictions_of
from engine.jobs.monitored import Monitoring
from engine.jobs.recorded_run import Session, Training

_Asked = tuple[JudgedPart, tuple[str, ...]]  # the part, and the source with the other members of an ensemble


@dataclass
class _Case:
    """What was judged, and what a moved threshold or level leaves as it is."""

    asked: _Asked
    members: tuple[Judged, ...]
    evidence: Evidence
    trust: TrustView | None = None
    costs: CostsView | None = None
    positive: int = 0  # that the last question was about, `costs` too
    curves: dict[int, NetBenefitCurve] = field(default_factory=dict)
    groupings: dict[GroupsBy | None, Grouping] = field(default_factory=dict)
    groups: GroupsBy | None = None  # that the last question was about
    own_thresholds: tuple[object, GroupThresholds | None] = (None, None)  # of which class, costs and groups
    conformity: dict[SetMethod, Conformity] = field(default_factory=dict)

    @cached_property
    def predictions(self) -> Predictions:
        """Of the ensemble, where there is one."""
        return self.members[0].predictions if len(self.members) == 1 else predictions_of(self.evidence)

    def threshold_view(self, positive: int, threshold: float, prevalence: float) -> ThresholdView:
        """Raises InputError where there is no such class."""
        if positive not in self.curves:
            self.curves = {positive: decision_curve(self.evidence, positive)}
        return threshold_view(self.evidence, positive, threshold, prevalence, self.curves[positive])

    @cached_property
    def monitoring(self) -> Monitoring:
        """The stream of their images."""
        return Monitoring(self.members, self.evidence)

    def trust_view(self, referral: float) -> TrustView:
        if self.trust is None:
            others = [member.evidence for member in self.members] if len(self.members) > 1 else []
            self.trust = trust_view(self.evidence, referral, others)
        elif self.trust.abstention.referral != referral:
            self.trust = replace(self.trust, abstention=abstention(self.evidence, referral))
        return self.trust

    def groups_view(self, positive: int, threshold: float, costs: CostMatrix, by: GroupsBy | None) -> GroupsView:
        """Raises InputError where there are no such groups."""
        if by not in self.groupings:
            self.groupings[by] = self.members[0].grouping(by)
        grouping, made_from = self.groupings[by], (positive, costs, by)
        if self.own_thresholds[0] != made_from:
            self.own_thresholds = made_from, thresholds_of_groups(self.evidence, grouping, positive, costs)
        self.groups = by
        return groups_view(self.evidence, grouping, positive, threshold, self.own_thresholds[1])

    def costs_view(self, costs: CostMatrix, positive: int) -> CostsView:
        if self.costs is None or (self.costs.costs, self.positive) != (costs, positive):
            self.costs, self.positive = costs_view(self.evidence, costs, positive), positive
        return self.costs


class Deciding:
    """Remembers the last case, so that a question that only moves the threshold judges nothing anew."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._case: _Case | None = None

    def shown(self, question: ShowDecision, training: Training | None) -> Iterator[Progress | Notice | DecisionShown]:
        """The progress of loading, and the decision.

        Raises:
            InputError: a source cannot be judged, or the question is about a class that there is not.
        """
        asked = question.part, (question.source, *question.members)
        if question.fresh or self._case is None or self._case.asked != asked:
            self._case = None  # not two sources in memory at once
            self._case = yield from self._judged(asked, training)
        yield _answer(question, self._case)

    def moved(self, question: MoveThreshold) -> ThresholdMoved:
        """Of the last decision what its numbers change: neither the costs nor the images that flip.

        Raises:
            InputError: nothing has been decided yet.
        """
        case = self._decided()
        names = case.evidence.label_names
        costs = case.costs.costs if case.costs is not None else usual_costs(names, case.positive)
        return ThresholdMoved(
            request=question.request,
            threshold=case.threshold_view(case.positive, question.threshold, question.prevalence),
            groups=case.groups_view(case.positive, question.threshold, costs, case.groups),
            abstention=case.trust_view(question.referral).abstention,
        )

    def images(self, question: ShowImages) -> ImagesShown:
        """Images of the last decision's source.

        Raises:
            InputError: nothing has been decided yet, or there is no such image.
        """
        case = self._decided()
        predictions, first = case.predictions, case.members[0]
        for index in question.indices:
            check_index(predictions, index)
        images = tuple(described(predictions, index, first.pictures) for index in question.indices)
        return ImagesShown(request=question.request, dataset=first.info, images=images, part=first.part)

    def monitor(self, question: ShowMonitor) -> MonitorShown:
        """The images of the last decision as a stream.

        Raises:
            InputError: nothing has been decided yet, or the question does not fit its images.
        """
        return MonitorShown(request=question.request, view=self._decided().monitoring.view(question.question))

    def sets(self, question: ShowSets) -> SetsShown:
        """Sets of labels for the images of the last decision.

        Raises:
            InputError: nothing has been decided yet, or the level is none.
        """
        case, level = self._decided(), question.level
        if not 0 <= level <= 1:
            raise InputError(f"level: found {level:g}, expected 0 to 1")
        if question.method not in case.conformity:
            case.conformity[question.method] = Conformity.of(case.evidence, question.method)
        conformity = case.conformity[question.method]
        return SetsShown(request=question.request, sets=sets_view(case.evidence, conformity, level))

    def _decided(self) -> _Case:
        if self._case is None:
            raise InputError("no model has been decided about yet, expected that first")
        return self._case

    def _judged(self, asked: _Asked, training: Training | None) -> Generator[Progress | Notice, None, _Case]:
        part, sources = asked
        members: list[Judged] = []
        for source in sources:
            members.append((yield from judged(self._session, source, training, part)))
        alone = members[0].evidence
        evidence = Evidence.of_ensemble([one.evidence for one in members]) if len(members) > 1 else alone
        return _Case(asked, tuple(members), evidence)


def _answer(question: ShowDecision, case: _Case) -> DecisionShown:
    evidence, first = case.evidence, case.members[0]
    names = evidence.label_names
    positive = story_of(names).positive if question.positive is None else question.positive
    # The threshold first: it says where there is no such class.
    threshold = case.threshold_view(positive, question.threshold, question.prevalence)
    costs = question.costs
    if costs is None:
        costs = usual_costs(names, positive)
    of_costs = case.costs_view(costs, positive)  # before the groups: it says where the costs are of another size
    return DecisionShown(
        request=question.request,
        sources=tuple(member.source for member in case.members),
        dataset=first.info,
        epoch=first.epoch,
        decision=Decision(
            label_names=names,
            num_examples=len(evidence.labels),
            threshold=threshold,
            costs=of_costs,
            trust=case.trust_view(question.referral),
            groups=case.groups_view(positive, question.threshold, costs, question.groups),
        ),
    )
