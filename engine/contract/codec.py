"""JSON lines. JSON has no inf and no nan, so these travel as the words "inf", "-inf" and "nan".

UTF-8 has no lone surrogates, which Python reads a path with that is not UTF-8: they travel as backslash escapes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, get_args

import msgspec

from engine.contract.commands import Command
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.contract.quantities import LONGEST_TEXT
from engine.contract.wire import Event

# Bytes. A list of 20,000 runs takes 20 MiB, a sweep of 1,000 runs of 100 epochs 30 MiB, which are read in 0.7 s.
# A worker sends no longer line, and a client reads none.
LONGEST_LINE = 2**25
_LONGEST_REASON = 300  # characters


class _Numbered(msgspec.Struct):
    request: int = 0


class _Tagged(msgspec.Struct):
    type: str = ""


# RecursionError: of lists within lists within lists.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_encoder = msgspec.json.Encoder()


# Made on first use: a decoder of so many types takes time that the app's first frame should not wait for. Lax mode
# reads the words back where a float is declared.
@cache
def _decoder(kind: Any, strict: bool = False) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=strict)


@cache
def _tags(union: Any) -> frozenset[object]:
    return frozenset(one.__struct_config__.tag for one in get_args(union))


def encode(message: Command | Event) -> bytes:
    """One line, its newline included."""
    return _line(message, _escaped)


def encode_event(event: Event) -> bytes:
    """One line as a worker may send it: long texts are cut, and where the line is too long it says that instead."""
    line = _line(event, _short)
    if len(line) <= LONGEST_LINE:
        return line
    found, expected = (f"{length / 2**20:,.0f} MiB" for length in (len(line), LONGEST_LINE))
    return encode(Failed(getattr(event, "request", 0), f"found an answer of {found}, expected at most {expected}"))


def _line(message: Command | Event, text: Callable[[str], str]) -> bytes:
    return _encoder.encode(_writable(msgspec.to_builtins(message, builtin_types=(bytes,)), _word, text)) + b"\n"


def encode_for_scripts(value: object) -> str:
    """One line for `--json`, without its newline: non-finite numbers are null, and −0 is 0."""
    return _encoder.encode(_writable(msgspec.to_builtins(value), _without_sign_of_zero)).decode()


def decode_command(line: bytes) -> Command:
    """Raises InputError for a line that is no command."""
    try:
        command: Command = _decoder(Command).decode(line)
    except _UNREADABLE as error:
        raise InputError(f"found a line that is no command: {_reason(error)}") from error
    return command


def request_of(line: bytes) -> int:
    """The number that a line's reply has to name, also where the rest of it is no command; 0 where it has none."""
    try:
        numbered: _Numbered = _decoder(_Numbered, strict=True).decode(line)
    except _UNREADABLE:
        return 0
    return numbered.request


def kind_of(line: bytes) -> Literal["event", "command", ""]:
    """What a line says it is; "" for one that is no message of ours."""
    try:
        tag = _decoder(_Tagged, strict=True).decode(line).type
    except _UNREADABLE:
        return ""
    return "event" if tag in _tags(Event) else "command" if tag in _tags(Command) else ""


def decode_event(line: bytes) -> Event:
    """Raises InputError for a line that is no event, or one whose parts do not fit."""
    try:
        event: Event = _decoder(Event).decode(line)
    except _UNREADABLE as error:
        raise InputError(f"it sent a line that is no event: {_reason(error)}") from error
    return event


def _reason(error: Exception) -> str:
    """What msgspec says, in one line: it may quote what came."""
    said = str(error)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in said[:_LONGEST_REASON])
    return shown if len(said) <= _LONGEST_REASON else f"{shown}…"


def _word(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)


def _without_sign_of_zero(number: float) -> float:
    return number + 0.0  # −0 + 0 is 0


def _escaped(text: str) -> str:
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def _short(text: str) -> str:
    text = _escaped(text)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _writable(value: Any, number: Callable[[float], object], text: Callable[[str], str] = _escaped) -> Any:
    """The value with every text as `text` makes it for JSON, and every float as `number` does.

    The text of a user's own functions stays whole.
    """
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {
            _writable(key, number): _writable(item, number, _escaped if key == "mine" else text)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_writable(item, number, text) for item in value]
    return value
