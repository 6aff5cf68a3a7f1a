"""Whether this machine ends a user's processes at logout, detached or not."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

_FILES = (Path("/usr/lib/systemd/logind.conf"), Path("/etc/systemd/logind.conf"))
_FOLDERS = ("/usr/lib/systemd/logind.conf.d", "/run/systemd/logind.conf.d", "/etc/systemd/logind.conf.d")
_RUNNING = Path("/run/systemd/system")  # there where systemd is the machine's init
_PATIENCE_SECONDS = 2.0


def what_ends_it() -> str:
    """What would end a detached process at logout, and what to do; "" where nothing known does."""
    if not _RUNNING.is_dir() or not _kills_user_processes(_configurations()):
        return ""
    user = _user()
    if user == "root" or _lingers(user):
        return ""
    return (
        f"This machine ends the processes of {user} at logout (KillUserProcesses=yes). "
        f"Before you log out, run: loginctl enable-linger {user}"
    )


def _kills_user_processes(texts: Iterable[str]) -> bool:
    """As logind.conf(5) has it: the last word counts, and without one the answer is no since systemd was built so."""
    kills = False
    for text in texts:
        section = ""
        for line in map(str.strip, text.splitlines()):
            if line.startswith("["):
                section = line
            name, equals, value = line.partition("=")
            if section == "[Login]" and equals and name.strip() == "KillUserProcesses":
                kills = value.strip().lower() in ("1", "yes", "true", "on")
    return kills


def _configurations() -> Iterable[str]:
    drops = {path.name: path for folder in _FOLDERS for path in sorted(Path(folder).glob("*.conf"))}
    for path in (*_FILES, *(drops[name] for name in sorted(drops))):
        try:
            yield path.read_text(errors="replace")
        except OSError:  # not there, or not ours to read
            continue


def _lingers(user: str) -> bool:
    """What loginctl says, "" where there is none."""
    command = shutil.which("loginctl")
    if command is None:
        return False
    try:
        told = subprocess.run(
            [command, "show-user", user, "--property=Linger", "--value"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.stdout.strip() == "yes"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
