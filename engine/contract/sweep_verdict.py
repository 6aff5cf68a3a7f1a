"""What a sweep has shown, in one sentence, and what it has not.

A value is compared once all of its seeds have ended. An effect is a mean validation loss that lies beyond the spread of
the seeds around the default's value: further from the default's mean than the largest and the smallest loss of its
seeds are from each other.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Literal

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.settings import settings_of
from engine.contract.sweeps import QUESTIONS, Number, SweepConfig, SweepResult

Effect = Literal["none", "better", "worse", "noisy", "slower", "diverged"]
Point = tuple[Number, ...]

_NOISY = 2.0  # times the spread of the default's seeds: so much more luck is an effect of its own


class Summary(Struct, frozen=True, kw_only=True):
    """The seeds of one value: means and spreads (largest minus smallest) of those that came to their end."""

    values: Point
    seeds: int
    diverged: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    train_spread: float
    validation_spread: float


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


def effects(config: SweepConfig, summarised: Sequence[Summary]) -> dict[Point, Effect]:
    """What each value does, compared with the reference. Empty where one seed alone could not tell."""
    base = reference(config, summarised)
    if base is None or base.seeds < 2:
        return {}
    return {one.values: _effect(config, one, base) for one in summarised}


def verdict(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    """One or two sentences, computed from the results alone, and which values are left out."""
    whole = compared(config, results)
    begun = [one for one in summaries(config, results) if one.values not in {result.values for result in whole}]
    left_out = ", ".join(_named(config, one.values) for one in begun)
    without = "no value has all its seeds yet" if begun else "no run has ended yet"
    said = _verdict(config, summaries(config, whole), without)
    return f"{said} Left out, with seeds that have not ended: {left_out}." if left_out else said


def _verdict(config: SweepConfig, summarised: Sequence[Summary], without: str) -> str:
    where = QUESTIONS[config.question][:1].upper() + QUESTIONS[config.question][1:]
    base = reference(config, summarised)
    if base is None:
        return f"{where}: {'every run diverged' if summarised else without}, nothing can be compared."
    best = min((one for one in summarised if one.seeds), key=lambda one: one.validation_loss)
    if len([one for one in summarised if one.seeds]) < 2:
        return f"{where}: one value alone has ended, nothing can be compared. {_diverged(config, summarised)}".rstrip()
    if base.seeds < 2:
        return (
            f"{where} the lowest validation loss is {_loss(best.validation_loss)}, at {_named(config, best.values)}; "
            f"but one seed cannot tell an effect from luck: --seeds 3 can. {_diverged(config, summarised)}"
        ).rstrip()
    found = effects(config, summarised)
    said = _along(config, summarised, found, base) if len(base.values) == 1 else _grid(config, summarised, base, best)
    return f"{where}: {said}."


def _along(config: SweepConfig, summarised: Sequence[Summary], found: dict[Point, Effect], base: Summary) -> str:
    """The range without an effect, then what lies around it, neighbours of one kind together."""
    ordered = sorted(summarised, key=lambda one: one.values)
    stretches: list[tuple[Effect, list[Number]]] = []
    for one in ordered:
        effect = found[one.values]
        if stretches and stretches[-1][0] == effect:
            stretches[-1][1].append(one.values[0])
        else:
            stretches.append((effect, [one.values[0]]))
    (unmoved,) = (values for effect, values in stretches if effect == "none" and base.values[0] in values)
    label, is_default = _label(config.parameter), base.values == config.default
    compared = f"{'the default' if is_default else 'the value nearest the default'} {_short(base.values[0])}"
    around = f"{_loss(base.validation_loss)} at {compared}, whose {base.seeds} seeds spread over "
    around += _loss(base.validation_spread)
    if len(unmoved) > 1:
        first = f"no effect of the {label} from {_short(unmoved[0])} to {_short(unmoved[-1])} ({around})"
    else:
        alone = list(found.values()).count("none") == 1
        which = f"every other value of the {label} has" if alone else f"the neighbouring values of the {label} have"
        first = f"{which} an effect on the validation loss ({around})"
    others = [
        f"{effect} {_where(stretch, first=index == 0, last=index == len(stretches) - 1)}"
        for index, (effect, stretch) in enumerate(stretches)
        if stretch is not unmoved
    ]
    return "; ".join([first, ", ".join(others)] if others else [first])


def _where(values: Sequence[Number], *, first: bool, last: bool) -> str:
    low, high = _short(values[0]), _short(values[-1])
    if first:
        return f"at {high} and below" if len(values) > 1 else f"at {low}"
    if last:
        return f"from {low}" if len(values) > 1 else f"at {low}"
    return f"at {low}" if len(values) == 1 else f"from {low} to {high}"


def _grid(config: SweepConfig, summarised: Sequence[Summary], base: Summary, best: Summary) -> str:
    near = [one for one in summarised if one.seeds and one.validation_loss - best.validation_loss <= _room(best, base)]
    gain = base.validation_loss - best.validation_loss
    said = f"the lowest validation loss is {_loss(best.validation_loss)}, at {_named(config, best.values)}"
    if len(near) > 1:
        said += (
            f", and {len(near) - 1} other pair{'s lie' if len(near) > 2 else ' lies'} within the spread of the seeds"
        )
    if best is base:
        return f"{said}, which is {'the default' if base.values == config.default else 'the pair nearest the default'}"
    if gain <= _room(base, base):
        return (
            f"{said}; that is no effect, compared with {_loss(base.validation_loss)} at {_named(config, base.values)}"
        )
    return f"{said}; {_named(config, base.values)} comes to {_loss(base.validation_loss)}"


def _effect(config: SweepConfig, one: Summary, base: Summary) -> Effect:
    if one.diverged:
        return "diverged"
    difference = one.validation_loss - base.validation_loss
    if one is base or abs(difference) <= base.validation_spread:
        return "none"
    if difference < 0:
        return "better"
    if one.validation_spread > _NOISY * base.validation_spread:
        return "noisy"
    behind = one.train_loss - base.train_loss > base.train_spread
    return "slower" if behind and _moves_less(config, one.values, base.values) else "worse"


def _moves_less(config: SweepConfig, values: Point, base: Point) -> bool:
    """Whether a value takes the weights less far, by the length of its steps or their number."""
    if config.parameter in ("learning_rate", "epochs"):
        return values < base
    return config.parameter == "batch_size" and config.question == "images" and values > base


def _room(one: Summary, base: Summary) -> float:
    return max(one.validation_spread, base.validation_spread)


def _diverged(config: SweepConfig, summarised: Sequence[Summary]) -> str:
    values = [_named(config, one.values) for one in summarised if one.diverged]
    return f"Diverged: {', '.join(values)}." if values else ""


def _summary(point: Point, results: Sequence[SweepResult]) -> Summary:
    ended = [result for result in results if result.status == "finished" and math.isfinite(result.validation_loss)]
    trains, validations = [one.train_loss for one in ended], [one.validation_loss for one in ended]
    return Summary(
        values=point,
        seeds=len(ended),
        diverged=sum(result.status == "diverged" for result in results),
        train_loss=_mean(trains),
        validation_loss=_mean(validations),
        validation_accuracy=_mean([one.validation_accuracy for one in ended]),
        train_spread=_spread(trains),
        validation_spread=_spread(validations),
    )


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else math.nan


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values) if len(values) > 1 else math.nan


def _distance(value: Number, default: Number) -> float:
    """In decades where that can be said."""
    return abs(math.log10(value / default)) if value > 0 and default > 0 else abs(value - default)


def _label(parameter: str) -> str:
    return next(setting.label for setting in settings_of(TrainConfig) if setting.name == parameter)


def _named(config: SweepConfig, values: Point) -> str:
    return ", ".join(f"{_label(name)} {_short(value)}" for name, value in zip(config.parameters, values, strict=True))


def _short(value: Number) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _loss(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e4 else f"{value:.4g}"
