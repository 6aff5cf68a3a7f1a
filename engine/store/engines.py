"""Which workers go on without a terminal: `engines/<host>-<pid>.json` of a store says where each listens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.contract.answers import DamagedListed, RunSummary
from engine.contract.errors import InputError
from engine.store.files import shown, write_whole
from engine.store.owner import Owner, is_here, is_there

Listed = RunSummary | DamagedListed
_NO_NAME = re.compile(r"[^A-Za-z0-9.-]")


class DetachedEngine(Struct, frozen=True, kw_only=True):
    """A worker that outlives its terminal. `socket` is a path on the owner's host; the log lies in the store."""

    owner: Owner
    socket: str
    log: str


def with_detached(store: Path, runs: Sequence[Listed]) -> list[Listed]:
    """The runs; of those that are running, the ones in the background are marked."""
    if not any(isinstance(run, RunSummary) and run.status == "running" for run in runs):
        return list(runs)
    detached = {(engine.owner.host, engine.owner.pid) for engine in EngineFiles(store).there()}
    return [
        replace(run, detached=True) if isinstance(run, RunSummary) and (run.host, run.pid) in detached else run
        for run in runs
    ]


class EngineFiles:
    """The detached workers of a store's folder."""

    def __init__(self, store: Path) -> None:
        self._folder = store / "engines"

    def log_path(self, owner: Owner) -> Path:
        """Where a worker writes what it would have written on its terminal; the folder is made.

        Raises:
            InputError: the folder cannot be made.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{shown(self._folder)}: found {error.strerror}, expected a folder to write to") from error
        return self._path(owner).with_suffix(".log").absolute()

    def save(self, engine: DetachedEngine) -> None:
        """Raises InputError where the file cannot be written."""
        write_whole(self._path(engine.owner), msgspec.json.encode(engine))

    def remove(self, engine: DetachedEngine) -> None:
        """It has ended, or is about to. A log that says nothing goes, too."""
        with suppress(OSError):  # the folder is gone, or read-only
            self._path(engine.owner).unlink(missing_ok=True)
            if is_here(engine.owner):
                Path(engine.socket).unlink(missing_ok=True)
            log = Path(engine.log)
            if log.exists() and not log.stat().st_size:
                log.unlink()

    def there(self) -> list[DetachedEngine]:
        """Those that still run, the newest first, and those of other hosts. What dead ones have left is removed."""
        found = [*self._read()]
        for engine in found:
            if not is_there(engine.owner):
                self.remove(engine)
        return [engine for engine in found if is_there(engine.owner)]

    def of(self, owner: Owner) -> DetachedEngine | None:
        """The worker that is this process; None for one that is not detached, or has ended."""
        return next((engine for engine in self.there() if engine.owner == owner), None)

    def _read(self) -> Iterator[DetachedEngine]:
        try:
            paths = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        except OSError:  # no worker of this store was ever detached, or one ends just now
            return
        for path in paths:
            with suppress(OSError, ValueError):  # ends just now; or is none of ours
                yield msgspec.json.decode(path.read_bytes(), type=DetachedEngine)

    def _path(self, owner: Owner) -> Path:
        return self._folder / f"{_NO_NAME.sub('_', owner.host)[:100]}-{owner.pid}.json"
