"""What the Sweep pane tells the engine, and what is known of how it obeys and of how long it takes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from functools import lru_cache, reduce

from msgspec.structs import replace

from engine.contract.answers import SweepReplayed, SweepsListed
from engine.contract.commands import ListSweeps, ReplaySweep, ResumeSweep, StartSweep
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.contract.events import Started
from engine.contract.pairs import resolve_pair
from engine.contract.progress import Progress
from engine.contract.sweeps import (
    MemberSaid,
    SweepConfig,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
    Trial,
    fits_in_group,
    trials,
    units,
)
from engine.contract.wire import Event
from engine.processes.client import Engine, EngineGone
from tui.pane.lab import JobControl
from tui.sweep.form import SweepFormText
from tui.sweep.state import MemberState, SweepState, apply
from tui.sweep.words import Phase

# Seconds, as measured on two cores (see tests/benchmarks/sweep.py): a step, what each further model adds to it, an
# image that is gathered and converted for one seed, its product with one model; the same for runs that share nothing;
# and the end of an epoch, with its evaluation and its checkpoint, for each run.
_STEP, _STEP_MODEL, _IMAGE, _MODEL = 17e-6, 4.5e-6, 0.5e-6, 0.2e-6
_STEP_ALONE, _IMAGE_ALONE = 40e-6, 1.5e-6
_EPOCH_END = 25e-3
_UNKNOWN_SIZE = 60_000
_SPAN = 15.0  # seconds that are looked back on
_LEAST = 1.0


def guessed_seconds(config: SweepConfig, train_size: int = _UNKNOWN_SIZE) -> float:
    """What it takes in all."""
    return sum(_seconds(unit, train_size) for unit in _units(config, train_size))


def work_done(sweep: SweepState) -> float:
    """From 0 to 1: the share of the time, as far as that can be foreseen, not of the minibatches, which differ."""
    if sweep.config is None or sweep.dataset is None:
        return 0.0
    size = sweep.dataset.train_size
    planned = _units(sweep.config, size)
    weights = [_seconds(unit, size) for unit in planned]
    done, left = 0.0, sweep.done
    for unit, weight in zip(planned, weights, strict=True):
        members = [sweep.members.get((trial.values, trial.seed), MemberState()) for trial in unit]
        taken = sum(_minibatches(trial, member, size) for trial, member in zip(unit, members, strict=True))
        if all(member.result is not None for member in members):
            done, left = done + weight, left - taken
        else:
            share = left / taken if taken else 0.0
            done += weight * min(1.0, max(0.0, share))
            break
    return done / sum(weights) if sum(weights) else 0.0


class Remaining:
    """The time left, from how the share of the work has grown over the last seconds. The clock is the caller's."""

    def __init__(self) -> None:
        self._sights: deque[tuple[float, float]] = deque()

    def begin(self) -> None:
        """A sweep begins, of which nothing is known."""
        self._sights.clear()

    def saw(self, at: float, share: float) -> None:
        """At a time in seconds so large a share of the work was done."""
        if self._sights and share < self._sights[-1][1]:
            self._sights.clear()
        self._sights.append((at, share))
        while len(self._sights) > 2 and self._sights[1][0] <= at - _SPAN:
            self._sights.popleft()

    def seconds(self, guessed: float) -> float:
        """Measured where it has moved for long enough, else what was `guessed` for the whole, less what is done."""
        if not self._sights:
            return guessed
        (began, first), (at, share) = self._sights[0], self._sights[-1]
        if at - began >= _LEAST and share > first:
            return (1.0 - share) * (at - began) / (share - first)
        return guessed * (1.0 - share)


@lru_cache(maxsize=4)  # asked for at every step of the progress
def _units(config: SweepConfig, train_size: int) -> tuple[tuple[Trial, ...], ...]:
    return units([replace(trial, config=_resolved(trial.config)) for trial in trials(config, train_size)])


def _resolved(config: TrainConfig) -> TrainConfig:
    pair = resolve_pair(config.softmax, config.loss, config.gradient, config.label_smoothing)
    return replace(config, loss=pair.loss, gradient=pair.gradient)


def _seconds(unit: Sequence[Trial], train_size: int) -> float:
    first = unit[0]
    steps, size = _steps(first, train_size), min(first.config.batch_size, train_size)
    ends = len(unit) * first.config.epochs * _EPOCH_END
    if not fits_in_group(first.config):
        return ends + steps * (_STEP_ALONE + size * _IMAGE_ALONE)
    seeds, models = len({trial.seed for trial in unit}), len(unit)
    return ends + steps * (_STEP + _STEP_MODEL * (models - 1) + size * (_IMAGE * seeds + _MODEL * models))


