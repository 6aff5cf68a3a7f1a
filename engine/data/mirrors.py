"""The child process of a download: `python -P -m engine.data.mirrors NAME FOLDER SECONDS`.

It has torchvision fetch the archives of the dataset NAME into FOLDER, from one mirror after the other and with
torchvision's own checksums, and says what it tries and what failed. Exit code 0 means that all files are in FOLDER. It
is a process of its own because torchvision takes seconds to import, knows no timeout and cannot be interrupted. Where
whoever started it ends, it clears FOLDER and leaves.
"""

import ast
import http.client
import importlib.util
import os
import shutil
import socket
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from engine.data.catalog import CatalogEntry, entry_of
from engine.processes.child import Ended
from engine.processes.parent import Parent
from engine.verdicts.one_line import one_line

MIRROR_VARIABLE = "SOFTMAX_TUI_MIRROR"
_PORTS = {"http": 80, "https": 443}


class Trying(Struct, frozen=True, tag=True):
    """The mirror that is asked next."""

    mirror: str


class Failure(Struct, frozen=True, tag=True):
    """Why a mirror has not delivered, in one line."""

    line: str


class Size(Struct, frozen=True, tag=True):
    """How many bytes the file has that is downloaded."""

    bytes: int


MirrorReport = Trying | Failure | Size
_Tell = Callable[[MirrorReport], None]


def main(arguments: Sequence[str]) -> int:
    """Downloads and returns the exit code; an error that is no mirror's ends in a traceback on stderr."""
    name, folder, seconds = arguments
    tell = Parent[None](None, at_end=partial(_clear, folder)).send
    socket.setdefaulttimeout(float(seconds))
    entry = entry_of(name)
    reachable = [mirror for mirror in _mirrors(entry) if can_be_reached(mirror, tell)]
    return 0 if reachable and _download(entry, reachable, folder, tell) else 1


def _clear(folder: str) -> None:
    """Removes the folder, also while torchvision still writes into it; what cannot be removed stays."""
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return


def _mirrors(entry: CatalogEntry) -> list[str]:
    """Where to ask: the user's own mirror, laid out like a data folder or flat, else torchvision's."""
    own = os.environ.get(MIRROR_VARIABLE)
    if own:
        address = own.rstrip("/")
        return [f"{address}/{entry.folder}/raw/", f"{address}/"]
    return torchvision_mirrors(str(entry.torchvision_class))


def torchvision_mirrors(class_name: str) -> list[str]:
    """The `mirrors` of a torchvision class, read from its source: importing it takes seconds."""
    package = importlib.util.find_spec("torchvision")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("torchvision is not installed, but downloads need it")
    source = Path(package.origin).with_name("datasets") / "mnist.py"
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            for statement in node.body:
                if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "mirrors":
                    return [str(mirror) for mirror in ast.literal_eval(statement.value)]
    raise LookupError(f"torchvision's {class_name} names no mirrors")


def reasons_of(reports: Sequence[MirrorReport], end: str | Ended) -> list[str]:
    """Why nothing was downloaded, each reason once; `end` says what stalled, or how the child ended."""
    reasons = [report.line for report in reports if isinstance(report, Failure)]
    if isinstance(end, str):
        tried = [report.mirror for report in reports if isinstance(report, Trying)]
        reasons.append(f"{one_line(tried[-1])}: {end}" if tried else end)
    elif not reasons:
        reasons = [end.last_line or "the download ended without a message"]
    return list(dict.fromkeys(reasons))


def mirror_hint() -> str:
    """What to do about the mirror."""
    return f"correct or unset {MIRROR_VARIABLE}" if os.environ.get(MIRROR_VARIABLE) else f"set {MIRROR_VARIABLE}"


def can_be_reached(mirror: str, tell: _Tell) -> bool:
    """Whether the mirror's machine answers: without a network, known before torchvision is imported."""
    tell(Trying(mirror))
    parts = urllib.parse.urlsplit(mirror)
    if parts.scheme not in _PORTS or not parts.hostname:
        tell(Failure(f"{one_line(mirror)} is not an address, expected http://… or https://…"))
        return False
    if parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(parts.hostname):
        return True
    try:
        socket.create_connection((parts.hostname, parts.port or _PORTS[parts.scheme])).close()
    except (OSError, ValueError) as error:
        tell(Failure(f"{one_line(mirror)}: {one_line(error)}"))
        return False
    return True


def _download(entry: CatalogEntry, mirrors: list[str], folder: str, tell: _Tell) -> bool:
    """Whether one of `mirrors` had every archive; archives that an earlier one had are kept."""
    import torchvision

    dataset_class = getattr(torchvision.datasets, str(entry.torchvision_class))
    for mirror in mirrors:
        tell(Trying(mirror))
        dataset_class.mirrors = [mirror]
        try:
            dataset_class(folder, download=True)
        except (RuntimeError, OSError, ValueError, http.client.HTTPException) as error:
            tell(Failure(f"{one_line(mirror)}: {_reason(error)}"))
        else:
            return True
    return False


def _reason(error: Exception) -> str:
    """One line. torchvision's own errors are several, of which the last says why, and one says two things."""
    last = (str(error).strip() or type(error).__name__).splitlines()[-1]
    if last == "File not found or corrupted.":
        return "the download is incomplete or has the wrong checksum"
    return one_line(last)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
