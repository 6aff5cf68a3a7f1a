"""How long a sweep will take: guessed from its settings, then measured by how it moves."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
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
