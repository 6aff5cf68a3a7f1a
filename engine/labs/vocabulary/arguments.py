"""What was typed for `--sizes`, `--methods` and `--continue`, read alike by the app's command line and by a rank's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from engine.contract.errors import InputError
from engine.contract.settings import Setting, counting, parse
from engine.contract.vocabulary import LEAST_SIZE, METHODS, MOST_SIZE, Method

_SIZES = counting("sizes", LEAST_SIZE, MOST_SIZE)
_METHODS = Setting(name="methods", label="--methods", kind="choice", default=METHODS[0], choices=METHODS)


def sizes_of(typed: Sequence[str]) -> tuple[int, ...]:
    """Each number of words once. Raises InputError for what is none, or out of bounds."""
    return tuple(dict.fromkeys(cast(int, parse(_SIZES, text)) for text in typed))


def methods_of(typed: Sequence[str]) -> tuple[Method, ...]:
    """Each method once. Raises InputError for a name that no method has."""
    return tuple(dict.fromkeys(cast(Method, parse(_METHODS, text)) for text in typed))


def phrase_of(typed: str | None) -> str:
    """The phrase to continue, "" where none was asked for. Raises InputError for a blank one."""
    if typed is not None and not typed.strip():
        raise InputError(f"--continue: found {typed!r}, expected a phrase with a word of the text")
    return typed or ""
