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
from engine.data.mirrors import MIRROR_VARIABLE, Failure, MirrorReport, Trying
from engine.processes.child import Child, Ended
from engine.verdicts.one_line import one_line

STALL_SECONDS = 30.0
# Importing torchvision is not a stalled download; on a cold disk it takes its time.
IMPORT_SECONDS = 120.0
_POLL_SECONDS = 0.1
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
    with Child[MirrorReport]("engine.data.mirrors", *arguments, says=MirrorReport) as child:
        try:
            yield from _watch(child, entry, staging, reports, stall_seconds)
        except Ended as ended:
            if ended.code:
                raise InputError(_failure(entry, staging.parent, reports, ended)) from None


def _watch(
    child: Child[MirrorReport], entry: CatalogEntry, staging: Path, reports: list[MirrorReport], stall_seconds: float
) -> Generator[Progress]:
    """Yields progress and gathers what the child says.

    Raises:
        Ended: the child is done, or has failed.
        InputError: nothing arrives.
    """
    seen, since = (-1, -1), time.monotonic()
    while True:
        archived, written = _sizes(staging)
        yield Progress("downloading", entry.name, min(archived, entry.archive_bytes), entry.archive_bytes, "bytes")
        begun = (staging / str(entry.folder)).exists()  # looked at before the report that comes with it is heard
        while (report := child.receive(_POLL_SECONDS)) is not None:
            reports.append(report)
        if seen != (written, len(reports)):
            seen, since = (written, len(reports)), time.monotonic()
        limit = stall_seconds if begun else max(stall_seconds, IMPORT_SECONDS)
        if time.monotonic() - since > limit:
            raise InputError(_failure(entry, staging.parent, reports, f"nothing arrived for {limit:g} s"))


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
    reasons = [report.line for report in reports if isinstance(report, Failure)]
    if isinstance(end, str):
        tried = [report.mirror for report in reports if isinstance(report, Trying)]
        reasons.append(f"{one_line(tried[-1])}: {end}" if tried else end)
    elif not reasons:
        reasons = [end.last_line or "the download ended without a message"]
    folder = one_line(data_dir / str(entry.folder) / "raw")
    mirror = f"correct or unset {MIRROR_VARIABLE}" if os.environ.get(MIRROR_VARIABLE) else f"set {MIRROR_VARIABLE}"
    return (
        f"{entry.name} could not be downloaded: {'; '.join(dict.fromkeys(reasons))}; "
        f"put the four archives of {entry.name} into {folder}, {mirror}, or take the dataset silhouettes"
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
