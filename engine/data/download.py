"""Fetches a dataset of the catalogue through torchvision, into a temporary folder and then into place."""

import os
import shutil
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from engine.contract.errors import InputError
from engine.contract.progress import Progress
from engine.data.catalog import CatalogEntry
from engine.data.mirrors import MirrorReport, mirror_hint, reasons_of
from engine.data.watched import STALL_SECONDS, Stalled, watched
from engine.processes.child import Child, Ended
from engine.verdicts.one_line import one_line

_PREFIX = ".fetching-"
_ABANDONED_SECONDS = 24 * 3600


def download(
    entry: CatalogEntry, data_dir: Path, stall_seconds: float = STALL_SECONDS
) -> Generator[Progress, None, None]:
    """Downloads `entry` into `data_dir` (as torchvision lays it out), replacing files of the same names.

    Yields `Progress` in bytes ten times a second. Closing the generator kills the download. Raises
    InputError, one line, where no mirror has the files, nothing arrives for `stall_seconds`, or the folder
    cannot be written; nothing is left in place then.
    """
    if entry.folder is None:
        raise InputError(f"{entry.name}: this program draws the dataset, so there is nothing to download")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(data_dir)
        staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=data_dir))
    except OSError as error:
        raise InputError(
            f"{one_line(data_dir)}: cannot be written: {one_line(error.strerror or error)}; "
            f"expected a folder for {entry.name}"
        ) from None
    try:
        yield from _run_child(entry, staging, stall_seconds)
        _move_into_place(staging / entry.folder, data_dir / entry.folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _run_child(entry: CatalogEntry, staging: Path, stall_seconds: float) -> Generator[Progress, None, None]:
    """Lets the child download into `staging` and watches it; the child never outlives this generator."""
    # A third for the child's own socket timeout: it then names the mirror that stalls, and tries the next.
    arguments = (entry.name, str(staging), str(stall_seconds / 3))
    reports: list[MirrorReport] = []

    def begun() -> bool:
        return (staging / str(entry.folder)).exists()

    with Child[MirrorReport]("engine.data.mirrors", *arguments, says=MirrorReport) as child:
        try:
            for arrived in watched(child, lambda: _sizes(staging), reports, stall_seconds, begun):
                done = min(arrived, entry.archive_bytes)
                yield Progress("downloading", entry.name, done, entry.archive_bytes, "bytes")
        except Ended as ended:
            if ended.code:
                raise InputError(_failure(entry, staging.parent, reports, ended)) from None
        except Stalled as stalled:
            raise InputError(_failure(entry, staging.parent, reports, str(stalled))) from None


def _sizes(staging: Path) -> tuple[int, int]:
    """Bytes of the archives, and of all files, that lie below `staging` just now."""
    archived = written = 0
    for folder, _, names in os.walk(staging):
        for name in names:
            try:
                size = Path(folder, name).stat().st_size
            except FileNotFoundError:
                continue
            written += size
            archived += size if name.endswith(".gz") else 0
    return archived, written


def _failure(entry: CatalogEntry, data_dir: Path, reports: Sequence[MirrorReport], end: str | Ended) -> str:
    """`end` says what stalled, or how the child ended."""
    folder = one_line(data_dir / str(entry.folder) / "raw")
    return (
        f"{entry.name} could not be downloaded: {'; '.join(reasons_of(reports, end))}; "
        f"put the four archives of {entry.name} into {folder}, {mirror_hint()}, or take the dataset silhouettes"
    )


def _move_into_place(source: Path, target: Path) -> None:
    """Moves the folder, or each of its files where another stands there; a file is whole or not there."""
    try:
        try:
            source.rename(target)
        except OSError:
            (target / "raw").mkdir(parents=True, exist_ok=True)
            for file in (source / "raw").iterdir():
                file.replace(target / "raw" / file.name)
    except OSError as error:
        raise InputError(
            f"{one_line(target)}: cannot be written: {one_line(error.strerror or error)}; expected a folder"
        ) from None


def _remove_abandoned(data_dir: Path) -> None:
    """Removes what a download that was killed with its machine left behind a day ago or earlier."""
    for folder in data_dir.glob(f"{_PREFIX}*"):
        if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
