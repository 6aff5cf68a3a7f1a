"""How long a sweep takes: guessed from its settings, and from what the runs before it have taken."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.pairs import resolve_pair
from engine.contract.sweeps import SweepConfig, Trial, fits_in_group, trials, units
from tui.sweep.state import MemberState, SweepState

# Seconds, as measured on two cores (see tests/benchmarks/sweep.py): a step, what each further model adds to it, an
# image that is gathered and converted for one seed, its product with one model; the same for runs that share nothing;
# and the end of an epoch, with its evaluation and its checkpoint, for each run.
_STEP, _STEP_MODEL, _IMAGE, _MODEL = 17e-6, 4.5e-6, 0.5e-6, 0.2e-6
_STEP_ALONE, _IMAGE_ALONE = 40e-6, 1.5e-6
_EPOCH_END = 25e-3
_UNKNOWN_SIZE = 60_000
_SPAN = 15.0  # seconds that are looked back on
_LEAST = 1.0

Kind = tuple[bool, int]  # whether runs are trained together, and their batch size


@dataclass(frozen=True)
class Learned:
    """How many times longer than guessed runs have taken here, by their kind."""

    ratios: Mapping[Kind, float] = field(default_factory=dict)

    def of(self, config: TrainConfig) -> float:
        """For such a run: what the most similar one took. 1 where nothing was measured yet."""
        together, size = _kind(config)

        def unlike(kind: Kind) -> tuple[bool, float]:
            return kind[0] != together, abs(math.log(kind[1] / size))

        return self.ratios[min(self.ratios, key=unlike)] if self.ratios else 1.0

    def after(self, sweep: SweepState) -> Learned:
        """What is known with the epochs of this sweep, which count in the place of earlier ones of their kind."""
        if sweep.config is None or sweep.dataset is None:
            return self
        size, ratios = sweep.dataset.train_size, dict(self.ratios)
        for unit in _units(sweep.config, size):
            told = [sweep.members.get((trial.values, trial.seed), MemberState()).epochs for trial in unit]
            share = sum(map(len, told)) / (len(unit) * unit[0].config.epochs)
            measured = sum(epoch.seconds for epochs in told for epoch in epochs)
            if share and measured > 0:
                ratios[_kind(unit[0].config)] = measured / (share * _guess(unit, size))
        return Learned(ratios)


def _kind(config: TrainConfig) -> Kind:
    return fits_in_group(config), config.batch_size


_NOTHING = Learned()


def guessed_seconds(config: SweepConfig, train_size: int = _UNKNOWN_SIZE, learned: Learned = _NOTHING) -> float:
    """What it takes in all."""
    return sum(_seconds(unit, train_size, learned) for unit in _units(config, train_size))


def work_done(sweep: SweepState, learned: Learned = _NOTHING) -> float:
    """From 0 to 1: the share of the time, as far as that can be foreseen, not of the minibatches, which differ."""
    if sweep.config is None or sweep.dataset is None:
        return 0.0
    size = sweep.dataset.train_size
    planned = _units(sweep.config, size)
    weights = [_seconds(unit, size, learned) for unit in planned]
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
        self._sights: deque[tuple[float, SweepState]] = deque()

    def begin(self) -> None:
        """A sweep begins, of which nothing is known."""
        self._sights.clear()

    def saw(self, at: float, sweep: SweepState) -> None:
        """At a time in seconds the sweep had come so far."""
        self._sights.append((at, sweep))
        while len(self._sights) > 2 and self._sights[1][0] <= at - _SPAN:
            self._sights.popleft()

    def seconds(self, learned: Learned = _NOTHING) -> float:
        """Measured where it has moved for long enough, else what is foreseen for the whole, less what is done.

        Both are weighed with what is known by now: what was seen earlier is looked at with the same eyes.
        """
        if not self._sights:
            return 0.0
        (began, before), (at, sweep) = self._sights[0], self._sights[-1]
        first, share = work_done(before, learned), work_done(sweep, learned)
        if at - began >= _LEAST and share > first:
            return (1.0 - share) * (at - began) / (share - first)
        if sweep.config is None or sweep.dataset is None:
            return 0.0
        return guessed_seconds(sweep.config, sweep.dataset.train_size, learned) * (1.0 - share)


@lru_cache(maxsize=4)  # asked for at every step of the progress
def _units(config: SweepConfig, train_size: int) -> tuple[tuple[Trial, ...], ...]:
    return units([replace(trial, config=_resolved(trial.config)) for trial in trials(config, train_size)])


def _resolved(config: TrainConfig) -> TrainConfig:
    pair = resolve_pair(config.softmax, config.loss, config.gradient, config.label_smoothing)
    return replace(config, loss=pair.loss, gradient=pair.gradient)


def _seconds(unit: Sequence[Trial], train_size: int, learned: Learned) -> float:
    return _guess(unit, train_size) * learned.of(unit[0].config)


def _guess(unit: Sequence[Trial], train_size: int) -> float:
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
