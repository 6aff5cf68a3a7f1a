"""JSON lines. JSON has no inf and no nan, so these travel as the words "inf", "-inf" and "nan"."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from engine.contract.commands import Command
from engine.contract.errors import InputError
from engine.contract.wire import Event


class _Numbered(msgspec.Struct):
    request: int = 0


_encoder = msgspec.json.Encoder()
# Lax mode reads the words back where a float is declared.
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command, strict=False)
_numbered = msgspec.json.Decoder(_Numbered)
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event, strict=False)


def encode(message: Command | Event) -> bytes:
    """One line, its newline included."""
    return _encoder.encode(_with_words(msgspec.to_builtins(message))) + b"\n"


def encode_for_scripts(value: object) -> str:
    """One line for `--json`, without its newline: non-finite numbers are null."""
    return _encoder.encode(value).decode()


def decode_command(line: bytes) -> Command:
    """Raises InputError for a line that is no command."""
    try:
        return _commands.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"found a line that is no command: {error}") from error


def request_of(line: bytes) -> int:
    """The number that a line's reply has to name, also where the rest of it is no command; 0 where it has none."""
    try:
        return _numbered.decode(line).request
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def decode_event(line: bytes) -> Event:
    """Raises InputError for a line that is no event."""
    try:
        return _events.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the engine sent a line that is no event: {error}") from error


def _with_words(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: _with_words(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_words(item) for item in value]
    return value
