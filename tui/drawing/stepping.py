"""What the arrow keys make of a field's text: the next value up or down that makes sense for its setting."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.errors import InputError
from engine.contract.settings import Setting, parse, within
from tui.drawing.form_text import written

# Names that a text field goes through; anything else can still be typed.
DATASETS = ("auto", "fashion-mnist", "mnist", "kmnist", "silhouettes")
DEVICES = ("auto", "cpu")

_POWERS_OF_TWO = ("batch_size", "dimension", "positions", "chunk", "samples")
_COUNTS = ("train_size", "validation_size", "num_classes", "steps", "negatives", "memory")
_SHARE = 0.05  # one step of what lies between 0 and 1
_LEAST = 1e-6  # what a pull on the weights starts with


def stepped(setting: Setting, text: str, up: bool, suggestions: Sequence[str] = ()) -> str:
    """The text after one step; at a bound the same, and the default where the text is no value."""
    if setting.kind not in ("integer", "number"):
        return cycled(choices_of(setting) or suggestions, text, forward=up)
    try:
        value = float(parse(setting, text))
    except InputError:
        return written(setting.default)
    new = _next(setting, value, up)
    if setting.kind == "integer":
        # A seed beyond 2**53 is no float: counted as it is.
        whole = int(text.strip()) + (1 if up else -1) if _by_one(setting) else round(new)
        return str(whole) if within(setting, whole) else text
    return written(new) if within(setting, new) else text


def choices_of(setting: Setting) -> tuple[str, ...]:
    """The values of a setting that has a list of them; a switch has two."""
    return ("on", "off") if setting.kind == "switch" else setting.choices


def cycled(choices: Sequence[str], text: str, forward: bool) -> str:
    """The choice after or before one, around the end; the first where the text is none of them."""
    if text not in choices:
        return choices[0] if choices else text
    return choices[(choices.index(text) + (1 if forward else -1)) % len(choices)]


def _by_one(setting: Setting) -> bool:
    return setting.kind == "integer" and setting.name not in _POWERS_OF_TWO + _COUNTS


def _is_share(setting: Setting) -> bool:
    """Whether it lies between 0 and 1 and is not meant to be tiny, as what probabilities are clipped at is."""
    default = float(setting.default)
    return setting.maximum is not None and setting.maximum <= 1 and (default == 0 or default >= _SHARE)


def _next(setting: Setting, value: float, up: bool) -> float:
    if setting.name in _POWERS_OF_TWO:
        power = math.log2(value)
        return float(2 ** max(0, math.floor(power + 1e-9) + 1 if up else math.ceil(power - 1e-9) - 1))
    if _is_share(setting):
        steps = value / _SHARE
        return round(_SHARE * (math.floor(steps + 1e-9) + 1 if up else math.ceil(steps - 1e-9) - 1), 10)
    return _one_two_five(value, up)


def _one_two_five(value: float, up: bool) -> float:
    """The next of …, 0.1, 0.2, 0.5, 1, 2, 5, …; below the least of them stands 0."""
    if value <= 0:
        return _LEAST if up else -_LEAST
    exponent = math.floor(math.log10(value))
    # Written and read back, because 2 * 10**-2 is not always 0.02.
    grid = [float(f"{factor}e{power}") for power in range(exponent - 1, exponent + 2) for factor in (1, 2, 5)]
    if up:
        return min(point for point in grid if point > value * (1 + 1e-9))
    below = max(point for point in grid if point < value * (1 - 1e-9))
    return below if below >= _LEAST * (1 - 1e-9) else 0.0
