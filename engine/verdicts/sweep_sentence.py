"""The verdict of a sweep in words: computed from its results alone, and which values are left out."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.config import TrainConfig
from engine.contract.settings import settings_of
from engine.contract.sweeps import DEFAULT_SEEDS, QUESTIONS, Number, SweepConfig, SweepResult
from engine.verdicts.sweep import Comparison, Point, Summary, compared, comparisons, reference, summaries

_DIGITS = range(6, 18)  # six are enough for values as people type them; 17 tell any two floats apart


def value_words(values: Sequence[Number]) -> dict[Number, str]:
    """Each value and its text: no two values have the same."""
    for digits in _DIGITS:
        words = {value: f"{value:.{digits}g}" if isinstance(value, float) else str(value) for value in values}
        if len(set(words.values())) == len(words):
            break
    return words


def point_words(config: SweepConfig, point: Sequence[Number]) -> tuple[str, ...]:
    """A value of the sweep, or a pair of values, each told apart from all others of its setting."""
    axes = (config.values, config.second_values)
    return tuple(value_words((*values, value))[value] for values, value in zip(axes, point, strict=False))


def point_named(config: SweepConfig, point: Sequence[Number]) -> str:
    """The same with the names of the settings: "learning rate 0.1, batch size 64"."""
    names = (name.replace("_", " ") for name in config.parameters)
    return ", ".join(f"{name} {words}" for name, words in zip(names, point_words(config, point), strict=True))


# In the order in which they are said: the kind, how it begins, and what follows the values.
_KINDS = {
    "lower": ("Lower at", ""),
    "higher": ("Higher at", ""),
    "slower": ("Higher at", ". The training loss is also higher there, so training is slower"),
    "within": ("Within 1 % at", ": no difference that matters"),
    "within-lower": ("Lower by less than 1 % at", ""),
    "within-higher": ("Higher by less than 1 % at", ""),
    "identical": ("Identical at", ""),
    "unknown": ("Too few seeds to tell at", ""),
    "diverged": ("Diverged at", ""),
}


def verdict(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    """Some short sentences: the reference, then the values of each kind together."""
    whole = compared(config, results)
    begun = [one for one in summaries(config, results) if one.values not in {result.values for result in whole}]
    without = "no value has finished all its seeds" if begun else "no run has ended yet"
    said = _verdict(config, summaries(config, whole), comparisons(config, results), without)
    if not begun:
        return said
    left_out = ", ".join(named(config, one.values) for one in begun)
    return f"{said} Left out, because not all seeds have ended: {left_out}."


def named(config: SweepConfig, values: Point) -> str:
    """A value, or pair of values, with the names of its settings."""
    named = zip(config.parameters, point_words(config, values), strict=True)
    return ", ".join(f"{_label(name)} {words}" for name, words in named)


def kind_of(one: Comparison) -> str:
    """What a comparison is told as; "" for the reference itself."""
    if one.diverged:
        return "diverged"
    if one.reference:
        return ""
    effect = one.difference.effect
    if effect == "within-1-percent":
        return ("within", "within-higher", "within-lower")[one.difference.sign]
    return "slower" if one.slower else effect


def _verdict(config: SweepConfig, summarised: Sequence[Summary], found: dict[Point, Comparison], without: str) -> str:
    where = QUESTIONS[config.question][:1].upper() + QUESTIONS[config.question][1:]
    base = reference(config, summarised)
    if base is None:
        return f"{where}: {'every run diverged' if summarised else without}, so nothing can be compared."
    ended = [one for one in summarised if one.seeds]
    best = min(ended, key=lambda one: one.validation_loss)
    if len(ended) < 2:
        return (
            f"{where}: only one value has ended, so nothing can be compared. {_diverged(config, summarised)}".rstrip()
        )
    if base.seeds < 2:
        return (
            f"{where} the lowest validation loss is {_loss(best.validation_loss)}, at {named(config, best.values)}. "
            f"One seed cannot separate an effect from chance: use --seeds {DEFAULT_SEEDS}. "
            f"{_diverged(config, summarised)}"
        ).rstrip()
    is_default = "the default" if base.values == config.default else "the value nearest to the default"
    first = (
        f"{where}, {is_default}, {named(config, base.values)}, ends at a validation loss of "
        f"{_loss(base.validation_loss)} (mean of {base.seeds} seeds)."
    )
    kinds = _grid_kinds(config, found, best) if config.second_parameter else _kinds(config, found)
    return " ".join([first, *kinds, *_noise(config, found)])


def _kinds(config: SweepConfig, found: dict[Point, Comparison]) -> list[str]:
    """A sentence a kind, with its values in ascending order and the size of the differences."""
    said = []
    for kind, (begins, ends) in _KINDS.items():
        of_kind = [one for one in found.values() if kind_of(one) == kind]
        if of_kind:
            size = _size(of_kind) if kind in ("lower", "higher", "slower") else ""
            said.append(f"{begins} {_ranges(config, found, of_kind)}{size}{ends}.")
    return said


def _grid_kinds(config: SweepConfig, found: dict[Point, Comparison], best: Summary) -> list[str]:
    """A sentence a kind, with how many pairs are of that kind, and the pair with the lowest mean."""
    said = []
    others = len(found) - 1
    for kind, (begins, ends) in _KINDS.items():
        of_kind = [one for one in found.values() if kind_of(one) == kind]
        if of_kind:
            pairs = f"{len(of_kind)} of the {others} other pairs"
            said.append(f"{begins} {pairs}{ends}.")
    return [*said, f"The lowest mean loss is {_loss(best.validation_loss)}, at {named(config, best.values)}."]


def _noise(config: SweepConfig, found: dict[Point, Comparison]) -> list[str]:
    loud = [one for one in found.values() if one.noisier]
    if not loud:
        return []
    where = _ranges(config, found, loud)
    if config.second_parameter:
        where = f"{len(loud)} pair{'s' if len(loud) > 1 else ''}"
    return [f"The loss varies more between seeds at {where}."]


def _ranges(config: SweepConfig, found: dict[Point, Comparison], chosen: Sequence[Comparison]) -> str:
    """`1 to 8, 64 and 512`: three neighbours or more among the values that were compared are a range."""
    stretches: list[list[Number]] = [[]]
    for one in sorted(found.values(), key=lambda one: one.values):
        if one in chosen:
            stretches[-1].append(one.values[0])
        elif stretches[-1]:
            stretches.append([])
    places: list[str] = []
    for stretch in stretches:
        words = [told for value in stretch for told in point_words(config, (value,))]
        places += words if len(words) < 3 else [f"{words[0]} to {words[-1]}"]
    return " and ".join(part for part in (", ".join(places[:-1]), places[-1]) if part)


def _size(chosen: Sequence[Comparison]) -> str:
    sizes = sorted(abs(one.difference.mean) for one in chosen)
    low, high = _loss(sizes[0]), _loss(sizes[-1])
    return f", by {low}" if low == high else f", by {low} to {high}"


def _diverged(config: SweepConfig, summarised: Sequence[Summary]) -> str:
    values = [named(config, one.values) for one in summarised if one.diverged]
    return f"Diverged: {', '.join(values)}." if values else ""


def _label(parameter: str) -> str:
    return next(setting.label for setting in settings_of(TrainConfig) if setting.name == parameter)


def _loss(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e4 else f"{value:.4g}"
