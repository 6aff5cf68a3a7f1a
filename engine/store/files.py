"""Files that are there whole or not at all, and the names of files in messages."""

from __future__ import annotations

import os
from pathlib import Path

from engine.contract.errors import InputError

_CAN_SYNC_FOLDERS = hasattr(os, "O_DIRECTORY")


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that a reader, or who comes after a crash, sees the old content or the new one.

    Raises:
        InputError: naming the file and what the system said.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise InputError(
            f"{shown(path)}: found {error.strerror}, expected a folder that can be written and has room"
        ) from error


def is_partial(name: str) -> bool:
    """Whether a file was left by a process that died while it wrote."""
    return name.endswith(".partial")


def shown(named: object) -> str:
    """A path, or another library's word, on one line, whatever is in it."""
    text = str(named)
    return text if text.isprintable() else repr(text)


def _sync_folder(folder: Path) -> None:
    # The new name is on the disk only once the folder is.
    if not _CAN_SYNC_FOLDERS:
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
