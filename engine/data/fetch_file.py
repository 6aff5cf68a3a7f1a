"""Fetches one published file into a folder. What arrived before a download broke off is kept, and not fetched again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

from engine.contract.errors import InputError
from engine.contract.progress import Progress
from engine.data.file_child import part_of
from engine.data.mirrors import MIRROR_VARIABLE, MirrorReport, Size, mirror_hint, reasons_of
from engine.data.published import PublishedFile
from engine.data.watched import STALL_SECONDS, Stalled, watched
from engine.processes.child import Child, Ended
from engine.verdicts.one_line import one_line


def fetch_file(
    what: str, file: PublishedFile, folder: Path, otherwise: str, stall_seconds: float = STALL_SECONDS
) -> Generator[Progress, None, None]:
    """Yields `Progress` in bytes ten times a second. Closing the generator ends the download, and keeps what arrived.

    `what` is called so in the progress and in refusals; `otherwise` says what can be done without a download.

    Raises:
        InputError: one line, where no address has the file, nothing arrives, or the folder cannot be written.
    """
    target = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(
            f"{one_line(folder)}: cannot be written: {one_line(error.strerror or error)}; expected a folder for {what}"
        ) from None
    # A third for the child's own socket timeout: it then names the address that stalls, and tries the next.
    limits = (str(file.most_bytes), str(stall_seconds / 3))
    arguments = (file.algorithm, file.checksum, str(target), *limits, *_addresses(file, folder.name))
    reports: list[MirrorReport] = []

    def measure() -> tuple[int, int]:
        arrived = _size(part_of(target))
        return arrived, arrived

    with Child[MirrorReport]("engine.data.file_child", *arguments, says=MirrorReport) as child:
        try:
            for arrived in watched(child, measure, reports, stall_seconds):
                total = next((report.bytes for report in reversed(reports) if isinstance(report, Size)), None)
                yield Progress("downloading", what, arrived, max(arrived, total or file.about_bytes), "bytes")
        except Ended as ended:
            if ended.code:
                raise InputError(_failure(what, file, target, reports, ended, otherwise)) from None
        except Stalled as stalled:
            raise InputError(_failure(what, file, target, reports, str(stalled), otherwise)) from None


def _addresses(file: PublishedFile, folder: str) -> list[str]:
    """Where to ask: the user's own mirror, laid out like a data folder or flat, else where it is published."""
    own = os.environ.get(MIRROR_VARIABLE)
    if not own:
        return [file.address]
    mirror = own.rstrip("/")
    return [f"{mirror}/{folder}/{file.name}", f"{mirror}/{file.name}"]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # it is whole, and was moved into place
        return 0


def _failure(
    what: str, file: PublishedFile, target: Path, reports: list[MirrorReport], end: str | Ended, otherwise: str
) -> str:
    arrived = _size(part_of(target))
    kept = f"; {arrived:,} bytes are kept, and the next attempt goes on from there" if arrived else ""
    return (
        f"{what} could not be downloaded: {'; '.join(reasons_of(reports, end))}{kept}; "
        f"put {file.name} into {one_line(target.parent)}, {mirror_hint()}, or {otherwise}"
    )
