"""The one exception that a person is meant to read."""


class InputError(Exception):
    """What was asked for cannot be done with what was given.

    `str()` is one line that names what was found and what was expected. The command line prints it and exits
    with 2, the worker sends it as a typed reply, a form shows it at the field.
    """
