"""Fetches a dataset of the catalogue through torchvision, into a temporary folder and then into place."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import IO

from engine.contract.errors import InputError
from engine.contract.progress import Progress
from engine.data.catalog import CatalogEntry
from engine.data.mirrors import MIRROR_VARIABLE
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
        raise InputError(f"{entry.name} is drawn by this program: there is nothing to download")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(data_dir)
        work = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=data_dir))
    except OSError as error:
        raise InputError(
            f"{one_line(data_dir)}: cannot be written: {one_line(error.strerror or error)}; "
            f"expected a folder for {entry.name}"
        ) from None
    try:
        yield from _run_child(entry, work, stall_seconds)
        _move_into_place(work / entry.folder, data_dir / entry.folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run_child(entry: CatalogEntry, work: Path, stall_seconds: float) -> Generator[Progress, None, None]:
    """Lets the child download into `work` and watches it; the child never outlives this generator."""
    # A third for the child's own socket timeout: it then names the mirror that stalls, and tries the next.
    command = [
        sys.executable,
        "-P",
        "-m",
        "engine.data.mirrors",
        entry.name,
        str(work),
        str(stall_seconds / 3),
    ]
    with tempfile.TemporaryFile() as report, tempfile.TemporaryFile() as stderr:
        # A session of its own: ctrl+C is for the parent, which closes this generator when it wants to.
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=report, stderr=stderr, start_new_session=True)
        try:
            stalled = yield from _watch(child, entry, work, report, stall_seconds)
        finally:
            child.kill()
            child.communicate()
        if stalled or child.returncode != 0:
            raise InputError(_failure(entry, work.parent, stalled, report, stderr))


def _watch(
    child: "subprocess.Popen[bytes]", entry: CatalogEntry, work: Path, report: IO[bytes], stall_seconds: float
) -> Generator[Progress, None, str]:
    """Yields progress until the child ends; returns what stalled, or an empty string."""
    seen, since = (-1, -1), time.monotonic()
    while True:
        archived, written = _sizes(work)
        yield Progress("downloading", entry.name, min(archived, entry.archive_bytes), entry.archive_bytes, "bytes")
        reported = os.fstat(report.fileno()).st_size
        if seen != (written, reported):
            seen, since = (written, reported), time.monotonic()
        begun = (work / str(entry.folder)).exists()
        limit = stall_seconds if begun else max(stall_seconds, IMPORT_SECONDS)
        if time.monotonic() - since > limit:
            return f"nothing arrived for {limit:g} s"
        try:
            child.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return ""


def _sizes(work: Path) -> tuple[int, int]:
    """Bytes of the archives, and of all files, that lie below `work` just now."""
    archived = written = 0
    for folder, _, names in os.walk(work):
        for name in names:
            try:
                size = Path(folder, name).stat().st_size
            except FileNotFoundError:
                continue
            written += size
            archived += size if name.endswith(".gz") else 0
    return archived, written


def _failure(entry: CatalogEntry, data_dir: Path, stalled: str, report: IO[bytes], stderr: IO[bytes]) -> str:
    report.seek(0)
    stderr.seek(0)
    messages = [json.loads(line) for line in report.read().decode().splitlines()]
    reasons = [message["failed"] for message in messages if "failed" in message]
    if stalled:
        tried = [message["trying"] for message in messages if "trying" in message]
        reasons.append(f"{one_line(tried[-1])}: {stalled}" if tried else stalled)
    if not reasons:
        last = stderr.read().decode(errors="replace").strip().splitlines()[-1:]
        reasons = [one_line(last[0]) if last else "the download ended without a word"]
    folder = one_line(data_dir / str(entry.folder) / "raw")
    mirror = f"correct or unset {MIRROR_VARIABLE}" if os.environ.get(MIRROR_VARIABLE) else f"set {MIRROR_VARIABLE}"
    return (
        f"{entry.name} could not be downloaded: {'; '.join(dict.fromkeys(reasons))}; "
        f"put its four archives into {folder}, {mirror}, or take the dataset silhouettes"
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
