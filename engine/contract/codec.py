"""JSON lines. JSON has no inf and no nan, so these travel as the words "inf", "-inf" and "nan".

UTF-8 has no lone surrogates, which Python reads a path with that is not UTF-8: they travel as backslash escapes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from engine.contract.commands import Command
from engine.contract.errors import InputError
from engine.contract.wire import Event


class _Numbered(msgspec.Struct):
    request: int = 0


_encoder = msgspec.json.Encoder()


# Made on first use: a decoder of so many types takes time that the app's first frame should not wait for. Lax mode
# reads the words back where a float is declared.
@cache
def _commands() -> msgspec.json.Decoder[Command]:
    return msgspec.json.Decoder(Command, strict=False)


@cache
def _numbered() -> msgspec.json.Decoder[_Numbered]:
    return msgspec.json.Decoder(_Numbered)


@cache
def _events() -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(Event, strict=False)


def encode(message: Command | Event) -> bytes:
    """One line, its newline included."""
    return _encoder.encode(_writable(msgspec.to_builtins(message), _word)) + b"\n"


def encode_for_scripts(value: object) -> str:
    """One line for `--json`, without its newline: non-finite numbers are null, and −0 is 0."""
    return _encoder.encode(_writable(msgspec.to_builtins(value), _without_sign_of_zero)).decode()


def decode_command(line: bytes) -> Command:
    """Raises InputError for a line that is no command."""
    try:
        return _commands().decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"found a line that is no command: {error}") from error


def request_of(line: bytes) -> int:
    """The number that a line's reply has to name, also where the rest of it is no command; 0 where it has none."""
    try:
        return _numbered().decode(line).request
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def decode_event(line: bytes) -> Event:
    """Raises InputError for a line that is no event."""
    try:
        return _events().decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the engine sent a line that is no event: {error}") from error


def _word(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)


def _without_sign_of_zero(number: float) -> float:
    return number + 0.0  # −0 + 0 is 0


def _writable(value: Any, number: Callable[[float], object]) -> Any:
    """The value with every text as JSON can hold it and every float as `number` makes it."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_writable(key, number): _writable(item, number) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(item, number) for item in value]
    return value
