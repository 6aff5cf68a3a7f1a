"""The one exception that a person is meant to read, and how any other is said in a line."""

from __future__ import annotations


class InputError(Exception):
    """What was asked for cannot be done with what was given.

    `str()` is one line that names what was found and what was expected. The command line prints it and exits
    with 2, the worker sends it as a typed reply, a form shows it at the field.
    """


def line_of(error: Exception) -> str:
    """An InputError's own line; of any other its type and the first line of what it says."""
    line = next(iter(str(error).splitlines()), "")
    return line if isinstance(error, InputError) else f"{type(error).__name__}: {line}"
