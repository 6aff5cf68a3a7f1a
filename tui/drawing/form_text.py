"""The texts of a form, what they stand for, and what the arrow keys make of them. Whatever was typed is kept."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from engine.contract.errors import InputError
from engine.contract.settings import Setting, Value, parse, within
from engine.data.medical import MEDICAL
from tui.drawing.edits import Edit


def written(value: Value) -> str:
    """A value as a person would type it: `0.1`, `1e-7`, `on`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if not isinstance(value, float):
        return str(value)
    mantissa, _, exponent = f"{value:.9g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


class FormText:
    """One text for each setting. A subclass says what they stand for together."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        self.settings = tuple(settings)
        self.texts = {setting.name: written(setting.default) for setting in self.settings}
        self.in_front: dict[str, str] = {}  # what the run in front was started with; empty where there is none

    def setting(self, name: str) -> Setting:
        """The setting of that name, which there is."""
        return next(setting for setting in self.settings if setting.name == name)

    @property
    def hidden(self) -> Collection[str]:
        """The names of the fields that make no sense beside the other texts."""
        return ()

    def default(self, name: str) -> str:
        """The text that a field has where nobody has changed it."""
        return written(self.setting(name).default)

    def is_default(self, name: str) -> bool:
        """Whether nobody has changed it."""
        return self.texts[name].strip() == self.default(name)

    def before(self, name: str) -> str | None:
        """What the run in front has instead; None where it has the same, or there is no run."""
        started_with = self.in_front.get(name)
        if started_with is None or name in self.hidden or self.texts[name].strip() == started_with:
            return None
        try:
            return None if self.same(name, started_with) else started_with
        except InputError:
            return started_with

    def same(self, name: str, text: str) -> bool:
        """Whether a text stands for what the field says: 0.10 is 0.1. Raises InputError where one is nothing."""
        return self.parsed(name) == parse(self.setting(name), text)

    @property
    def edits(self) -> list[Edit]:
        """What is the next run's alone."""
        found = ((setting, self.before(setting.name)) for setting in self.settings)
        return [Edit(one.name, one.label, was, self.texts[one.name].strip()) for one, was in found if was is not None]

    def write(self, name: str, text: str) -> dict[str, str]:
        """Takes a text; returns the texts of all that changed with it."""
        self.texts[name] = text
        return {name: text}

    def parsed(self, name: str) -> Value:
        """What a text stands for. Raises InputError where that is nothing."""
        return parse(self.setting(name), self.texts[name])

    def faults(self) -> dict[str, str]:
        """The one line that is wrong with each field in sight, by its name; empty where all is well."""
        return self._faults_of([setting.name for setting in self.settings if setting.name not in self.hidden])

    def named_in(self, line: str) -> str:
        """The field that a refusal is about: `learning rate: found …` names the one of that label; "" for none."""
        label = line.partition(":")[0]
        return next((setting.name for setting in self.settings if setting.label == label), "")

    def check(self, *besides: str) -> None:
        """Raises InputError with the first line that is wrong, but for the fields `besides`."""
        for name, line in self.faults().items():
            if name not in besides:
                raise InputError(line)

    def _faults_of(self, names: Sequence[str]) -> dict[str, str]:
        """Of each of these fields alone."""
        faults: dict[str, str] = {}
        for name in names:
            try:
                self.parsed(name)
            except InputError as error:
                faults[name] = str(error)
        return faults


def at_field(setting: Setting, line: str) -> str:
    """The line without the label that stands beside it anyway."""
    return line.removeprefix(f"{setting.label}: ")


# Names that a text field goes through; anything else can still be typed.
DATASETS = ("auto", "fashion-mnist", "mnist", "kmnist", "silhouettes", *(one.name for one in MEDICAL))
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
