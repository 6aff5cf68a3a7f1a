"""A library that cannot be imported, in one line with what to do. Imports little, and of the standard library alone."""

from __future__ import annotations

import importlib.util
import shlex
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from engine.verdicts.one_line import one_line

_OURS = ("engine", "tui")
_ROOT = Path(__file__).parents[2]


def broken_import(error: Exception) -> str:
    """The line, "" where the error is another.

    Whatever an `import` of this program's raises is one: a library that is half installed, or does not fit another,
    fails with an OSError, RuntimeError or AttributeError as often as with an ImportError.
    """
    name = _imported(error) or (error.name or "" if isinstance(error, ModuleNotFoundError) else "")
    library = name.partition(".")[0]
    if not library or library in _OURS:
        return ""
    why = one_line((str(error).strip() or type(error).__name__).splitlines()[0], 160)
    return f"{library} cannot be imported ({why}); install {library} again: {how_to_install(library)}"


def exit_with(main: Callable[[], int]) -> NoReturn:
    """Ends this process with the exit code of `main`, or with 1 and that line on stderr."""
    try:
        sys.exit(main())
    except Exception as error:
        if line := broken_import(error):
            sys.exit(line)
        raise


def how_to_install(*libraries: str) -> str:
    """The command for this environment: with uv where pip is not in it."""
    if (Path(sys.prefix) / "uv-receipt.toml").exists():
        return "uv tool upgrade --reinstall softmax-tui"
    words = ["uv", "pip", "install", "--python", sys.executable, "--reinstall", *libraries]
    if importlib.util.find_spec("pip") is not None:
        words = [sys.executable, "-m", "pip", "install", "--force-reinstall", *libraries]
    return shlex.join(words)


def _imported(error: Exception) -> str:
    """What the last line of this program on the way to the error imports, "" where it does something else."""
    ours = [_ROOT / package for package in _OURS]
    last = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if any(Path(frame.filename).is_relative_to(folder) for folder in ours):
            last = frame.line or ""
    kind, _, rest = last.partition(" ")
    return rest.split()[0].rstrip(",") if kind in ("import", "from") and rest else ""
