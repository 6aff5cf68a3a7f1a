"""Where `softmax-tui` begins: signals first, everything else after them.

Neither this module nor `tui.cli.endings` imports anything that Python has not loaded by itself, `typing` included:
until they are imported ctrl+C is a traceback, and from then on it is quiet.
"""

from __future__ import annotations

import os
import sys

from tui.cli.endings import leave_at_signals


def main(arguments: list[str] | None = None) -> int:
    """Runs a command line (the process's own without `arguments`) and returns its exit code."""
    if arguments is None:
        leave_at_signals()
    try:
        from tui.cli.command_line import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except Exception as error:
        from engine.processes.broken_import import broken_import

        if line := broken_import(error):
            print(f"softmax-tui: {line}", file=sys.stderr)
            return 1
        raise


def process() -> None:
    """`main` as a process: ends it at once, with the exit code.

    Taking the interpreter and torch apart takes a while, and Python hears no signal any more in that time.
    """
    code = main()
    sys.stderr.flush()  # `main` has flushed stdout, or has found that nobody reads it
    os._exit(code)


if __name__ == "__main__":
    process()
