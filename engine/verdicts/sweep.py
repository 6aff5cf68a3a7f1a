"""What a sweep has shown: each value compared with a reference value, seed by seed.

A value is compared once all of its seeds have ended. The intervals of all values hold together, and so do the tests of
noise (Bonferroni): where no value has an effect, at most 5 % of sweeps claim one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from engine.contract.sweeps import Number, SweepConfig, SweepResult
from engine.verdicts.paired import Difference, average, difference, noisier
from engine.verdicts.student_t import two_sided

Point = tuple[Number, ...]

# The chance that a sweep without an effect claims one, shared by two families of tests over all its values.
_DIFFERENCES, _NOISE = 0.04, 0.01


class Summary(Struct, frozen=True, kw_only=True):
    """The seeds of one value: means over those that came to their end."""

    values: Point
    seeds: int
    diverged: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float


class Comparison(Struct, frozen=True, kw_only=True):
    """A value beside the reference: the difference of their validation losses, over the seeds that both have.

    `slower`: the loss is higher, the training loss too, and the value takes the weights less far. `noisier`: the losses
    vary more from seed to seed. Of a value with `diverged` runs nothing is claimed.
    """

    values: Point
    reference: bool
    diverged: int
    difference: Difference
    slower: bool
    noisier: bool


def summaries(config: SweepConfig, results: Sequence[SweepResult]) -> tuple[Summary, ...]:
    """A summary for each value, or pair of values, that has results, in the order of the sweep."""
    return tuple(
        _summary(point, here)
        for point in config.points
        if (here := [result for result in results if result.values == point])
    )


def compared(config: SweepConfig, results: Sequence[SweepResult]) -> tuple[SweepResult, ...]:
    """Those of values all of whose seeds have ended; a mean of fewer seeds is of something else."""
    ended = Counter(result.values for result in results if result.status in ("finished", "diverged"))
    return tuple(result for result in results if ended[result.values] >= config.seeds)


def reference(config: SweepConfig, summarised: Sequence[Summary]) -> Summary | None:
    """The value that the others are compared with: the default's, else the nearest to it that has results."""
    ended = [one for one in summarised if one.seeds]
    if not ended:
        return None
    return min(ended, key=lambda one: sum(map(_distance, one.values, config.default)))


def comparisons(config: SweepConfig, results: Sequence[SweepResult]) -> dict[Point, Comparison]:
    """Each value all of whose seeds have ended beside the reference. Empty where one seed alone could not tell."""
    whole = compared(config, results)
    summarised = summaries(config, whole)
    base = reference(config, summarised)
    if base is None or base.seeds < 2:
        return {}
    return {one.values: _comparison(config, whole, one, base) for one in summarised}


def interval_width(seeds: int, values: int) -> float:
    """Half an interval for one of so many values, in standard deviations of the paired differences; inf for one seed.

    What it costs to have few seeds, or many values.
    """
    if seeds < 2:
        return math.inf
    return two_sided(_DIFFERENCES / max(1, values - 1), seeds - 1) / math.sqrt(seeds)


def _comparison(config: SweepConfig, results: Sequence[SweepResult], one: Summary, base: Summary) -> Comparison:
    values = max(1, len(config.points) - 1)
    level, of_noise = _DIFFERENCES / values, _NOISE / values
    losses, base_losses = _by_seed(results, one, "validation_loss"), _by_seed(results, base, "validation_loss")
    found = difference(losses, base_losses, level)
    if one.diverged:
        found = Difference(pairs=found.pairs, mean=found.mean, low=-math.inf, high=math.inf, effect="unknown")
    slower = False
    if found.effect == "higher" and _moves_less(config, one.values, base.values):
        train, base_train = _by_seed(results, one, "train_loss"), _by_seed(results, base, "train_loss")
        slower = difference(train, base_train, level).sign > 0
    return Comparison(
        values=one.values,
        reference=one is base,
        diverged=one.diverged,
        difference=found,
        slower=slower,
        noisier=not one.diverged and noisier(losses, base_losses, of_noise),
    )


def _moves_less(config: SweepConfig, values: Point, base: Point) -> bool:
    """Whether a value takes the weights less far, by the length of its steps or their number."""
    if config.second_parameter:
        return False
    if config.parameter in ("learning_rate", "epochs"):
        return values < base
    return config.parameter == "batch_size" and config.question == "images" and values > base


def _by_seed(results: Sequence[SweepResult], of: Summary, figure: str) -> dict[int, float]:
    found = {one.seed: getattr(one, figure) for one in results if one.values == of.values and _ended(one)}
    return {seed: loss for seed, loss in found.items() if math.isfinite(loss)}


def _ended(result: SweepResult) -> bool:
    return result.status == "finished" and math.isfinite(result.validation_loss)


def _summary(point: Point, results: Sequence[SweepResult]) -> Summary:
    ended = [result for result in results if _ended(result)]
    return Summary(
        values=point,
        seeds=len(ended),
        diverged=sum(result.status == "diverged" for result in results),
        train_loss=average([one.train_loss for one in ended]),
        validation_loss=average([one.validation_loss for one in ended]),
        validation_accuracy=average([one.validation_accuracy for one in ended]),
    )


def _distance(value: Number, default: Number) -> float:
    """In decades where that can be said."""
    return abs(math.log10(value / default)) if value > 0 and default > 0 else abs(value - default)
