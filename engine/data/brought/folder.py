"""What lies in a folder: its files, and of which kind they are."""

from __future__ import annotations

import os
from pathlib import Path

from engine.contract.errors import InputError
from engine.data.brought.content import Kind, kind_of, refusing
from engine.verdicts.one_line import one_line

MOST_FILES = 1_000_000
_DEEPEST = 5
_LOOKED_AT = 200  # files whose content tells what the folder holds
_ORDER: tuple[Kind, ...] = ("idx", "zip", "npy", "picture", "text")


def files_below(folder: Path) -> list[Path]:
    """Every regular file, in order, without those that are hidden; not deeper than five folders.

    Raises:
        InputError: there are more than a million, or the folder cannot be read.
    """
    found: list[Path] = []
    with refusing(folder):
        for place, folders, names in os.walk(folder, onerror=_refused):
            depth = len(Path(place).relative_to(folder).parts)
            folders[:] = sorted(name for name in folders if depth < _DEEPEST and not name.startswith((".", "__")))
            found += [Path(place, name) for name in sorted(names) if not name.startswith(".")]
            if len(found) > MOST_FILES:
                raise InputError(f"{one_line(folder)}: holds more than {MOST_FILES:,} files, expected a dataset")
    return [path for path in found if path.is_file()] if len(found) < _LOOKED_AT else found


def _refused(error: OSError) -> None:
    raise error


def sorted_by_kind(files: list[Path]) -> dict[Kind, list[Path]]:
    """The files by what they hold; of many, by what the first of them hold."""
    kinds: dict[Kind, list[Path]] = {}
    for path in files[:_LOOKED_AT]:
        kinds.setdefault(kind_of(path), []).append(path)
    return {kind: kinds[kind] for kind in _ORDER if kind in kinds}
