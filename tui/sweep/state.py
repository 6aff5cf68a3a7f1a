"""What a sweep looks like: a pure function of the events that tell it, as a run's look is of its own."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from engine.contract.events import DatasetInfo, Diverged, EpochDone, Finished, Started, Status
from engine.contract.sweeps import (
    MemberSaid,
    Number,
    SweepConfig,
    SweepEvent,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
)
from engine.verdicts.sweep_sentence import verdict

Place = tuple[tuple[Number, ...], int]  # a value, or pair of values, and a seed


class MemberState(Struct, frozen=True, kw_only=True):
    """One run of a sweep: the epochs it has told, and what it came to. `ended_at` counts minibatches where it broke."""

    run_id: str = ""
    status: Status | None = None
    epochs: tuple[EpochDone, ...] = ()
    ended_at: int | None = None
    minibatches_per_epoch: int = 0
    result: SweepResult | None = None


class SweepState(Struct, frozen=True, kw_only=True):
    """A sweep as far as its events have told it. `done` of `total` minibatches, over all runs, have been taken."""

    sweep_id: str = ""
    config: SweepConfig | None = None
    device: str = ""
    dataset: DatasetInfo | None = None
    runs: int = 0
    ranks: int = 1
    status: Status | None = None
    members: dict[Place, MemberState] = {}
    done: int = 0
    total: int = 0
    finished: SweepFinished | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Every value and seed, in the order of the values."""
        if self.config is None:
            return ()
        first = self.config.base.seed
        return tuple((point, first + number) for point in self.config.points for number in range(self.config.seeds))

    @property
    def results(self) -> tuple[SweepResult, ...]:
        """Of the runs that have come to an end, in the order of the values."""
        members = (self.members.get(place) for place in self.places)
        return tuple(member.result for member in members if member is not None and member.result is not None)

    @property
    def verdict(self) -> str:
        """What the results carry so far; "" without a sweep."""
        return "" if self.config is None else verdict(self.config, self.results)


def apply(sweep: SweepState, event: SweepEvent | SweepProgress) -> SweepState:
    """The sweep after an event. What is told again, when a sweep goes on, comes to the same."""
    if isinstance(event, SweepStarted):
        return _started(sweep, event)
    if isinstance(event, SweepProgress):
        return replace(sweep, done=event.done, total=event.total, status="running", finished=None)
    if isinstance(event, SweepResult):
        place = (event.values, event.seed)
        member = sweep.members.get(place, MemberState(run_id=event.run_id))
        return _with(sweep, place, replace(member, result=event, status=event.status))
    if isinstance(event, SweepFinished):
        return replace(sweep, status=event.status, finished=event)
    place = (event.values, event.seed)
    before = sweep.members.get(place, MemberState())
    after = _member(before, event)
    return sweep if after == before else _with(sweep, place, after)


def _started(sweep: SweepState, event: SweepStarted) -> SweepState:
    """A new sweep, or the same one going on: what has been told of its runs stays until it is told again."""
    goes_on = sweep.sweep_id == event.sweep_id and sweep.config == event.config
    return SweepState(
        sweep_id=event.sweep_id,
        config=event.config,
        device=event.device,
        dataset=event.dataset,
        runs=event.runs,
        ranks=event.ranks,
        status="running",
        members=sweep.members if goes_on else {},
    )


def _with(sweep: SweepState, place: Place, member: MemberState) -> SweepState:
    return replace(sweep, members={**sweep.members, place: member})


def _member(member: MemberState, said: MemberSaid) -> MemberState:
    event = said.event
    if isinstance(event, Started):
        goes_on = member.run_id == said.run_id
        return MemberState(
            run_id=said.run_id,
            status="running",
            epochs=member.epochs[: event.epochs_done] if goes_on else (),
            minibatches_per_epoch=event.minibatches_per_epoch,
            result=member.result if goes_on else None,
        )
    if isinstance(event, EpochDone):
        return replace(member, epochs=(*member.epochs, event))
    if isinstance(event, Diverged):
        ended_at = (event.epoch - 1) * member.minibatches_per_epoch + event.minibatch
        return replace(member, status="diverged", ended_at=ended_at)
    return replace(member, status=event.status) if isinstance(event, Finished) else member
