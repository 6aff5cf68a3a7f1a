"""What a process says on stderr of an error that it survives."""

from __future__ import annotations

import sys
import traceback
from contextlib import suppress

from engine.contract.errors import InputError


def explain(error: Exception) -> None:
    """Where the program is to be mended; nothing for what a person can mend."""
    if not isinstance(error, InputError):
        with suppress(OSError):  # stderr is a terminal that has been hung up
            traceback.print_exception(error, file=sys.stderr)