def _steps(trial: Trial, train_size: int) -> int:
    return trial.steps or trial.config.epochs * -(-train_size // trial.config.batch_size)


def _minibatches(trial: Trial, member: MemberState, train_size: int) -> int:
    """What a run takes, or has taken where it has ended early."""
    if member.ended_at is not None:
        return member.ended_at
    if member.result is not None and trial.config.patience:
        return len(member.epochs) * member.minibatches_per_epoch
    return _steps(trial, train_size)


_EVENTS = (SweepStarted, MemberSaid, SweepResult, SweepProgress, SweepFinished)


class SweepControl(JobControl):
    """Starts and ends sweeps, looks back at earlier ones, and foresees how long they take."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.live = SweepState()
        self.earlier: SweepState | None = None  # a stored one that is looked at instead
        self.typed: SweepConfig | None = None  # of the live one, as it was asked for, with every `auto`
        self._asked: SweepConfig | None = None  # of a sweep that has not started yet
        self.remaining = Remaining()
        self.share = 0.0
        self._guessed = 0.0
        self._planned: tuple[SweepConfig | None, int, float] = (None, 0, 0.0)

    @property
    def sweep(self) -> SweepState:
        """The one in front."""
        return self.earlier or self.live

    @property
    def asked_for(self) -> SweepConfig | None:
        """The one in front as it was asked for; None where nobody knows."""
        return self.typed if self.earlier is None else None

    @property
    def phase(self) -> Phase:
        """How far the live sweep is."""
        if self.waiting is not None:
            return "queued"
        if self._loading:
            return "loading"
        return "running" if self.live.status == "running" else "idle"

    @property
    def seconds_left(self) -> float:
        """Until the live sweep ends, about."""
        return self.remaining.seconds(self._guessed)

    def planned(self, form: SweepFormText) -> tuple[int | None, float | None]:
        """How many runs a form stands for and how long they will take, about; None twice where it is not right."""
        try:
            config = form.config()
        except InputError:
            return None, None
        if config != self._planned[0]:
            info = self.live.dataset
            known = info is not None and config.base.dataset in ("auto", info.name)
            size = info.train_size if known and info is not None else config.base.train_size
            self._planned = (config, len(config.points) * config.seeds, guessed_seconds(config, size))
        return self._planned[1:]

    def told(self, event: Event) -> bool:
        """Whether it concerns a sweep."""
        if isinstance(event, _EVENTS):
            self.live = apply(self.live, event)
            self._moved(event)
            return True
        if isinstance(event, Started):  # a run, which takes the place of what was being prepared
            self._loading = False
            return True
        if isinstance(event, Progress):
            self.progress = event if self._loading else None
            return self._loading
        if isinstance(event, Failed) and event.request == 0 and self.phase in ("running", "loading"):
            self._ended("failed", event.message)
            return True
        return False

    def gone(self, gone: EngineGone) -> None:
        """The worker has died: what was seen stays, and can be gone on with."""
        if self.phase in ("running", "loading"):
            self._ended("interrupted", str(gone))

    async def start(self, config: SweepConfig) -> None:
        """Begins a sweep, in place of whatever is going on."""
        self._asked, self.earlier = config, None
        await self._begin(StartSweep(config=config))

    async def resume(self) -> None:
        """Goes on with the sweep in front if it has not come to its end, else with the last stored one that has not."""
        sweep_id = await self._resumable()
        self._asked = None
        await self._begin(ResumeSweep(sweep_id=sweep_id))
        self.earlier = None

    async def stop(self) -> None:
        """Forgets a start that waits; ends a sweep, of which what has ended stays."""
        if self.take_waiting() is None and self.phase != "idle":
            await self._stop(self.live.sweep_id)

    async def turn(self, step: int) -> bool:
        """Looks at the stored sweep so many on in their circle, newest first; False where there is no other."""
        listed = await self._engine.ask(ListSweeps())
        assert isinstance(listed, SweepsListed)
        ids = [one.sweep_id for one in listed.sweeps]
        here = self.sweep.sweep_id
        if not ids or ids == [here]:
            return False
        chosen = ids[(ids.index(here) + step) % len(ids)] if here in ids else ids[0 if step > 0 else -1]
        if chosen == self.live.sweep_id and self.live.status is not None:
            self.earlier = None
            return True
        replayed = await self._engine.ask(ReplaySweep(sweep_id=chosen))
        assert isinstance(replayed, SweepReplayed)
        self.earlier = reduce(apply, replayed.events, SweepState())
        return True

    async def _resumable(self) -> str:
        if self.sweep.status in ("stopped", "interrupted", "failed") and self.sweep.sweep_id:
            return self.sweep.sweep_id
        listed = await self._engine.ask(ListSweeps())
        assert isinstance(listed, SweepsListed)
        for one in listed.sweeps:
            if one.ended < one.runs:
                return one.sweep_id
        raise InputError("found no sweep that was stopped, expected one to go on with")

    def _moved(self, event: Event) -> None:
        if isinstance(event, SweepStarted):
            self._prepared()
            self.typed, self._asked = self._asked, None
            self.earlier = None
            self.remaining.begin()
            self._guessed = guessed_seconds(event.config, event.dataset.train_size)
        elif isinstance(event, SweepFinished):
            self._loading = False
        if isinstance(event, SweepProgress | SweepStarted | SweepResult):
            self.share = work_done(self.live)
            self.remaining.saw(time.monotonic(), self.share)

    def _ended(self, status: str, reason: str) -> None:
        self._loading = False
        if self.live.status == "running":
            end = SweepFinished(
                sweep_id=self.live.sweep_id,
                status="failed" if status == "failed" else "interrupted",
                seconds=0.0,
                verdict=self.live.verdict,
                reason=reason,
            )
            self.live = apply(self.live, end)
