"""The child process of a download: `python -P -m engine.data.mirrors NAME FOLDER SECONDS`.

It has torchvision fetch the archives of the dataset NAME into FOLDER, from one mirror after the other and
with torchvision's own checksums, and writes JSON lines to stdout: {"trying": mirror}, {"failed": one line}.
Exit code 0 means that all files are in FOLDER. It is a process of its own because torchvision takes seconds
to import, knows no timeout and cannot be interrupted. Its stdin is a lifeline: when it ends, the child clears
FOLDER and leaves.
"""

import ast
import http.client
import importlib.util
import json
import os
import shutil
import socket
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from engine.data.catalog import CatalogEntry, entry_of
from engine.verdicts.one_line import one_line

MIRROR_VARIABLE = "SOFTMAX_TUI_MIRROR"
_PORTS = {"http": 80, "https": 443}


def main(arguments: Sequence[str]) -> int:
    """Downloads and returns the exit code; an error that is no mirror's ends in a traceback on stderr."""
    # Libraries print; what they print must not stand between the lines that the parent reads.
    report = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    name, folder, seconds = arguments
    threading.Thread(target=_leave_with_parent, args=(folder,), daemon=True).start()
    socket.setdefaulttimeout(float(seconds))
    entry = entry_of(name)
    reachable = [mirror for mirror in _mirrors(entry) if _can_be_reached(mirror, report)]
    return 0 if reachable and _download(entry, reachable, folder, report) else 1


def _leave_with_parent(folder: str) -> None:
    while os.read(0, 1024):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


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


def _can_be_reached(mirror: str, report: TextIO) -> bool:
    """Whether the mirror's machine answers: without a network, known before torchvision is imported."""
    _tell(report, trying=mirror)
    parts = urllib.parse.urlsplit(mirror)
    if parts.scheme not in _PORTS or not parts.hostname:
        _tell(report, failed=f"{one_line(mirror)} is no address, expected http://… or https://…")
        return False
    if parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(parts.hostname):
        return True
    try:
        socket.create_connection((parts.hostname, parts.port or _PORTS[parts.scheme])).close()
    except (OSError, ValueError) as error:
        _tell(report, failed=f"{one_line(mirror)}: {one_line(error)}")
        return False
    return True


def _download(entry: CatalogEntry, mirrors: list[str], folder: str, report: TextIO) -> bool:
    """Whether one of `mirrors` had every archive; archives that an earlier one had are kept."""
    import torchvision

    dataset_class = getattr(torchvision.datasets, str(entry.torchvision_class))
    for mirror in mirrors:
        _tell(report, trying=mirror)
        dataset_class.mirrors = [mirror]
        try:
            dataset_class(folder, download=True)
        except (RuntimeError, OSError, ValueError, http.client.HTTPException) as error:
            _tell(report, failed=f"{one_line(mirror)}: {_reason(error)}")
        else:
            return True
    return False


def _reason(error: Exception) -> str:
    """One line. torchvision's own errors are several, of which the last says why, and one says two things."""
    last = (str(error).strip() or type(error).__name__).splitlines()[-1]
    if last == "File not found or corrupted.":
        return "what was sent is cut off or has the wrong checksum"
    return one_line(last)


def _tell(report: TextIO, **message: str) -> None:
    print(json.dumps(message), file=report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
