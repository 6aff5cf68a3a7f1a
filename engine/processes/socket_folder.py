"""Where detached workers listen: Unix sockets in a folder that is the user's alone.

The folder lies under the system's temporary folder, for the session's runtime folder vanishes at logout.
"""

from __future__ import annotations

import os
import secrets
import socket
import stat
import struct
import tempfile
import time
from pathlib import Path

from engine.contract.errors import InputError
from engine.verdicts.one_line import one_line

_LONGEST_PATH = 103  # bytes, of a Unix socket: BSD and macOS have 104 with the zero at its end
_PRIVATE = 0o700
_AT_ONCE = 64  # that may wait to be accepted
_RETRY_SECONDS = 0.01
_CREDENTIALS = "3i"  # of SO_PEERCRED, unix(7): pid, uid, gid


def own_folder() -> Path:
    """The folder, made where there is none.

    Raises:
        InputError: something else is in its place, or it belongs to somebody else, or others may enter it.
    """
    folder = _place()
    try:
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
    except FileExistsError:
        pass  # no folder: that is told below
    except OSError as error:
        raise InputError(f"{one_line(folder)}: found {error.strerror}, expected a folder that can be made") from error
    check_private(folder)
    return folder


def check_private(folder: Path) -> None:
    """Raises InputError for what is no folder, not this user's, or open to others. No link is followed."""
    try:
        found = os.lstat(folder)
    except OSError as error:
        raise InputError(f"{one_line(folder)}: found {error.strerror}, expected a folder") from error
    if not stat.S_ISDIR(found.st_mode):
        what = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "no folder"
        raise InputError(f"{one_line(folder)}: found {what}, expected a folder: remove it, or set TMPDIR")
    if found.st_uid != os.geteuid():
        owner, user = found.st_uid, os.geteuid()
        raise InputError(f"{one_line(folder)}: found a folder of user {owner}, expected one of user {user}: set TMPDIR")
    if (mode := stat.S_IMODE(found.st_mode)) & 0o077:
        raise InputError(f"{one_line(folder)}: found mode {mode:04o}, expected 0700: chmod 700 mends it")


def listening() -> tuple[socket.socket, Path]:
    """A socket of this process that listens, and its path, which no other process has had.

    Raises:
        InputError: as `own_folder` does, or the socket cannot be made.
    """
    path = own_folder() / f"{os.getpid()}-{secrets.token_hex(3)}"
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        server.bind(str(path))
        path.chmod(0o600)
        server.listen(_AT_ONCE)
    except OSError as error:
        server.close()
        raise InputError(f"{path}: found {error.strerror or error}, expected a socket to listen on") from error
    return server, path


def connected(path: Path, seconds: float = 5.0) -> socket.socket:
    """A connection to a worker of this user's.

    Raises:
        InputError: the folder or the process behind the socket is somebody else's.
        ConnectionError, FileNotFoundError: nobody listens there.
        BlockingIOError: so many wait to be let in that none was for so many seconds.
    """
    check_private(path.parent)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _connect(client, path, time.monotonic() + seconds)
        expect_same_user(client)
    except BaseException:
        client.close()
        raise
    return client


def _connect(client: socket.socket, path: Path, deadline: float) -> None:
    client.setblocking(False)  # where many wait already, a Unix socket says so at once
    while True:
        try:
            client.connect(str(path))
            client.setblocking(True)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)


def expect_same_user(connection: socket.socket) -> None:
    """Raises InputError where another user is at the other end. Linux alone tells; elsewhere the folder guards."""
    if not hasattr(socket, "SO_PEERCRED"):
        return
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize(_CREDENTIALS))
    _, user, _ = struct.unpack(_CREDENTIALS, told)
    if user != os.geteuid():
        raise InputError(f"socket: found user {user} at the other end, expected user {os.geteuid()}")


def _place() -> Path:
    """Short enough that every socket in it has a path that a Unix socket can have."""
    for above in (tempfile.gettempdir(), "/tmp"):
        folder = Path(above) / f"softmax-tui-{os.geteuid()}"
        if len(os.fsencode(folder / "4194304-000000")) <= _LONGEST_PATH:
            return folder
    raise InputError(f"{one_line(folder)}: found a path of too many bytes for a socket, expected a shorter TMPDIR")
