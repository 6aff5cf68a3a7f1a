"""`--mine FILE.py`: a file with a softmax or a cross-entropy of the user's own, read as text."""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec.structs import replace

from engine.contract.answers import RunSummary
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError

_MOST_BYTES = 1_000_000


def add_yours(parser: argparse.ArgumentParser | argparse._ArgumentGroup, what: str) -> None:
    """The flag; `what` is done with the file's functions."""
    parser.add_argument(
        "--mine",
        metavar="FILE.py",
        default=argparse.SUPPRESS,
        help=f"your own softmax(logits), cross_entropy(probabilities, labels) or both; {what}",
    )


def yours_of(options: argparse.Namespace) -> str:
    """The text of the file that was named, "" where none was.

    Raises:
        InputError: it is missing, no file, too large, empty or no UTF-8.
    """
    name: str | None = getattr(options, "mine", None)
    if name is None:
        return ""
    expected = "expected a Python file"
    path = Path(name)
    try:
        if path.is_dir():
            raise InputError(f"--mine: found the folder {name!r}, {expected}")
        if path.exists() and not path.is_file():
            raise InputError(f"--mine: found {name!r}, which is not a regular file, {expected}")
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"--mine: {name!r} cannot be read, {(error.strerror or str(error)).lower()}; {expected}"
        ) from error
    except ValueError as error:  # a null byte in the name
        raise InputError(f"--mine: found {name!r}, {error}; {expected}") from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"--mine: found more than {_MOST_BYTES:,} bytes in {name!r}, {expected} of your own")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"--mine: found byte {error.start} of {name!r}, which is not UTF-8, {expected}") from error
    if not text.strip():
        raise InputError(f"--mine: found {name!r} empty, {expected} with a softmax or cross_entropy")
    return text


def readable(summary: RunSummary) -> RunSummary:
    """The run's line with the file's checksum for its text; `runs export --format json` has the text."""
    return replace(summary, config=without_text(summary.config))


def without_text(config: TrainConfig) -> TrainConfig:
    """The config with the file's checksum for its text, for a line that is to be read."""
    if not config.mine:
        return config
    import hashlib

    return replace(config, mine=f"sha256:{hashlib.sha256(config.mine.encode()).hexdigest()}")
