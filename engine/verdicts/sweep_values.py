"""The values of a sweep in words, with as many digits as tell them apart."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.sweeps import Number, SweepConfig

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
