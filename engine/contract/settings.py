"""What a form or a flag has to know of a setting, read from the config's own type, and reading its text."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal, get_args, get_type_hints

from msgspec import Struct, inspect

from engine.contract.errors import InputError

Value = str | int | float | bool
Kind = Literal["text", "choice", "switch", "integer", "number"]

_SWITCH = {
    "on": True,
    "yes": True,
    "true": True,
    "1": True,
    "off": False,
    "no": False,
    "false": False,
    "0": False,
}


class Setting(Struct, frozen=True, kw_only=True):
    """One field of a config. `minimum` and `maximum` are inclusive unless the `open_` flag says otherwise."""

    name: str
    label: str
    help: str = ""
    group: str = ""
    advanced: bool = False
    kind: Kind
    default: Value
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False

    @property
    def flag(self) -> str:
        """The option of a command, with its dashes."""
        return "--" + self.name.replace("_", "-")

    @property
    def metavar(self) -> str:
        """What stands for the value in a command's help."""
        if self.kind == "choice":
            return "|".join(self.choices)
        texts = "FILE" if self.name == "text" else "NAME"
        return {"switch": "on|off", "integer": "N", "number": "X", "text": texts}[self.kind]

    @property
    def help_with_default(self) -> str:
        """The help of a command that takes the setting's default where none is typed."""
        return self.help_with(self.default)

    def help_with(self, value: Value) -> str:
        """The help of a command that takes this value where none is typed."""
        return f"{self.help} (default {value_text(value) or 'none'})"

    @property
    def expected(self) -> str:
        """What a value has to be, in words: "an integer at least 1, at most 10,000,000"."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "switch":
            return "on or off"
        if self.kind == "text":
            return "a name or a path"
        bounds = [
            f"{'above' if self.open_minimum else 'at least'} {_short(self.minimum)}"
            if self.minimum is not None
            else "",
            f"{'below' if self.open_maximum else 'at most'} {_short(self.maximum)}" if self.maximum is not None else "",
        ]
        return f"a{'n integer' if self.kind == 'integer' else ' number'} " + ", ".join(b for b in bounds if b)


@cache
def settings_of(config_type: type[Struct]) -> tuple[Setting, ...]:
    """The settings of a config type in the order of its fields, without those that no form or flag shows."""
    described = inspect.type_info(config_type)
    assert isinstance(described, inspect.StructType)
    hints = get_type_hints(config_type)
    return tuple(
        _setting(field, get_args(hints[field.name]))
        for field in described.fields
        if not (isinstance(field.type, inspect.Metadata) and (field.type.extra or {}).get("hidden"))
    )


def value_text(value: Value) -> str:
    """A setting's value as one would type it: it reads back as the same value."""
    if isinstance(value, bool):
        return "on" if value else "off"
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return repr(value) if isinstance(value, float) and float(short) != value else short


@cache
def counting(name: str, least: int, most: int) -> Setting:
    """A whole number that is no setting of a run, such as a limit, for `parse`."""
    return Setting(name=name, label=f"--{name}", kind="integer", default=least, minimum=least, maximum=most)


def parse(setting: Setting, text: str) -> Value:
    """The value that a person's text stands for.

    Raises:
        InputError: naming the setting, what was found and what was expected.
    """
    text = text.strip()
    value: Value | None = None
    if setting.kind == "switch":
        value = _SWITCH.get(text.lower())
    elif setting.kind == "text" or (setting.kind == "choice" and text in setting.choices):
        value = text or None
    elif setting.kind in ("integer", "number"):
        value = _number(setting, text)
    if value is None or not within(setting, value):
        raise refusal(setting, text)
    return value


def refusal(setting: Setting, found: object) -> InputError:
    """The one line that says what was found in a setting and what was expected."""
    shown = str(found) if len(str(found)) <= 60 else str(found)[:57] + "…"
    return InputError(f"{setting.label}: found {shown!r}, expected {setting.expected}")


def within(setting: Setting, value: Value) -> bool:
    """Whether a value of the right type lies within the setting's bounds."""
    if setting.kind not in ("integer", "number"):
        return setting.kind != "choice" or value in setting.choices
    assert isinstance(value, int | float)
    low, high = setting.minimum, setting.maximum
    return (
        (isinstance(value, int) or math.isfinite(value))  # an integer may be too large for a float, and is one
        and (low is None or (value > low if setting.open_minimum else value >= low))
        and (high is None or (value < high if setting.open_maximum else value <= high))
    )


def check(config: Struct) -> None:
    """Raises InputError for the first setting of a config that lies outside its bounds."""
    for setting in settings_of(type(config)):
        value = getattr(config, setting.name)
        if not within(setting, value):
            raise refusal(setting, value)


def _setting(field: inspect.Field, choices: tuple[str, ...]) -> Setting:
    meta = field.type
    assert isinstance(meta, inspect.Metadata), f"{field.name} has no bounds, label and help"
    schema, extra = meta.extra_json_schema or {}, meta.extra or {}
    common = {
        "name": field.name,
        "label": schema.get("title", field.name),
        "help": schema.get("description", ""),
        "group": extra.get("group", ""),
        "advanced": extra.get("advanced", False),
        "default": field.default,
    }
    of = meta.type
    if isinstance(of, inspect.IntType | inspect.FloatType):
        return Setting(
            **common,
            kind="integer" if isinstance(of, inspect.IntType) else "number",
            minimum=of.ge if of.gt is None else of.gt,
            maximum=of.le if of.lt is None else of.lt,
            open_minimum=of.gt is not None,
            open_maximum=of.lt is not None,
        )
    if isinstance(of, inspect.LiteralType):
        return Setting(**common, kind="choice", choices=choices)  # msgspec would sort them
    return Setting(**common, kind="switch" if isinstance(of, inspect.BoolType) else "text")


def _number(setting: Setting, text: str) -> int | float | None:
    try:
        return int(text) if setting.kind == "integer" else float(text)
    except ValueError:
        return None


def _short(number: float | None) -> str:
    assert number is not None
    if isinstance(number, int):
        return f"{number:,}"
    return f"{number:,.0f}" if number == int(number) and abs(number) < 1e7 else f"{number:g}"
