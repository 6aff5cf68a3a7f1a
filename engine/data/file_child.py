"""The child process of a download of one file: `python -P -m engine.data.file_child ALGORITHM CHECKSUM FILE …`.

The other arguments are the most bytes that FILE may have, the seconds after which a silent server is given up, and the
addresses that are tried one after the other. What arrives lies beside FILE until it is whole and has its checksum. It
is kept when a server breaks off: the next attempt asks for the rest. Exit code 0 means that FILE is in place.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import re
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from engine.data.mirrors import Failure, MirrorReport, Size, can_be_reached
from engine.data.published import checksum_of
from engine.processes.parent import Parent
from engine.verdicts.one_line import one_line

_PIECE = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_NOT_SATISFIABLE = 416

Tell = Callable[[MirrorReport], None]


def part_of(file: Path) -> Path:
    """Where what has arrived of a file lies."""
    return file.with_name(f".{file.name}.part")


def main(arguments: Sequence[str]) -> int:
    """Downloads and returns the exit code."""
    algorithm, checksum, name, most, seconds, *addresses = arguments
    assert algorithm in ("md5", "sha1")
    tell = Parent[None](None).send
    socket.setdefaulttimeout(float(seconds))
    file = Path(name)
    with _part(file) as (path, part):
        for address in addresses:
            if not can_be_reached(address, tell):
                continue
            try:
                _receive(address, part, int(most), tell)
            except (OSError, ValueError, http.client.HTTPException) as error:
                tell(Failure(f"{one_line(address)}: {_reason(error)}"))
                continue
            part.flush()
            found = checksum_of(path, algorithm)  # type: ignore[arg-type]
            if found == checksum:
                path.replace(file)
                return 0
            part.truncate(0)
            tell(Failure(f"{one_line(address)}: {algorithm.upper()} is {found}, expected {checksum}"))
    return 1


@contextlib.contextmanager
def _part(file: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """What has arrived of the file, open for more; a part of its own where another download has the common one."""
    common = part_of(file)
    part = common.open("ab")
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        part.close()
        own = common.with_suffix(f".{os.getpid()}.part")
        with own.open("ab") as alone:
            try:
                yield own, alone
            finally:
                own.unlink(missing_ok=True)
        return
    with part:
        try:
            yield common, part
        finally:
            if common.exists() and not common.stat().st_size:
                common.unlink()


def _receive(address: str, part: IO[bytes], most: int, tell: Tell) -> None:
    """Appends what is missing of the file; raises OSError, ValueError or HTTPException where that fails."""
    have = part.seek(0, os.SEEK_END)
    request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        if error.code == _NOT_SATISFIABLE and have:  # nothing is missing, or it is another file: the checksum tells
            return
        raise
    with response:
        found = _RANGE.fullmatch(response.headers.get("Content-Range") or "")
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT and found is not None and int(found[1]) == have
        if not resumed:
            part.truncate(0)
            have = 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length and length.isdecimal() else None
        if total is not None:
            _expect_at_most(total, most)
            tell(Size(total))
        while piece := response.read(_PIECE):
            have += len(piece)
            _expect_at_most(have, most)
            part.write(piece)
            part.flush()
    if total is not None and have != total:
        raise ValueError(f"the server broke off after {have:,} of {total:,} bytes")


def _expect_at_most(found: int, most: int) -> None:
    if found > most:
        raise ValueError(f"found {found:,} bytes or more, expected at most {most:,}")


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP error {error.code}: {one_line(error.reason)}"
    cause: Any = error.reason if isinstance(error, urllib.error.URLError) else error
    return one_line(cause) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
